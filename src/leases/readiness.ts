/** Decides whether a session can be used. */
import type { ServiceInfo, VpnSubkind } from '../../generated/models.ts';
import type { Caller } from '../core/call-types.ts';
import type { Check } from '../core/checks.ts';
import type { LeaseFacts } from './lease.ts';

/** Texts that mean ready. The API may use others, so only an exact match counts. */
const readyTexts = new Set(['service configured', 'configured', 'running', 'ready']);

const vpnKinds = new Set<string>(['wg', 'openvpn', 'ss', 'v2ray', 'http_proxy'] satisfies readonly VpnSubkind[]);

/** Whether it is a VPN session; the API may leave `service` of those empty. */
export function isVpn({ service, kind }: Pick<ServiceInfo, 'service' | 'kind'>): boolean {
  return service === 'vpn' || (!service && kind !== undefined && vpnKinds.has(kind));
}

function hasConfig({ config }: ServiceInfo): boolean {
  if (typeof config === 'string') return config.trim() !== '';
  return typeof config === 'object' && config !== null && Object.keys(config).length > 0;
}

/** What counts as ready: the state alone (`status`), or the state and the ordered addresses (`usable`). */
export type ReadyWhen = 'usable' | 'status';

function hasAddress({ ssh_direct, ssh_proxy, ports_matrix = {} }: ServiceInfo): boolean {
  const isThere = (place: ServiceInfo['ssh_direct']) => Boolean(place?.host && place.port);
  return isThere(ssh_direct) || isThere(ssh_proxy) || Object.keys(ports_matrix).length > 0;
}

/** Whether the state of a session is ready; for a VPN session, whether it has its `config`. */
export function isConfigured(info: ServiceInfo, { service }: LeaseFacts): boolean {
  if (service === undefined ? isVpn(info) : service === 'vpn') return hasConfig(info);
  return info.is_ready === true || readyTexts.has(info.progress?.trim().toLowerCase() ?? '');
}

/** Whether a session can be used: it is ready, and has the ordered addresses, as far as the order is known. */
export function isUsable(info: ServiceInfo, facts: LeaseFacts, when: ReadyWhen): boolean {
  if (!isConfigured(info, facts)) return false;
  if (when === 'status') return true;
  const { ports = false, httpPorts = false } = facts;
  return (!ports || hasAddress(info)) && (!httpPorts || Object.keys(info.urls ?? {}).length > 0);
}

/** A request to an HTTP port of the session. */
export interface HttpProbe {
  /** The request, and the response that counts as success. */
  readonly http: {
    /** One of the `http_ports` of the order; the URL comes from `urls` of the session. */
    readonly port: number;
    /** Path of the request. Default `/`. */
    readonly path?: string | undefined;
    /** Status that counts as success. Default: any below 500. */
    readonly status?: number | undefined;
  };
}

/** Tests whether a session responds. Resolves to false, or rejects, until it does. */
export type ProbeFunction = (
  info: ServiceInfo,
  options: { readonly signal: AbortSignal },
) => boolean | Promise<boolean>;

/** How to test whether a session responds, in addition to its state in the API. */
export type Probe = HttpProbe | ProbeFunction;

/** Longest wait for one response to a probe. Unit: ms. */
const probeTimeoutMs = 5_000;

/** Check of a probe. */
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
  if (!answered) throw new Error(`port ${port} responded with status ${response.status}`);
  return true;
}

interface ProbeTools {
  readonly caller: Caller;
  readonly signal: AbortSignal;
}

/** Runs a probe once. Returns the failure, or undefined if the session responded. */
export async function tryProbe(probe: Probe, info: ServiceInfo, caller: Caller): Promise<unknown> {
  const controller = new AbortController();
  const { signal } = controller;
  const ran = async () =>
    typeof probe === 'function' ? probe(info, { signal }) : probeHttp(probe, info, { caller, signal });
  const late = () => {
    throw new Error(`no response within ${probeTimeoutMs} ms`);
  };
  try {
    return (await caller.time.orLate(ran(), probeTimeoutMs, late))
      ? undefined
      : new Error('the probe returned false: the session does not respond yet');
  } catch (error) {
    return error ?? new Error('the probe failed');
  } finally {
    controller.abort();
  }
}
