/**
 * Opens a VPN session and writes the configuration for WireGuard; closes it again on Ctrl-C, or after a while.
 *
 *   OCTA_API_KEY=… npx tsx examples/vpn-wireguard.ts [--country PL] [--file octa.conf] [--seconds 3600]
 *
 * Then, elsewhere: wg-quick up ./octa.conf
 */
import { rm, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { formatOcta, OctaAbortError, OctaClient } from '@octaspace/sdk';
import { stopOnExit } from '@octaspace/sdk/node';

const { values } = parseArgs({
  options: {
    country: { type: 'string' },
    file: { type: 'string', default: 'octa.conf' },
    seconds: { type: 'string', default: '3600' },
  },
});
const lifetimeMs = Number(values.seconds) * 1000;

const client = OctaClient.fromEnv();
// However this program ends, by Ctrl-C too, the session is closed.
stopOnExit(client);

/** Aborted when the time that you gave is over. */
const controller = new AbortController();
const { signal } = controller;

async function openVpn(): Promise<void> {
  const relays = await client.services.vpn.find({ country: values.country });
  if (relays.length === 0) throw new Error(`there is no relay in ${values.country ?? 'any country'} just now`);

  // However this scope ends, its end stops the session. The guard does it should that fail.
  await using session = await client.services.vpn.rent(
    { candidates: relays.slice(0, 5), subkind: 'wg' },
    { maxDurationMs: lifetimeMs + 5 * 60_000 },
  );
  const { config, ip, city, country } = await session.info();
  if (typeof config !== 'string') throw new Error('the relay gave no configuration for WireGuard');
  // The file holds a private key; who may read it is settled when it is made, so an old one has to go.
  await rm(values.file, { force: true });
  await writeFile(values.file, config, { mode: 0o600, flag: 'wx' });
  console.log(`${values.file} goes out at ${ip}, ${city}, ${country}; Ctrl-C closes it`);

  setTimeout(() => controller.abort(), lifetimeMs).unref();
  try {
    for await (const { rx = 0, tx = 0, charge_amount = 0n } of session.watch({ signal, pollIntervalMs: 30_000 })) {
      console.log(`${rx} bytes down, ${tx} bytes up, ${formatOcta(charge_amount)} OCTA`);
    }
  } catch (error) {
    if (!(error instanceof OctaAbortError)) throw error;
  }
}

try {
  await openVpn();
  console.log('closed');
} catch (error) {
  // Ctrl-C closes the client, and stopOnExit says what becomes of the session.
  if (!client.closed) throw error;
}
