/**
 * Rents the cheapest machine with a GPU, shows how it gets ready, its logs and its charge for a while, and stops it.
 *
 *   OCTA_API_KEY=… npx tsx examples/rent-gpu.ts [--gpu 4090] [--seconds 30]
 *
 * It costs money: the first machine that does not refuse, for as long as you say, and never more than 1 OCTA. Ctrl-C stops it
 * at any time.
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
// However this program ends, by Ctrl-C too, nothing is left running.
stopOnExit(client);

/** Aborted when the time that you gave is over. */
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

/** Gives the UUID of the session, which is over then. */
async function rent(): Promise<string> {
  const machines = await client.services.mr.find({ gpu: values.gpu, minGpus: 1 });
  const candidates = machines.slice(0, 5);
  if (candidates.length === 0) throw new Error('no such machine is free just now');
  console.log(`${machines.length} machines; the cheapest are`);
  for (const { node_id, gpus, country, total_price_usd = '?' } of candidates) {
    console.log(`  node ${node_id}: ${gpus.length} x ${gpus[0]?.model} in ${country}, ${total_price_usd} USD per hour`);
  }

  // However this scope ends, its end stops the session.
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
  // Ctrl-C closes the client, and stopOnExit says what becomes of the session.
  if (!client.closed) {
    console.error(isAuthError(error) ? `OCTA_API_KEY is missing or wrong: ${error.message}` : String(error));
    process.exitCode = 1;
  }
}
