/** An application in ES modules. */
import assert from 'node:assert/strict';
import * as sdk from '@octaspace/sdk';
import manifest from '@octaspace/sdk/package.json' with { type: 'json' };
import calls from './calls.cjs';

assert.equal(sdk.version, manifest.version);
assert.ok(import.meta.resolve('@octaspace/sdk').endsWith('/dist/index.js'));
await calls.callEverything(sdk);
