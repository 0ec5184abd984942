/** What every JavaScript consumer does with the package, however it got hold of it. */
const assert = require('node:assert/strict');

/** What a promise rejects with. */
async function caught(promise) {
  const outcome = await promise.then(
    () => new Error('nothing was thrown'),
    (error) => error,
  );
  return outcome;
}

/** A client of the server that the check has started. */
function clientOf(sdk, options = {}) {
  return new sdk.OctaClient({ apiKey: 'consumer-key', baseUrl: process.env.OCTA_TEST_URL, retries: 0, ...options });
}

/** Calls and errors, over real HTTP. */
async function callEverything(sdk, options = {}) {
  const client = clientOf(sdk, options);
  const { balance } = await client.accounts.balance();
  assert.equal(balance, 31428028938060847852n);
  assert.equal(sdk.formatOcta(balance), '31.428028938060847852');
  const { data } = await client.api.GET('/accounts/balance');
  assert.equal(data.balance, 31428028938060847852n);
  await client.nodes.updatePrices(7, { base: 31428028938060847852n });

  const missing = await caught(client.nodes.get(404));
  assert.equal(missing.constructor, sdk.OctaNotFoundError);
  assert.equal(missing.name, 'OctaNotFoundError');
  assert.ok(missing instanceof sdk.OctaApiError && missing instanceof sdk.OctaError && missing instanceof Error);
  assert.ok(sdk.isNotFound(missing) && !sdk.isTimeout(missing));
  assert.ok(!JSON.stringify(missing).includes('consumer-key'));

  const limited = await caught(client.nodes.get(429));
  assert.ok(sdk.isRateLimit(limited));
  assert.equal(limited.retryAfter, 7);

  const refused = await caught(client.services.mr.start({ node_id: 1, disk_size: 5, image: 'ubuntu' }));
  assert.ok(refused instanceof sdk.OctaProvisionRejectedError);
  assert.deepEqual(refused.rejections, [{ id: 0, reason: 'Node not found', status: 1 }]);

  const excess = await caught(client.nodes.list({ country: 'DE' }, { retries: 0 }));
  assert.ok(excess instanceof sdk.OctaConfigurationError);
  assert.ok(excess.message.startsWith('nodes.list takes 1 argument, but got 2'));

  const silent = await caught(clientOf(sdk, { apiKey: undefined }).accounts.get());
  assert.ok(silent instanceof sdk.OctaAuthenticationError);
  assert.throws(() => new sdk.OctaClient({ timeout: 1 }), sdk.OctaConfigurationError);
}

module.exports = { callEverything, caught, clientOf };
