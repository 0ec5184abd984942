/** Measures the CPU of one call on a stub fetch, with every feature on, against minimal code written by hand. */
import { OctaClient } from '../src/index.ts';
import { compare } from './measure.ts';
import type { Result } from './result.ts';

const calls = 2_000;
const text = '{"balance":5000000000000000,"currency":"OCTA"}';
const url = 'https://api.octa.computer/accounts/balance';

function stub(): Promise<Response> {
  return Promise.resolve(new Response(text, { headers: { 'content-type': 'application/json' } }));
}

async function byHand(): Promise<void> {
  for (let call = 0; call < calls; call++) {
    const headers = new Headers({
      accept: 'application/json',
      authorization: 'key-of-sixty-four-characters',
      'user-agent': 'bench',
    });
    const response = await (stub as typeof fetch)(url, { headers, signal: AbortSignal.timeout(30_000) });
    JSON.parse(await response.text());
  }
}

/** Measures the overhead of a call. */
export async function benchCall(): Promise<readonly Result[]> {
  const silent = { error() {}, warn() {}, info() {}, debug() {} };
  const hook = () => undefined;
  const hooks = { onRequest: hook, onResponse: hook, onRetry: hook, onDrift: hook };
  const client = new OctaClient({ apiKey: 'key-of-sixty-four-characters', fetch: stub, logger: silent, ...hooks });
  const ours = async () => {
    for (let call = 0; call < calls; call++) await client.accounts.balance();
  };
  const times = await compare({ ours, byHand }, 25);
  const each = (ms: number) => `${((ms * 1000) / calls).toFixed(1)} µs`;
  return [
    {
      what: 'one call on a stub fetch, all features on, against fetch + Headers + AbortSignal.timeout + JSON.parse',
      measured: [`${each(times.ours.wallMs)} against ${each(times.byHand.wallMs)}`],
      verdict: { value: times.ours.wallMs / times.byHand.wallMs, unit: '×', is: 'at most', target: 1.15 },
    },
  ];
}
