const { OctaClient } = require('@octaspace/sdk');
const { octaQueries } = require('@octaspace/sdk/query');
const { OctaSimulator } = require('@octaspace/sdk/testing');

test('entry points load without globals of the web', () => {
  for (const loaded of [OctaClient, octaQueries, OctaSimulator]) expect(typeof loaded).toBe('function');
});

test('the entry point for Node loads on Node', () => {
  if (typeof document === 'undefined') expect(typeof require('@octaspace/sdk/node').nodeFetch).toBe('function');
});
