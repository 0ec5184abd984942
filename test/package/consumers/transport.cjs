/** What consumers do with the transport of Node, with undici installed and without. */
const assert = require('node:assert/strict');
const { callEverything, caught, clientOf } = require('./calls.cjs');

/** Every call over the transport; afterwards the process has nothing left to wait for. */
async function useTransport(sdk, { nodeFetch }) {
  const fetch = nodeFetch({ poolSize: 2 });
  await callEverything(sdk, { fetch });
  assert.ok(fetch.stats().totals.requests > 3);
  const client = clientOf(sdk, { fetch });
  assert.deepEqual(client.transportStats().connections, fetch.stats());
  await client.close();
  assert.ok((await caught(client.network.get())) instanceof sdk.OctaConfigurationError);
}

/** Without undici there is a clear error, and nobody is told of it who does not use the transport. */
async function missUndici(sdk, { nodeFetch }) {
  const error = await caught(clientOf(sdk, { fetch: nodeFetch() }).accounts.balance());
  assert.ok(error instanceof sdk.OctaConfigurationError);
  assert.match(error.message, /npm install undici/);
}

module.exports = {
  run: (sdk, node) => (process.env.OCTA_TEST_UNDICI ? useTransport(sdk, node) : missUndici(sdk, node)),
};
