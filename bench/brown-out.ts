/** Counts the requests that an API in trouble gets: the SDK's retry budget against clients that always retry. */
import ky from 'ky';
import { OctaClient } from '../src/index.ts';
import { json, serve } from '../test/support/server.ts';
import { inParallel } from './load.ts';
import { columns, type Result } from './result.ts';

const calls = 300;
const atOnce = 10;
const retries = 3;
const retryDelayMs = 5;
const text = '{"balance":5000000000000000,"currency":"OCTA"}';

/** Numbers from 0 to 1, the same in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

async function byHand(url: string): Promise<unknown> {
  for (let attempt = 0; ; attempt++) {
    const response = await fetch(url);
    const body = await response.text();
    if (response.ok) return JSON.parse(body);
    if (attempt === retries) throw new Error(`status ${response.status}`);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * retryDelayMs * 2 ** attempt));
  }
}

/** One call of each side, for a server at a URL. */
const sides: Readonly<Record<string, (url: string) => () => Promise<unknown>>> = {
  client: (url) => {
    const client = new OctaClient({ apiKey: 'key-of-the-bench', baseUrl: url, retries, retryDelayMs });
    return () => client.accounts.balance();
  },
  ky: (url) => {
    const patient = ky.create({ retry: { limit: retries, delay: (attempt) => retryDelayMs * 2 ** (attempt - 1) } });
    return () => patient.get(`${url}/accounts/balance`).json();
  },
  'a loop around fetch': (url) => () => byHand(`${url}/accounts/balance`),
};

interface Outcome {
  readonly sentPerCall: number;
  readonly succeeded: number;
}

/** Makes the calls against a server that refuses this share of all requests. */
async function suffer(share: number, start: (url: string) => () => Promise<unknown>): Promise<Outcome> {
  const random = seeded(1);
  await using server = await serve((_, response) => {
    if (random() < share) json(response, '{"error":"unavailable"}', 503);
    else json(response, text);
  });
  const one = start(server.url);
  let succeeded = 0;
  await inParallel(calls, atOnce, async () => {
    const worked = await one().then(
      () => true,
      () => false,
    );
    if (worked) succeeded++;
  });
  return { sentPerCall: server.received.length / calls, succeeded };
}

async function compareAt(share: number): Promise<Readonly<Record<string, Outcome>>> {
  const outcomes: Record<string, Outcome> = {};
  for (const [name, start] of Object.entries(sides)) outcomes[name] = await suffer(share, start);
  return outcomes;
}

function linesOf(outcomes: Readonly<Record<string, Outcome>>): string[] {
  const rows = Object.entries(outcomes).map(([name, { sentPerCall, succeeded }]) => {
    return [name, `× ${sentPerCall.toFixed(2)}`, `${((succeeded / calls) * 100).toFixed(0)} % of calls succeed`];
  });
  return columns(rows);
}

/** Counts requests in an outage and in a brown-out. */
export async function benchBrownOut(): Promise<readonly Result[]> {
  const outage = await compareAt(1);
  const half = await compareAt(0.5);
  const value = outage.client?.sentPerCall ?? Number.NaN;
  const setting = `${calls} reads with ${retries} retries, ${atOnce} at once`;
  return [
    {
      what: `requests sent per call while every answer is a 503; ${setting}`,
      measured: linesOf(outage),
      verdict: { value, unit: '×', is: 'at most', target: 1.15 },
    },
    { what: 'the same while half of the answers, at random, are a 503', measured: linesOf(half) },
  ];
}
