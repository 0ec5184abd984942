/** Measures requests per second on loopback, against fetch and other clients. */
import axios from 'axios';
import ky from 'ky';
import { Agent, request } from 'undici';
import { OctaClient } from '../src/index.ts';
import { nodeFetch } from '../src/node/index.ts';
import { inParallel, otherServer } from './load.ts';
import { compare, type Times } from './measure.ts';
import { columns, type Result } from './result.ts';

const atOnce = 16;
const requestsPerRound = 200;
const rounds = 36;
const timed = 'fetch with AbortSignal.timeout';
const apiKey = 'key-of-sixty-four-characters';
const headers = { accept: 'application/json', authorization: apiKey, 'user-agent': 'bench' };

interface Sides {
  /** One request of each. */
  readonly sides: Readonly<Record<string, () => Promise<unknown>>>;
  close(): Promise<unknown>;
}

/** Other clients, with the headers that the SDK sends. */
function others(url: string): Sides {
  const dispatcher = new Agent();
  const sides = {
    fetch: async () => JSON.parse(await (await fetch(url, { headers })).text()),
    [timed]: async () => {
      const response = await fetch(url, { headers, signal: AbortSignal.timeout(30_000) });
      return JSON.parse(await response.text());
    },
    'undici request': async () => {
      const { body } = await request(url, { headers, dispatcher });
      return JSON.parse(await body.text());
    },
    ky: () => ky.get(url, { headers }).json(),
    axios: () => axios.get(url, { headers }),
  };
  return { sides, close: () => dispatcher.close() };
}

function ours(url: string): Sides {
  // One for each concurrent call, so that no round opens new connections.
  const connections = { poolSize: atOnce };
  const bare = nodeFetch(connections);
  // Without this hint, every request would use a new connection.
  const send = () => bare(`${url}/accounts/balance`, { method: 'GET', headers }, { repeatable: true });
  const plain = new OctaClient({ apiKey, baseUrl: url });
  const pooled = new OctaClient({ apiKey, baseUrl: url, fetch: nodeFetch(connections) });
  const sides = {
    client: () => plain.accounts.balance(),
    'nodeFetch()': async () => JSON.parse(await (await send()).text()),
    'client with nodeFetch()': () => pooled.accounts.balance(),
  };
  return { sides, close: () => Promise.all([bare.close(), plain.close(), pooled.close()]) };
}

function perSecond({ wallMs }: Times): number {
  return (requestsPerRound / wallMs) * 1000;
}

/** Ratio of requests, per second of time and per second of CPU. */
function ratiosOf(time: Times, baseline: Times): { readonly wall: number; readonly cpu: number } {
  return { wall: baseline.wallMs / time.wallMs, cpu: baseline.cpuMs / time.cpuMs };
}

function rowOf(name: string, time: Times, baseline: Times): string[] {
  const { wall, cpu } = ratiosOf(time, baseline);
  const cpuEach = ((time.cpuMs * 1000) / requestsPerRound).toFixed(0);
  return [
    name,
    `${perSecond(time).toFixed(0)}/s`,
    `× ${wall.toFixed(2)}`,
    `${cpuEach} µs of CPU each`,
    `× ${cpu.toFixed(2)}`,
  ];
}

/** The result of a side, with a target ratio to fetch. */
function judged(
  name: string,
  against: string,
  { times, target }: { times: readonly [Times, Times]; target: number },
): Result {
  const [time, baseline] = times;
  const { wall, cpu } = ratiosOf(time, baseline);
  const rates = `${perSecond(time).toFixed(0)}/s against ${perSecond(baseline).toFixed(0)}/s`;
  return {
    what: `${name}: requests per second against ${against}`,
    measured: [`${rates}; per second of CPU × ${cpu.toFixed(2)}`],
    verdict: { value: wall, unit: '×', is: 'at least', target },
  };
}

/** Measures the throughput. */
export async function benchThroughput(): Promise<readonly Result[]> {
  await using server = await otherServer();
  const [theirs, own] = [others(`${server.url}/accounts/balance`), ours(server.url)];
  const single = Object.entries({ ...theirs.sides, ...own.sides });
  const many = single.map(([name, one]) => [name, () => inParallel(requestsPerRound, atOnce, one)]);
  const times = new Map(Object.entries<Times>(await compare(Object.fromEntries(many), rounds)));
  await Promise.all([theirs.close(), own.close()]);
  const timeOf = (name: string): Times => times.get(name) ?? { wallMs: Number.NaN, cpuMs: Number.NaN };
  const baseline = timeOf('fetch');
  const fastestFirst = [...times].sort(([, left], [, right]) => left.wallMs - right.wallMs);
  return [
    {
      what: `requests on loopback, ${atOnce} at once`,
      measured: columns(fastestFirst.map(([name, time]) => rowOf(name, time, baseline))),
    },
    // The client has a time limit, so fetch gets one too. The table above also has fetch without a limit.
    judged('client', timed, { times: [timeOf('client'), timeOf(timed)], target: 0.95 }),
    judged('nodeFetch()', 'fetch', { times: [timeOf('nodeFetch()'), baseline], target: 2.5 }),
    judged('client with nodeFetch()', 'fetch', { times: [timeOf('client with nodeFetch()'), baseline], target: 2.4 }),
  ];
}
