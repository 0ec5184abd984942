/** A program that rents, and then ends in one of many ways, as a separate process. Its messages to the parent are lines on stdout. */
import { Worker } from 'node:worker_threads';
import { OctaClient, type OctaClientOptions, type SessionResource } from '../../../src/index.ts';
import { fileLedger, type StopOnExitOptions, stopOnExit } from '../../../src/node/index.ts';
import { fastClock } from '../marketplace/index.ts';

/** What the program does, and how it ends. */
export interface Plan {
  readonly url: string;
  /**
   * `rent`: it is renting. `scope`: its session is in a scope. `guard`: its session has a guard. `start`: it has started a session.
   * `kept`: its session is kept. `loop`: it rents and stops repeatedly.
   */
  readonly state: 'rent' | 'scope' | 'guard' | 'start' | 'kept' | 'none' | 'loop';
  /** `wait`: it waits for the parent to end it. `uncaught`: the same, and its calls then fail, which it does not catch. */
  readonly end:
    | 'wait'
    | 'uncaught'
    | 'error'
    | 'rejection'
    | 'process.exit'
    | 'empty'
    | 'unsettled'
    | 'memory'
    | 'abort'
    | 'worker.terminate'
    | 'close'
    | 'close-stop';
  readonly stopOnExit?: StopOnExitOptions | false;
  readonly ledger?: string;
  /** The program has its own listener, which exits with 7 after this time. Unit: ms. */
  readonly ownListenerMs?: number;
  readonly asyncKey?: boolean;
  readonly client?: OctaClientOptions;
  readonly sessions?: number;
  /** The speed of its clock. */
  readonly speed?: number;
}

const plan: Plan = JSON.parse(process.env.PLAN ?? '');
/** Assembled here, so that only a leak can put it into arguments or variables of the child. */
const key = ['secret', 'key', '0001'].join('-');
const order = { node_id: 9010, disk_size: 10, image: 'ubuntu:24.04' };

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function forever(): Promise<never> {
  setInterval(() => undefined, 60_000);
  return new Promise(() => undefined);
}

async function end(client: OctaClient): Promise<unknown> {
  say('ready');
  switch (plan.end) {
    case 'wait':
      return await forever();
    case 'error':
      setTimeout(() => {
        throw new Error('uncaught, on purpose');
      }, 10);
      return await forever();
    case 'rejection':
      setTimeout(() => void Promise.reject(new Error('unhandled, on purpose')), 10);
      return await forever();
    case 'process.exit':
      return process.exit(3);
    case 'abort':
      return process.abort();
    case 'unsettled':
      return await new Promise(() => undefined);
    case 'memory': {
      const hoard: unknown[] = [];
      for (;;) hoard.push(Array.from({ length: 100_000 }, (_, index) => ({ index })));
    }
    case 'close':
      return await client.close();
    case 'close-stop':
      say(`stats ${JSON.stringify(client.transportStats().leases)}`);
      return await client.close({ stopSessions: true });
    default:
      return undefined;
  }
}

async function main(): Promise<void> {
  const apiKey = plan.asyncKey === true ? async () => key : key;
  const clock = plan.speed === undefined ? undefined : fastClock(plan.speed, { stalls: 'count' });
  const ledger = plan.ledger === undefined ? undefined : fileLedger(plan.ledger);
  const client = new OctaClient({ apiKey, baseUrl: plan.url, ledger, clock, logLevel: 'silent', ...plan.client });
  if (plan.stopOnExit !== false) stopOnExit(client, plan.stopOnExit);
  if (plan.ownListenerMs !== undefined) {
    process.on('SIGTERM', () => setTimeout(() => process.exit(7), plan.ownListenerMs));
  }
  const { mr } = client.services;
  const count = plan.sessions ?? 1;
  if (plan.state === 'rent') {
    // It never becomes ready, or the start gets no response: the parent decides when to end it.
    if (plan.end === 'uncaught') {
      say('ready');
      await mr.rent(order);
    }
    const rentals = Array.from({ length: count }, () => mr.rent(order));
    if (plan.end !== 'wait') {
      process.stdin.once('data', () => void end(client));
    } else say('ready');
    for (const { status, ...result } of await Promise.allSettled(rentals)) {
      if (status === 'rejected' && 'reason' in result) say(`${result.reason.outcome}: ${result.reason.message}`);
    }
    if (plan.end === 'wait') await forever();
    return;
  }
  const lease = { readyTimeoutMs: 60_000 };
  while (plan.state === 'loop') {
    say('ready');
    const session = await mr.rent(order, lease);
    await session.info();
    await session.stop({ verify: true });
  }
  const sessions: SessionResource[] = [];
  for (let index = 0; plan.state !== 'none' && index < count; index++) sessions.push(await mr.start(order));
  if (plan.state === 'kept') for (const session of sessions) session.keep();
  if (plan.state === 'guard') for (const session of sessions) session.guard({ maxDurationMs: 3_600_000 });
  if (plan.state === 'scope') {
    await using _ = sessions[0] as SessionResource;
    await end(client);
    // Only programs that end with the scope reach this line.
    return;
  }
  await end(client);
}

if (plan.end === 'worker.terminate') {
  const inner: Plan = { ...plan, end: 'wait' };
  const worker = new Worker(new URL(import.meta.url), {
    env: { ...process.env, PLAN: JSON.stringify(inner) },
    stdout: true,
  });
  worker.stdout.on('data', (text: Buffer) => process.stdout.write(text));
  process.stdin.once('data', () => {
    process.stdin.destroy();
    void worker.terminate();
  });
} else {
  await main();
}
