/**
 * Opens a VPN session and writes the configuration for WireGuard; closes it again on Ctrl-C, or after a while.
 *
 *   OCTA_API_KEY=… npx tsx examples/vpn-wireguard.ts [--country PL] [--file octa.conf] [--seconds 3600]
 *
 * Then, elsewhere: wg-quick up ./octa.conf
 */
import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { formatOcta, OctaClient } from '@octaspace/sdk';

const { values } = parseArgs({
  options: {
    country: { type: 'string' },
    file: { type: 'string', default: 'octa.conf' },
    seconds: { type: 'string', default: '3600' },
  },
});
const seconds = Number(values.seconds);

const controller = new AbortController();
process.once('SIGINT', () => controller.abort(new Error('interrupted')));
const { signal } = controller;

const client = OctaClient.fromEnv();
const relays = await client.services.vpn.find({ country: values.country });
if (relays.length === 0) throw new Error(`there is no relay in ${values.country}`);

await using session = await client.services.vpn.rent(
  { candidates: relays.slice(0, 5), subkind: 'wg' },
  { signal, maxDurationMs: seconds * 1000 + 60_000 },
);
const { config, ip, city, country } = await session.info();
if (typeof config !== 'string') throw new Error('the relay gave no configuration for WireGuard');
// The file holds a private key.
await writeFile(values.file, config, { mode: 0o600 });
console.log(`${values.file} goes out at ${ip}, ${city}, ${country}; Ctrl-C closes it`);

await sleep(seconds * 1000, undefined, { signal }).catch(() => undefined);
const { rx = 0, tx = 0, charge_amount = 0n } = await session.info();
console.log(`${rx} bytes down, ${tx} bytes up, ${formatOcta(charge_amount)} OCTA`);
