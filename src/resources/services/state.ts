/** What the state of a session means. */
import type { ServiceInfo, VpnSubkind } from '../../../generated/models.ts';
import type { LiveSession } from './live-session.ts';

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

/** Whether a session can be used: a VPN session when it has a `config`, any other when it, or its progress, says so. */
export function isReady(info: ServiceInfo, known: LiveSession['service']): boolean {
  if (known === undefined ? isVpn(info) : known === 'vpn') return hasConfig(info);
  return info.is_ready === true || readyTexts.has(info.progress?.trim().toLowerCase() ?? '');
}

/**
 * Whether a record says of its session that it is over. A time before 1970 is how some languages write none, and a reason of 0,
 * which is the normal one, says nothing by itself: taking a live session for one that ended would stop every rental.
 */
export function hasEnded({ finished_at = 0, termination_reason = 0 }: ServiceInfo): boolean {
  return finished_at > 0 || termination_reason > 0;
}
