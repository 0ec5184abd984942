/** Makes thousands of calls with one signal, and prints what they leave behind. A separate process, so that it has its own heap. */
import { getEventListeners } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { OctaClient, type OctaClientOptions, type RequestOptions } from '../../src/index.ts';
import { nodeFetch } from '../../src/node/index.ts';

/** The input from the test. */
export interface Run {
  readonly calls: number;
  /** How many calls are in progress together. Unit: count. */
  readonly atOnce: number;
  readonly transport: 'fetch' | 'nodeFetch';
  readonly url: string;
}

/** The state after a batch of calls. */
export interface Found {
  /** Listeners on the signal. Unit: count. */
  readonly listeners: number;
  /** What kept the process alive. */
  readonly left: readonly string[];
  /** Unit: bytes. */
  readonly heap: number;
}

/** The outcomes of all calls. Unit: count. */
export interface Total {
  succeeded: number;
  failed: number;
  retried: number;
  hooked: number;
  /** Calls that the signal aborted, after all others were over. */
  aborted: number;
  /** Names of the warnings of the process. */
  readonly warnings: string[];
}

/** One line of output; the last line is null. */
export type Said = { readonly found: Found } | { readonly total: Total };

const batchSize = 1000;
const silenceMs = 30;
const order = { node_id: 1, disk_size: 5, image: 'ubuntu:24.04' };

interface Clients {
  readonly plain: OctaClient;
  readonly hooked: OctaClient;
}

type Way = (clients: Clients, options: RequestOptions, nth: number) => PromiseLike<unknown>;

/** Every way to listen to a signal, and to stop listening. The path says what the server does. */
const ways: readonly Way[] = [
  ({ plain }, options) => plain.accounts.balance(options),
  ({ hooked }, options) => hooked.accounts.balance(options),
  ({ plain }, options) => plain.services.mr.start(order, options),
  ({ hooked }, options, nth) => hooked.services.session(`u-${nth}`).stop(options),
  ({ plain }, options) => plain.accounts.balance(options).withResponse(),
  ({ plain }, { signal }) => plain.api.GET('/accounts/balance', { signal: signal ?? null }),
  async ({ plain }, options, nth) => (await plain.nodes.downloadLogs(nth, options).asResponse()).text(),
  async ({ hooked }, options, nth) => (await hooked.nodes.downloadLogs(nth, options).asResponse()).body?.cancel(),
  ({ hooked }, options, nth) => hooked.nodes.get(`again-${nth}`, options),
  ({ plain }, options) => plain.apps.list(options),
  ({ hooked }, options) => hooked.sessions.list({ ...options, retries: 0 }),
  ({ plain }, options) => plain.services.mr.available({ ...options, timeoutMs: silenceMs, retries: 0 }),
];
/** One call in this many waits for silence, because that takes a while. Unit: count. */
const silentEvery = 10;

function say(said: Said | null): void {
  process.stdout.write(`${JSON.stringify(said)}\n`);
}

function clientsFor({ url, transport }: Run, total: Total): Clients {
  const given = (): OctaClientOptions => ({
    apiKey: async () => 'octa-test-key-0001',
    baseUrl: url,
    retryDelayMs: 2,
    cooldownMs: 0,
    logLevel: 'silent',
    fetch: transport === 'nodeFetch' ? nodeFetch() : undefined,
  });
  const hooks: OctaClientOptions = {
    onRequest: async () => {
      total.hooked++;
      await turn();
    },
    onResponse: async () => turn(),
    onRetry: async () => {
      total.retried++;
      await turn();
    },
  };
  return { plain: new OctaClient(given()), hooked: new OctaClient({ ...given(), ...hooks }) };
}

function wayOf(nth: number): Way {
  const last = ways.length - 1;
  const at = nth % ways.length;
  // Only every tenth list of ways includes the silent one.
  return ways[at === last && Math.floor(nth / ways.length) % silentEvery !== 0 ? 0 : at] as Way;
}

async function makeCalls(make: (nth: number) => PromiseLike<unknown>, numbers: number[], total: Total): Promise<void> {
  for (let nth = numbers.pop(); nth !== undefined; nth = numbers.pop()) {
    const well = await make(nth).then(
      () => true,
      () => false,
    );
    if (well) total.succeeded++;
    else total.failed++;
  }
}

async function heapUsed(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    await turn();
    globalThis.gc?.();
  }
  return process.memoryUsage().heapUsed;
}

async function find(signal: AbortSignal): Promise<Found> {
  const listeners = getEventListeners(signal, 'abort').length;
  const left = process.getActiveResourcesInfo();
  return { listeners, left, heap: await heapUsed() };
}

/** Calls that only the signal ends. */
async function abortAll({ plain }: Clients, controller: AbortController, atOnce: number): Promise<number> {
  const { signal } = controller;
  const pending = Array.from({ length: atOnce }, () => plain.services.mr.available({ signal }).then());
  setTimeout(() => controller.abort(), silenceMs);
  const settled = await Promise.allSettled(pending);
  return settled.filter((each) => each.status === 'rejected' && each.reason.name === 'OctaAbortError').length;
}

async function main(run: Run): Promise<void> {
  const total: Total = { succeeded: 0, failed: 0, retried: 0, hooked: 0, aborted: 0, warnings: [] };
  process.on('warning', ({ name }) => total.warnings.push(name));
  const controller = new AbortController();
  const { signal } = controller;
  const clients = clientsFor(run, total);
  for (let from = 0; from < run.calls; from += batchSize) {
    const numbers = Array.from({ length: batchSize }, (_, index) => from + index);
    const make = (nth: number) => wayOf(nth)(clients, { signal }, nth);
    await Promise.all(Array.from({ length: run.atOnce }, () => makeCalls(make, numbers, total)));
    say({ found: await find(signal) });
  }
  total.aborted = await abortAll(clients, controller, run.atOnce);
  say({ found: await find(signal) });
  await Promise.all([clients.plain.close(), clients.hooked.close()]);
  say({ total });
  say(null);
}

// Set by the test.
main(JSON.parse(process.argv[2] ?? '') as Run);
