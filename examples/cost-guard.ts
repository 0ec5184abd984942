/**
 * Watches over everything that the account rents: stops each session at a limit of time or money, also those that are started
 * later. Runs until Ctrl-C or, with --once, until the sessions of the beginning have ended.
 *
 *   OCTA_API_KEY=… npx tsx examples/cost-guard.ts [--max-octa 5] [--max-minutes 600] [--once]
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { formatOcta, OctaClient, parseOcta } from '@octaspace/sdk';

const { values } = parseArgs({
  options: {
    'max-octa': { type: 'string', default: '5' },
    'max-minutes': { type: 'string', default: '600' },
    once: { type: 'boolean', default: false },
  },
});
const limits = { maxSpend: parseOcta(values['max-octa']), maxDurationMs: Number(values['max-minutes']) * 60_000 };

const client = OctaClient.fromEnv();
const guards = new Map<string, AbortController>();

async function guard(uuid: string, released: AbortSignal): Promise<void> {
  using watching = client.services
    .session(uuid)
    .guard({ ...limits, onError: (error) => console.warn(`${uuid}: ${error}`) });
  released.addEventListener('abort', () => watching.release(), { once: true });
  const { reason, info } = await watching.done;
  console.log(`${uuid}: ${reason} at ${formatOcta(info?.charge_amount ?? 0n)} OCTA`);
}

/** Guards every session that is not guarded yet. */
async function guardAll(): Promise<Promise<void>[]> {
  const sessions = await client.sessions.list();
  return sessions.flatMap(({ uuid, service, node_id }) => {
    if (guards.has(uuid)) return [];
    const controller = new AbortController();
    guards.set(uuid, controller);
    console.log(`${uuid}: ${service} on node ${node_id} is guarded`);
    return [guard(uuid, controller.signal).finally(() => guards.delete(uuid))];
  });
}

const interrupted = new AbortController();
process.once('SIGINT', () => {
  interrupted.abort();
  for (const controller of guards.values()) controller.abort();
});

const first = await guardAll();
while (!values.once && !interrupted.signal.aborted) {
  await sleep(60_000, undefined, { signal: interrupted.signal }).catch(() => undefined);
  if (!interrupted.signal.aborted) await guardAll().catch((error) => console.warn(String(error)));
}
await Promise.all(first);
