/** Makes the calls of a run, and prints the outcome of each. A separate process, so that nothing else is in its heap. */
import { getEventListeners } from 'node:events';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { inspect } from 'node:util';
import {
  isOctaError,
  OctaClient,
  type OctaPromise,
  type RequestContext,
  type RequestOptions,
} from '../../src/index.ts';
import { nodeFetch } from '../../src/node/index.ts';
import { type CallName, callHeader, clientLimits, limitOf, type Plan, plansOf } from './fault-plans.ts';

/** The input from the test. */
export interface Run {
  readonly seed: number;
  readonly calls: number;
  readonly urls: readonly string[];
  readonly transport: Transport;
}

/** The function that sends requests. */
export type Transport = 'fetch' | 'nodeFetch';

/** The outcome of one call. */
export interface Settled {
  readonly call: number;
  /** `answered`: low-level access returned an error status as data, which does not determine the outcome. */
  readonly ended: 'resolved' | 'answered' | 'rejected' | 'hung';
  /** Name of the error, or the whole error if it is not from the SDK. */
  readonly error?: string;
  readonly outcome?: string;
  /** Attempts that failed. Unit: count. */
  readonly failed?: number;
  /** Listeners that the call left on its signal. Unit: count. */
  readonly listeners: number;
}

/** One line of output; the last line is null. */
export type Said =
  | { readonly settled: Settled }
  /** Unit: bytes. */
  | { readonly heap: number }
  /** What kept the process alive although no call was in progress. */
  | { readonly left: readonly string[] };

/** Limit that only catches calls that never end: much more than a busy machine adds. Unit: ms. */
const marginMs = 15_000;
const batchSize = 500;
const clientsAtOnce = 10;
const callsAtOncePerClient = 5;
const hung = Symbol('hung');

type Make = (client: OctaClient, options: RequestOptions, id: number) => OctaPromise<unknown> | Promise<LowLevel>;
interface LowLevel {
  readonly response: Response;
}

const order = { node_id: 9010, disk_size: 50, image: 'ubuntu:24.04' };

const makers: Readonly<Record<CallName, Make>> = {
  balance: (client, options) => client.accounts.balance(options),
  node: (client, options, id) => client.nodes.get(id, options),
  sessions: (client, options) => client.sessions.list(options),
  download: (client, options, id) => client.nodes.downloadLogs(id, options),
  'balance by path': (client, { headers, signal }) =>
    client.api.GET('/accounts/balance', lowLevel({ headers, signal })),
  stop: (client, options, id) => client.services.session(`u-${id}`).stop(options),
  reboot: (client, options, id) => client.nodes.reboot(id, options),
  prices: (client, options, id) => client.nodes.updatePrices(id, { base: 1n }, options),
  wallet: (client, options) => client.accounts.generateWallet(options),
  'reboot by path': (client, options, id) =>
    client.api.GET('/nodes/{node_id}/reboot', { params: { path: { node_id: id } }, ...lowLevel(options) }),
  machine: (client, options) => client.services.mr.start(order, options),
  'render node': (client, options) => client.services.render.start({ node_id: 1, disk_size: 5 }, options),
  relay: (client, options) => client.services.vpn.start({ node_id: 1 }, options),
  'machine by path': (client, options) =>
    client.api.POST('/services/mr', { body: [{ ...order, id: 0 }], ...lowLevel(options) }),
};

/** The options of low-level access. */
function lowLevel({ headers, signal }: RequestOptions): {
  headers: Record<string, string>;
  signal: AbortSignal | null;
} {
  return { headers: { ...headers }, signal: signal ?? null };
}

function say(said: Said | null): void {
  process.stdout.write(`${JSON.stringify(said)}\n`);
}

/** Waits for a call in the way of its plan. Returns false for an error status that was returned as data. */
async function read(made: ReturnType<Make>, { reading }: Plan): Promise<boolean> {
  if (!('asResponse' in made)) return (await made).response.ok;
  if (reading === 'details') await made.withResponse();
  else if (reading === 'raw') await letGo(await made.asResponse());
  else await made;
  return true;
}

async function letGo(response: Response): Promise<void> {
  // A broken body has nothing to release.
  await response.body?.cancel().catch(() => undefined);
}

async function outcomeOf(work: Promise<boolean | typeof hung>): Promise<Omit<Settled, 'call' | 'listeners'>> {
  try {
    const result = await work;
    return { ended: result === hung ? 'hung' : result ? 'resolved' : 'answered' };
  } catch (error) {
    if (!isOctaError(error)) return { ended: 'rejected', error: inspect(error) };
    return { ended: 'rejected', error: error.name, outcome: error.outcome, failed: error.attempts.length };
  }
}

/** A signal that aborts as planned, if at all, and a function that cancels the plan. */
function signalFor({ abortsAfterMs, abortsBy }: Plan): { signal: AbortSignal | undefined; takeBack: () => void } {
  if (abortsAfterMs === undefined) return { signal: undefined, takeBack: () => undefined };
  if (abortsAfterMs === 0) return { signal: AbortSignal.abort(), takeBack: () => undefined };
  if (abortsBy === 'clock') return { signal: AbortSignal.timeout(abortsAfterMs), takeBack: () => undefined };
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), abortsAfterMs);
  return { signal: controller.signal, takeBack: () => clearTimeout(timer) };
}

/** Makes one call by its plan, and returns the outcome. */
async function makeCall(client: OctaClient, id: number, plan: Plan): Promise<void> {
  const { timeoutMs, totalTimeoutMs, retries } = plan;
  const { signal, takeBack } = signalFor(plan);
  const options = { signal, timeoutMs, totalTimeoutMs, retries, headers: { [callHeader]: String(id) } };
  let guard: ReturnType<typeof setTimeout> | undefined;
  const tooLong = new Promise<typeof hung>((resolve) => {
    guard = setTimeout(resolve, limitOf(plan) + marginMs, hung);
  });
  const ending = await outcomeOf(Promise.race([read(makers[plan.call](client, options, id), plan), tooLong]));
  clearTimeout(guard);
  takeBack();
  say({ settled: { call: id, ...ending, listeners: signal ? getEventListeners(signal, 'abort').length : 0 } });
  // A client with a call that never ends cannot be closed, so do not wait for it.
  if (ending.ended === 'hung') process.exit(1);
}

function clientFor({ urls, transport }: Run, plans: readonly Plan[]): OctaClient {
  const onRequest = async ({ headers }: RequestContext): Promise<void> => {
    const hook = plans[Number(headers.get(callHeader))]?.hook;
    if (hook === 'slow') await sleep(3, undefined, { ref: false });
    if (hook === 'stuck') await new Promise(() => undefined);
  };
  const waits = { retryDelayMs: 5, maxRetryDelayMs: 20, maxRetryAfterMs: 2_000, cooldownMs: 40 };
  const apiKey = async (): Promise<string> => 'octa-test-key-0001';
  const fetch = transport === 'nodeFetch' ? nodeFetch() : undefined;
  return new OctaClient({ apiKey, baseUrls: urls, fetch, onRequest, logLevel: 'silent', ...clientLimits, ...waits });
}

/** Makes a few calls at a time, until the queue is empty. */
async function work(client: OctaClient, queue: number[], plans: readonly Plan[]): Promise<void> {
  const worker = async (): Promise<void> => {
    for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
      const plan = plans[id];
      if (plan !== undefined) await makeCall(client, id, plan);
    }
  };
  await Promise.all(Array.from({ length: callsAtOncePerClient }, worker));
}

async function heapUsed(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    await turn();
    globalThis.gc?.();
  }
  return process.memoryUsage().heapUsed;
}

/** Each client has a new retry budget, because calls with an empty one are not retried. */
async function runBatch(run: Run, plans: readonly Plan[], { lasting, from }: { lasting: OctaClient; from: number }) {
  const fresh = Array.from({ length: clientsAtOnce - 1 }, () => clientFor(run, plans));
  const ids = Array.from({ length: Math.min(batchSize, run.calls - from) }, (_, index) => from + index);
  const queueOf = (nth: number) => ids.filter((id) => id % clientsAtOnce === nth);
  await Promise.all([lasting, ...fresh].map((client, nth) => work(client, queueOf(nth), plans)));
  await Promise.all(fresh.map((client) => client.close()));
}

async function main(run: Run): Promise<void> {
  const plans = plansOf(run.seed, run.calls);
  const lasting = clientFor(run, plans);
  for (let from = 0; from < run.calls; from += batchSize) {
    await runBatch(run, plans, { lasting, from });
    say({ left: process.getActiveResourcesInfo() });
    say({ heap: await heapUsed() });
  }
  await lasting.close();
  say({ left: process.getActiveResourcesInfo() });
  say(null);
}

// Set by the test.
main(JSON.parse(process.argv[2] ?? '') as Run);
