/** An application that has both copies of the package in one process, because its dependencies disagree. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import * as esm from '@octaspace/sdk';
import calls from './calls.cjs';

const cjs = createRequire(import.meta.url)('@octaspace/sdk');
assert.notEqual(esm.OctaError, cjs.OctaError);

for (const [thrower, catcher] of [
  [esm, cjs],
  [cjs, esm],
]) {
  const client = calls.clientOf(thrower);
  const missing = await calls.caught(client.nodes.get(404));
  assert.equal(missing.constructor, thrower.OctaNotFoundError);
  for (const name of ['OctaNotFoundError', 'OctaApiError', 'OctaError']) assert.ok(missing instanceof catcher[name]);
  for (const name of ['OctaServerError', 'OctaNetworkError']) assert.ok(!(missing instanceof catcher[name]));
  for (const guard of ['isOctaError', 'isApiError', 'isNotFound']) assert.ok(catcher[guard](missing));
  for (const guard of ['isAuthError', 'isRateLimit', 'isTimeout', 'isNetworkError'])
    assert.ok(!catcher[guard](missing));

  const aborted = await calls.caught(client.accounts.get({ signal: AbortSignal.abort() }));
  assert.ok(aborted instanceof catcher.OctaAbortError && catcher.isNetworkError(aborted));
  assert.ok(catcher.isAuthError(await calls.caught(calls.clientOf(thrower, { apiKey: undefined }).accounts.get())));
  assert.ok(!catcher.isOctaError(new Error('of somebody else')));
}
