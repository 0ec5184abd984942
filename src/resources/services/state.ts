/** What the state of a session means. */
import type { ServiceInfo, VpnSubkind } from '../../../generated/models.ts';
import type { LiveSession } from './live-session.ts';

/** Texts that mean ready. The vocabulary is open, so a text that merely contains one of them means nothing. */
const readyTexts = new Set(['service configured', 'configured', 'running', 'ready']);

const vpnKinds = new Set<string>(['wg', 'openvpn', 'ss', 'v2ray', 'http_proxy'] satisfies readonly VpnSubkind[]);

/** Whether it is a VPN session; the API may leave the service of those empty. */
function isVpn({ service, kind }: ServiceInfo, known: LiveSession['service']): boolean {
  if (known !== undefined) return known === 'vpn';
  return service === 'vpn' || (!service && kind !== undefined && vpnKinds.has(kind));
}

function hasConfig({ config }: ServiceInfo): boolean {
  return typeof config === 'string' ? config.trim() !== '' : typeof config === 'object' && config !== null;
}

/** Whether a session can be used: a VPN session when it has a `config`, any other when it, or its progress, says so. */
export function isReady(info: ServiceInfo, known: LiveSession['service']): boolean {
  if (isVpn(info, known)) return hasConfig(info);
  return info.is_ready === true || readyTexts.has(info.progress?.trim().toLowerCase() ?? '');
}

/** Whether a record says of its session that it is over. */
export function hasEnded({ finished_at, termination_reason }: ServiceInfo): boolean {
  return finished_at !== undefined || termination_reason !== undefined;
}
