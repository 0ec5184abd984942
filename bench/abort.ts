/** Measures how fast an abort takes effect in each phase of a call, and what many calls with one signal leave behind. */
import { EventEmitter, getEventListeners, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type FetchLike, OctaAbortError, OctaClient, type OctaClientOptions } from '../src/index.ts';
import { nodeFetch } from '../src/node/index.ts';
import { serveRaw, serveSockets } from '../test/support/raw-server.ts';
import { serve } from '../test/support/server.ts';
import { inParallel, otherServer } from './load.ts';
import { median } from './measure.ts';
import { columns, type Result } from './result.ts';

const samples = 50;
const warmUps = 5;
const calls = 10_000;
const apiKey = 'key-of-the-bench';
/** Time after the start of a phase until both sides are idle. Unit: ms. */
const untilSettledMs = 5;

/** Keeps a call in one phase. */
interface Trap extends AsyncDisposable {
  readonly url: string;
  readonly options?: OctaClientOptions;
}

/** Creates a trap that emits `reached` when a call is in it. */
type SetTrap = (progress: EventEmitter) => Promise<Trap>;

const halfAnAnswer = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{"balance":';

function nothing(): Promise<Trap> {
  return Promise.resolve({ url: 'http://127.0.0.1:9', [Symbol.asyncDispose]: async () => undefined });
}

const phases: Readonly<Record<string, SetTrap>> = {
  'waiting for the key': async (progress) => {
    const apiKey = () => new Promise<string>(() => progress.emit('reached'));
    return { ...(await nothing()), options: { apiKey } };
  },
  'waiting for onRequest': async (progress) => {
    const onRequest = () => new Promise<void>(() => progress.emit('reached'));
    return { ...(await nothing()), options: { onRequest } };
  },
  // The server accepts the connection, but does not start TLS.
  connecting: async (progress) => {
    const server = await serveSockets(() => progress.emit('reached'));
    return { ...server, url: server.url.replace('http:', 'https:') };
  },
  'waiting for headers': (progress) => serveRaw(() => progress.emit('reached')),
  'reading the body': (progress) =>
    serveRaw(({ socket }) => socket.write(halfAnAnswer, () => progress.emit('reached'))),
  'waiting to retry': async (progress) => {
    const server = await serve((_, response) => response.writeHead(503, { 'retry-after': '30' }).end());
    return { ...server, options: { onRetry: () => void progress.emit('reached') } };
  },
};

/** Time from an abort to the rejection. */
interface Delay {
  /** NaN if the error was not an abort. Unit: ms. */
  readonly wallMs: number;
  /** CPU time of this process; the rest of a long delay is due to other processes. Unit: ms. */
  readonly cpuMs: number;
}

async function delayOf(call: Promise<unknown>, abort: () => void): Promise<Delay> {
  const cpu = process.cpuUsage();
  const abortedAt = performance.now();
  abort();
  const heard = await call.then(
    () => false,
    (error) => error instanceof OctaAbortError,
  );
  const wallMs = heard ? performance.now() - abortedAt : Number.NaN;
  const { user, system } = process.cpuUsage(cpu);
  return { wallMs, cpuMs: (user + system) / 1000 };
}

/** One abort, with a new server, transport and client each time. */
async function sample(setTrap: SetTrap, transport: () => FetchLike | undefined): Promise<Delay> {
  const progress = new EventEmitter();
  await using trap = await setTrap(progress);
  const options = { apiKey, baseUrl: trap.url, fetch: transport(), logLevel: 'silent', ...trap.options } as const;
  const client = new OctaClient(options);
  const controller = new AbortController();
  const reached = once(progress, 'reached');
  const call = client.accounts.balance({ signal: controller.signal });
  await reached;
  await sleep(untilSettledMs);
  const delay = await delayOf(call, () => controller.abort());
  // Connections in progress end with the server.
  void client.close();
  return delay;
}

async function benchDelays(name: string, transport: () => FetchLike | undefined): Promise<Result> {
  const rows: string[][] = [];
  let worst = 0;
  for (const [phase, setTrap] of Object.entries(phases)) {
    const delays: Delay[] = [];
    for (let nth = -warmUps; nth < samples; nth++) {
      const delay = await sample(setTrap, transport);
      if (nth >= 0) delays.push(delay);
    }
    const largest = Math.max(...delays.map(({ wallMs }) => wallMs));
    worst = Math.max(worst, largest);
    const cpuMs = delays.find(({ wallMs }) => wallMs === largest)?.cpuMs ?? Number.NaN;
    const p50 = median(delays.map(({ wallMs }) => wallMs));
    const max = `max ${largest.toFixed(2)} ms`;
    rows.push([phase, `p50 ${p50.toFixed(2)} ms`, max, `including ${cpuMs.toFixed(2)} ms of CPU`]);
  }
  return {
    what: `from abort() to the rejection, ${samples} times each, ${name}`,
    measured: columns(rows),
    verdict: { value: worst, unit: 'ms', is: 'at most', target: 20 },
  };
}

function timersAlive(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
}

/** Size of the reachable heap. Unit: bytes. */
async function heapInUse(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.();
    // Finalizers run one turn later, and keep objects until then.
    await sleep(untilSettledMs);
  }
  return process.memoryUsage().heapUsed;
}

async function benchLeftovers(name: string, fetch: FetchLike | undefined): Promise<Result> {
  await using server = await otherServer();
  const client = new OctaClient({ apiKey, baseUrl: server.url, fetch });
  const { signal } = new AbortController();
  const call = () => client.accounts.balance({ signal });
  await inParallel(1000, 16, call);
  const before = { timers: timersAlive(), heap: await heapInUse() };
  await inParallel(calls, 16, call);
  // Let the work after the last responses finish.
  await sleep(untilSettledMs);
  const listeners = getEventListeners(signal, 'abort').length;
  const timers = Math.max(0, timersAlive() - before.timers);
  const grownBy = ((await heapInUse()) - before.heap) / 1024;
  await client.close();
  return {
    what: `after ${calls} calls with one signal, ${name}`,
    measured: [`${listeners} listeners, ${timers} timers, heap grown by ${grownBy.toFixed(0)} kB`],
    verdict: { value: listeners + timers, unit: 'left', is: 'at most', target: 0 },
  };
}

/** Measures the time of aborts, and what they leave behind. */
export async function benchAbort(): Promise<readonly Result[]> {
  const transports = { 'with the default transport': () => undefined, 'with nodeFetch()': () => nodeFetch() };
  const results: Result[] = [];
  for (const [name, transport] of Object.entries(transports)) {
    results.push(await benchDelays(name, transport), await benchLeftovers(name, transport()));
  }
  return results;
}
