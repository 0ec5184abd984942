/**
 * Opens a VPN session and writes the configuration for WireGuard; closes it again on Ctrl-C, or after a while.
 *
 *   OCTA_API_KEY=… npx tsx examples/vpn-wireguard.ts [--country PL] [--file octa.conf] [--seconds 3600]
 *
 * Then, elsewhere: wg-quick up FILE, with the file that it names. The file holds a private key. By default it is in a new folder for
 * temporary files that only you can read; with --file, keep it out of git. When the session is closed, the program removes it.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { formatOcta, isAuthError, OctaAbortError, OctaClient } from '@octaspace/sdk';
import { stopOnExit } from '@octaspace/sdk/node';

const { values } = parseArgs({
  options: {
    country: { type: 'string' },
    file: { type: 'string' },
    seconds: { type: 'string', default: '3600' },
  },
});
const lifetimeMs = Number(values.seconds) * 1000;

const client = OctaClient.fromEnv();
// However this program ends, by Ctrl-C too, the session is closed.
stopOnExit(client);

/** Aborted when the time that you gave is over, and on Ctrl-C. */
const controller = new AbortController();
const { signal } = controller;

/** Writes a file that only you can read; the end of its scope removes it. */
function writeSecret(text: string): Disposable & { readonly path: string } {
  const folder = values.file === undefined ? mkdtempSync(join(tmpdir(), 'octa-')) : undefined;
  const path = values.file ?? join(folder ?? '', 'octa.conf');
  // Who may read a file is settled when it is made, so an old one has to go.
  rmSync(path, { force: true });
  writeFileSync(path, text, { mode: 0o600, flag: 'wx' });
  return { path, [Symbol.dispose]: () => rmSync(folder ?? path, { recursive: true, force: true }) };
}

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
  using file = writeSecret(config);
  // From here on, this program ends by itself, so that the file is removed first.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => controller.abort());
  console.log(`${file.path} goes out at ${ip}, ${city}, ${country}; Ctrl-C closes it, and removes the file`);

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
  if (!client.closed) {
    console.error(isAuthError(error) ? `OCTA_API_KEY is missing or wrong: ${error.message}` : String(error));
    process.exitCode = 1;
  }
}
