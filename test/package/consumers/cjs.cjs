/** An application in CommonJS. */
const assert = require('node:assert/strict');
const sdk = require('@octaspace/sdk');
const manifest = require('@octaspace/sdk/package.json');
const { callEverything } = require('./calls.cjs');

assert.equal(sdk.version, manifest.version);
assert.ok(require.resolve('@octaspace/sdk').endsWith('index.cjs'));
callEverything(sdk);
