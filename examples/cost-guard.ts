/**
 * Guards all sessions of the account, including those that start later: it stops each of them at a limit of time or money. It looks for new
 * sessions every 60 seconds. It runs until Ctrl-C, which lets the sessions run on. With --once, it runs until the initial sessions have ended.
 *
 *   OCTA_API_KEY=… npx tsx examples/cost-guard.ts [--max-octa 5] [--max-minutes 600] [--every 60] [--once]
 *
 * If a session cannot be stopped, the guard keeps trying, and the client logs that. If the API refuses the key, or the first request fails,
 * the program ends with exit code 1.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { formatOcta, isAuthError, OctaClient, parseOcta, type Session, type SessionGuard } from '@octaspace/sdk';

const { values } = parseArgs({
  options: {
    'max-octa': { type: 'string', default: '5' },
    'max-minutes': { type: 'string', default: '600' },
    every: { type: 'string', default: '60' },
    once: { type: 'boolean', default: false },
  },
});
const client = OctaClient.fromEnv();
const guards = new Map<string, SessionGuard>();

/** The limits of each session; `maxSpend` in Wei. */
interface Limits {
  readonly maxSpend: bigint;
  readonly maxDurationMs: number;
}

function positive(name: 'max-minutes' | 'every'): number {
  const value = Number(values[name]);
  if (value > 0) return value;
  throw new Error(`--${name} is ${JSON.stringify(values[name])}; allowed: a number above 0`);
}

function readLimits(): Limits {
  const maxSpend = parseOcta(values['max-octa']);
  if (maxSpend <= 0n) throw new Error(`--max-octa is ${JSON.stringify(values['max-octa'])}; allowed: a number above 0`);
  return { maxSpend, maxDurationMs: positive('max-minutes') * 60_000 };
}

/** Guards a session until its end. */
async function guard({ uuid, service, node_id }: Session, limits: Limits): Promise<void> {
  console.log(`${uuid}: ${service} on node ${node_id} is guarded`);
  const watching = client.services.session(uuid).guard(limits);
  guards.set(uuid, watching);
  const { reason, info } = await watching.done;
  guards.delete(uuid);
  console.log(`${uuid}: ${reason}; last known charge: ${formatOcta(info?.charge_amount ?? 0n)} OCTA`);
}

function releaseAll(): void {
  for (const watching of guards.values()) watching.release();
}

const interruption = new AbortController();
const { signal } = interruption;
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    interruption.abort();
    releaseAll();
  });
}

/** Guards every session that is not guarded yet. Each promise resolves when its session has ended. */
async function guardNew(limits: Limits): Promise<readonly Promise<void>[]> {
  const sessions = await client.sessions.list({ signal });
  if (signal.aborted) return [];
  return sessions.filter(({ uuid }) => !guards.has(uuid)).map((session) => guard(session, limits));
}

async function guardAll(limits: Limits, everyMs: number): Promise<void> {
  const first = await guardNew(limits);
  if (values.once) {
    await Promise.all(first);
    return;
  }
  while (!signal.aborted) {
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
    await guardNew(limits).catch((error) => {
      if (signal.aborted || isAuthError(error)) throw error;
      console.warn(String(error));
    });
  }
}

try {
  await guardAll(readLimits(), positive('every') * 1000);
} catch (error) {
  if (!signal.aborted) {
    releaseAll();
    console.error(isAuthError(error) ? `OCTA_API_KEY is missing or wrong: ${error.message}` : String(error));
    process.exitCode = 1;
  }
}
