/** Can a session be used? */
import type { ServiceInfo, VpnSubkind } from '../../generated/models.ts';
import type { Caller } from '../core/call-types.ts';
import type { Check } from '../core/checks.ts';
import type { LeaseFacts } from './lease.ts';

/** Texts that mean ready. The vocabulary is open, so a text that merely contains one of them means nothing. */
const readyTexts = new Set(['service configured', 'configured', 'running', 'ready']);

const vpnKinds = new Set<string>(['wg', 'openvpn', 'ss', 'v2ray', 'http_proxy'] satisfies readonly VpnSubkind[]);

/** Whether it is a VPN session; the API may leave the service of those empty. */
export function isVpn({ service, kind }: Pick<ServiceInfo, 'service' | 'kind'>): boolean {
  return service === 'vpn' || (!service && kind !== undefined && vpnKinds.has(kind));
}

function hasConfig({ config }: ServiceInfo): boolean {
  if (typeof config === 'string') return config.trim() !== '';
  return typeof config === 'object' && config !== null && Object.keys(config).length > 0;
}

/** What has to be there besides the state: a status alone, or the addresses that were ordered as well. */
export type ReadyWhen = 'usable' | 'status';

function hasAddress({ ssh_direct, ssh_proxy, ports_matrix = {} }: ServiceInfo): boolean {
  const isThere = (place: ServiceInfo['ssh_direct']) => Boolean(place?.host && place.port);
  return isThere(ssh_direct) || isThere(ssh_proxy) || Object.keys(ports_matrix).length > 0;
}

/** Whether the state of a session says that it is ready; a VPN session is with its `config`. */
export function isConfigured(info: ServiceInfo, { service }: LeaseFacts): boolean {
  if (service === undefined ? isVpn(info) : service === 'vpn') return hasConfig(info);
  return info.is_ready === true || readyTexts.has(info.progress?.trim().toLowerCase() ?? '');
}

/** Whether a session can be used: it is ready, and has the addresses that were ordered, as far as the order is known. */
export function isUsable(info: ServiceInfo, facts: LeaseFacts, when: ReadyWhen): boolean {
  if (!isConfigured(info, facts)) return false;
  if (when === 'status') return true;
  const { ports = false, httpPorts = false } = facts;
  return (!ports || hasAddress(info)) && (!httpPorts || Object.keys(info.urls ?? {}).length > 0);
}

/** A request to an HTTP port of the session. */
export interface HttpProbe {
  /** What is asked for, and what counts as an answer. */
  readonly http: {
    /** One of the `http_ports` of the order; the session's `urls` have its address. */
    readonly port: number;
    /** Path to ask for. Default `/`. */
    readonly path?: string | undefined;
    /** Status that counts as an answer. Default: any below 500. */
    readonly status?: number | undefined;
  };
}

/** Tries whether a session answers: resolves to false, or rejects, as long as it does not. */
export type ProbeFunction = (
  info: ServiceInfo,
  options: { readonly signal: AbortSignal },
) => boolean | Promise<boolean>;

/** How to try whether a session answers, beyond what the API says of it. */
export type Probe = HttpProbe | ProbeFunction;

/** Longest wait for one answer to a probe. Unit: ms. */
const probeTimeoutMs = 5_000;

/** What a probe may be. */
export const aProbe: Check = (value) => {
  if (typeof value === 'function') return undefined;
  const port: unknown = Object(Object(value).http).port;
  return Number.isInteger(port)
    ? undefined
    : 'a function, or an object such as { http: { port: 8080, path: "/health" } }';
};

async function probeHttp({ http }: HttpProbe, info: ServiceInfo, { caller, signal }: ProbeTools): Promise<boolean> {
  const { port, path = '/', status } = http;
  const url = info.urls?.[port];
  if (url === undefined) throw new Error(`the session has no URL for port ${port} yet`);
  const response = await caller.fetch(new URL(path, url).href, { method: 'GET', redirect: 'manual', signal });
  await response.body?.cancel();
  const answered = status === undefined ? response.status < 500 : response.status === status;
  if (!answered) throw new Error(`port ${port} answered with status ${response.status}`);
  return true;
}

interface ProbeTools {
  readonly caller: Caller;
  readonly signal: AbortSignal;
}

/** Carries out a probe once; gives what it saw instead of an answer, or undefined when the session answered. */
export async function tryProbe(probe: Probe, info: ServiceInfo, caller: Caller): Promise<unknown> {
  const controller = new AbortController();
  const { signal } = controller;
  const ran = async () =>
    typeof probe === 'function' ? probe(info, { signal }) : probeHttp(probe, info, { caller, signal });
  const done = new AbortController();
  const late = caller.time.sleep(probeTimeoutMs, { signal: done.signal, purpose: 'limit' }).then(() => {
    throw new Error(`no answer within ${probeTimeoutMs} ms`);
  });
  try {
    return (await Promise.race([ran(), late]))
      ? undefined
      : new Error('the probe says that the session does not answer yet');
  } catch (error) {
    return error ?? new Error('the probe failed');
  } finally {
    controller.abort();
    done.abort();
    late.catch(() => undefined);
  }
}
