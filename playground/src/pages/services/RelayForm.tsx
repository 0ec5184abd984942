import { Select, Stack } from '@mantine/core';
import type { StartVpnOptions, VpnProtocol, VpnSubkind } from '@octaspace/sdk';
import { type FormEvent, useState } from 'react';
import type { Offer } from './offers.ts';
import { StartButton } from './StartButton.tsx';
import { useRental } from './use-rental.ts';

const subkinds: Readonly<Record<VpnSubkind, string>> = {
  wg: 'WireGuard',
  openvpn: 'OpenVPN',
  ss: 'Shadowsocks',
  v2ray: 'V2Ray',
  http_proxy: 'HTTP proxy',
};
const protocols: Readonly<Record<VpnProtocol, string>> = { trojan: 'Trojan', vmess: 'VMess', vless: 'VLESS' };

function choices(names: Readonly<Record<string, string>>): { value: string; label: string }[] {
  return Object.entries(names).map(([value, label]) => ({ value, label }));
}

function isIn<Name extends string>(names: Readonly<Record<Name, string>>, value: string | null): value is Name {
  return value !== null && Object.hasOwn(names, value);
}

/** Settings of a VPN relay. Only V2Ray has a choice of protocols. */
export function RelayForm({ offer }: { readonly offer: Offer }) {
  const [subkind, setSubkind] = useState<VpnSubkind>('wg');
  const [protocol, setProtocol] = useState<VpnProtocol>('trojan');
  const rental = useRental((client, settings: StartVpnOptions) => client.services.vpn.start(settings));
  const node = { node_id: offer.nodeId };
  const settings: StartVpnOptions = subkind === 'v2ray' ? { ...node, subkind, protocol } : { ...node, subkind };
  const start = (event: FormEvent) => {
    event.preventDefault();
    rental.mutate(settings);
  };
  return (
    <Stack component="form" onSubmit={start} gap="sm">
      <Select
        label="Kind"
        data={choices(subkinds)}
        value={subkind}
        allowDeselect={false}
        onChange={(value) => isIn(subkinds, value) && setSubkind(value)}
      />
      {subkind === 'v2ray' && (
        <Select
          label="Protocol"
          data={choices(protocols)}
          value={protocol}
          allowDeselect={false}
          onChange={(value) => isIn(protocols, value) && setProtocol(value)}
        />
      )}
      <StartButton rental={rental} code={rental.code(settings)} />
    </Stack>
  );
}
