/** Measures the time of one call on a stub fetch, with and without hooks, against minimal code written by hand. */
import { OctaClient } from '../src/index.ts';
import { compare, type Times } from './measure.ts';
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
  const always = { apiKey: 'key-of-sixty-four-characters', fetch: stub, logger: silent };
  const plain = new OctaClient(always);
  const hooked = new OctaClient({ ...always, onRequest: hook, onResponse: hook, onRetry: hook, onDrift: hook });
  const callsOf = (client: OctaClient) => async () => {
    for (let call = 0; call < calls; call++) await client.accounts.balance();
  };
  const times = await compare({ plain: callsOf(plain), hooked: callsOf(hooked), byHand }, 25);
  const each = (ms: number) => `${((ms * 1000) / calls).toFixed(1)} µs`;
  const resultOf = (what: string, time: Times, target: number): Result => ({
    what: `one call on a stub fetch, ${what}, against fetch + Headers + AbortSignal.timeout + JSON.parse`,
    measured: [`${each(time.cpuMs)} of CPU against ${each(times.byHand.cpuMs)}`],
    verdict: { value: time.cpuMs / times.byHand.cpuMs, unit: '×', is: 'at most', target },
  });
  return [resultOf('no options', times.plain, 1.05), resultOf('all hooks', times.hooked, 1.15)];
}
