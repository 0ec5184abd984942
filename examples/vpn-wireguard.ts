/**
 * Opens a VPN session and writes the configuration for WireGuard. Closes the session on Ctrl-C, or after some time.
 *
 *   OCTA_API_KEY=… npx tsx examples/vpn-wireguard.ts [--country PL] [--file octa.conf] [--seconds 3600]
 *
 * Then run wg-quick up FILE in another terminal, with the file that it prints. The file contains a private key. By default, it is in a new
 * temporary folder that only you can read. With --file, keep it out of git. When the session is closed, the program deletes the file.
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
// When this program ends, even by Ctrl-C, the session is closed.
stopOnExit(client);

/** Aborted when the time is over, and on Ctrl-C. */
const controller = new AbortController();
const { signal } = controller;

/** Writes a file that only you can read. The end of its scope deletes it. */
function writeSecret(text: string): Disposable & { readonly path: string } {
  const folder = values.file === undefined ? mkdtempSync(join(tmpdir(), 'octa-')) : undefined;
  const path = values.file ?? join(folder ?? '', 'octa.conf');
  // Permissions apply only to a new file, so delete an old one.
  rmSync(path, { force: true });
  writeFileSync(path, text, { mode: 0o600, flag: 'wx' });
  return { path, [Symbol.dispose]: () => rmSync(folder ?? path, { recursive: true, force: true }) };
}

async function openVpn(): Promise<void> {
  const relays = await client.services.vpn.find({ country: values.country });
  if (relays.length === 0) throw new Error(`no relay is free in ${values.country ?? 'any country'}`);

  // The end of this scope stops the session, even after an error. If that fails, the guard stops it.
  await using session = await client.services.vpn.rent(
    { candidates: relays.slice(0, 5), subkind: 'wg' },
    { maxDurationMs: lifetimeMs + 5 * 60_000 },
  );
  const { config, ip, city, country } = await session.info();
  if (typeof config !== 'string') throw new Error('the relay has no configuration for WireGuard');
  using file = writeSecret(config);
  // From here on, Ctrl-C does not end the program at once, so that the file is deleted first.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => controller.abort());
  console.log(
    `${file.path} connects through ${ip}, ${city}, ${country}; Ctrl-C closes the session and deletes the file`,
  );

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
  // Ctrl-C closes the client, and stopOnExit reports on the session.
  if (!client.closed) {
    console.error(isAuthError(error) ? `OCTA_API_KEY is missing or wrong: ${error.message}` : String(error));
    process.exitCode = 1;
  }
}
