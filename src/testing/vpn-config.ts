/** The configuration of a VPN session: a text, a URI or an object, depending on the kind of relay. */
import type { VpnProtocol, VpnSubkind } from '../../generated/models.ts';
import type { Random } from './random.ts';

/** The input for a configuration. */
export interface VpnEndpoint {
  readonly ip: string;
  readonly subkind: string;
  readonly protocol: string;
  readonly random: Random;
}

export const subkinds = ['wg', 'openvpn', 'ss', 'v2ray', 'http_proxy'] as const satisfies readonly VpnSubkind[];
export const protocols = ['trojan', 'vmess', 'vless'] as const satisfies readonly VpnProtocol[];

/** A text that looks like a key of 32 bytes, but is not one. */
function fakeKey(random: Random): string {
  return btoa(random.hex(32)).slice(0, 43).padEnd(44, '=');
}

function wireguard({ ip, random }: VpnEndpoint): string {
  return [
    '[Interface]',
    `PrivateKey = ${fakeKey(random)}`,
    `Address = 10.66.0.${random.integer(2, 254)}/32`,
    'DNS = 1.1.1.1',
    'MTU = 1420',
    '',
    '[Peer]',
    `PublicKey = ${fakeKey(random)}`,
    'AllowedIPs = 0.0.0.0/0, ::/0',
    `Endpoint = ${ip}:51820`,
    'PersistentKeepalive = 25',
    '',
  ].join('\n');
}

function openvpn({ ip, random }: VpnEndpoint): string {
  return [
    'client',
    'dev tun',
    'proto udp',
    `remote ${ip} 1194`,
    'nobind',
    'persist-key',
    '<ca>',
    '-----BEGIN CERTIFICATE-----',
    fakeKey(random),
    '-----END CERTIFICATE-----',
    '</ca>',
    '',
  ].join('\n');
}

function v2ray({ ip, protocol, random }: VpnEndpoint): string {
  const user = random.uuid();
  if (protocol === 'vmess') {
    return `vmess://${btoa(JSON.stringify({ v: '2', ps: 'octa', add: ip, port: '443', id: user, net: 'tcp' }))}`;
  }
  return protocol === 'vless'
    ? `vless://${user}@${ip}:443?encryption=none&type=tcp#octa`
    : `trojan://${user}@${ip}:443?type=tcp#octa`;
}

/** The configuration of a relay once it is ready. */
export function vpnConfig(endpoint: VpnEndpoint): string | { readonly ip: string; readonly port: number } {
  const { ip, subkind, random } = endpoint;
  if (subkind === 'openvpn') return openvpn(endpoint);
  if (subkind === 'ss') return `ss://${btoa(`aes-256-gcm:${random.hex(16)}`)}@${ip}:8388#octa`;
  if (subkind === 'v2ray') return v2ray(endpoint);
  return subkind === 'http_proxy' ? { ip, port: 3128 } : wireguard(endpoint);
}
