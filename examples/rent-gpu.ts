/**
 * Rents the cheapest machine with a GPU, shows its progress, logs and charge for some time, and stops it.
 *
 *   OCTA_API_KEY=… npx tsx examples/rent-gpu.ts [--gpu 4090] [--seconds 30]
 *
 * It costs money: the price of the first machine that does not refuse, for the time that you set, and at most 1 OCTA. Ctrl-C stops the
 * session at any time.
 */
import { parseArgs } from 'node:util';
import {
  formatOcta,
  isAuthError,
  OctaAbortError,
  OctaClient,
  type Progress,
  parseOcta,
  type SessionResource,
  sshCommand,
} from '@octaspace/sdk';
import { stopOnExit } from '@octaspace/sdk/node';

const { values } = parseArgs({ options: { gpu: { type: 'string' }, seconds: { type: 'string', default: '30' } } });

const client = OctaClient.fromEnv();
// When this program ends, even by Ctrl-C, its sessions are stopped.
stopOnExit(client);

/** Aborted when the time is over. */
const controller = new AbortController();
const { signal } = controller;

function showProgress({ step, node_id, info, elapsedMs }: Progress): void {
  const details = info?.progress ?? (node_id === undefined ? '' : `node ${node_id}`);
  console.log(`${Math.round(elapsedMs / 1000)} s: ${step} ${details}`);
}

async function showLogs(session: SessionResource): Promise<void> {
  for await (const { source, text } of session.followLogs({ signal })) console.log(`${source}: ${text}`);
}

async function showCharge(session: SessionResource): Promise<void> {
  for await (const { charge_amount = 0n, duration = 0 } of session.watch({ signal })) {
    console.log(`${formatOcta(charge_amount)} OCTA for ${duration} s`);
  }
}

/** Returns the UUID of the session, which has been stopped. */
async function rent(): Promise<string> {
  const machines = await client.services.mr.find({ gpu: values.gpu, minGpus: 1 });
  const candidates = machines.slice(0, 5);
  if (candidates.length === 0) throw new Error('no matching machine is free');
  console.log(`${machines.length} machines; the cheapest:`);
  for (const { node_id, gpus, country, total_price_usd = '?' } of candidates) {
    console.log(`  node ${node_id}: ${gpus.length} x ${gpus[0]?.model} in ${country}, ${total_price_usd} USD per hour`);
  }

  // The end of this scope stops the session, even after an error.
  await using session = await client.services.mr.rent(
    { candidates, disk_size: 20, image: 'ubuntu:24.04', ports: [22] },
    { maxSpend: parseOcta('1'), onProgress: showProgress },
  );
  console.log(`ready: ${sshCommand(await session.info())}`);

  setTimeout(() => controller.abort(), Number(values.seconds) * 1000).unref();
  await Promise.all([showLogs(session), showCharge(session)]).catch((error) => {
    if (!(error instanceof OctaAbortError)) throw error;
  });
  return session.uuid;
}

async function showTotal(uuid: string): Promise<void> {
  const ended = (await client.sessions.list({ recent: true })).find((session) => session.uuid === uuid);
  const charge = ended?.charge_amount;
  console.log(charge === undefined ? 'stopped' : `stopped: ${formatOcta(charge)} OCTA in all`);
}

try {
  await showTotal(await rent());
} catch (error) {
  // Ctrl-C closes the client, and stopOnExit reports on the session.
  if (!client.closed) {
    console.error(isAuthError(error) ? `OCTA_API_KEY is missing or wrong: ${error.message}` : String(error));
    process.exitCode = 1;
  }
}
