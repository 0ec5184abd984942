/**
 * Watches over everything that the account rents: stops each session at a limit of time or money, also those that are started
 * later. Runs until Ctrl-C, which lets the sessions go on, or, with --once, until the sessions of the beginning have ended.
 *
 *   OCTA_API_KEY=… npx tsx examples/cost-guard.ts [--max-octa 5] [--max-minutes 600] [--once]
 *
 * A session that cannot be stopped is tried again and again; the log of the client tells.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { formatOcta, OctaClient, parseOcta, type Session, type SessionGuard } from '@octaspace/sdk';

const { values } = parseArgs({
  options: {
    'max-octa': { type: 'string', default: '5' },
    'max-minutes': { type: 'string', default: '600' },
    once: { type: 'boolean', default: false },
  },
});
const limits = { maxSpend: parseOcta(values['max-octa']), maxDurationMs: Number(values['max-minutes']) * 60_000 };
if (Number.isNaN(limits.maxDurationMs)) throw new Error('--max-minutes is no number');

const client = OctaClient.fromEnv();
const guards = new Map<string, SessionGuard>();

/** Guards a session to its end. */
async function guard({ uuid, service, node_id }: Session): Promise<void> {
  console.log(`${uuid}: ${service} on node ${node_id} is guarded`);
  const watching = client.services.session(uuid).guard(limits);
  guards.set(uuid, watching);
  const { reason, info } = await watching.done;
  guards.delete(uuid);
  console.log(`${uuid}: ${reason}, at ${formatOcta(info?.charge_amount ?? 0n)} OCTA when last seen`);
}

const interruption = new AbortController();
const { signal } = interruption;
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    interruption.abort();
    for (const watching of guards.values()) watching.release();
  });
}

/** Guards every session that is not guarded yet, to its end. */
async function guardAll(): Promise<void> {
  const sessions = await client.sessions.list();
  if (signal.aborted) return;
  await Promise.all(sessions.filter(({ uuid }) => !guards.has(uuid)).map(guard));
}

if (values.once) {
  await guardAll();
} else {
  while (!signal.aborted) {
    // Not awaited: the guards last as long as their sessions.
    guardAll().catch((error) => console.warn(String(error)));
    await sleep(60_000, undefined, { signal }).catch(() => undefined);
  }
}
