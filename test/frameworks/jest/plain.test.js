const { OctaClient } = require('@octaspace/sdk');
const { OctaSimulator } = require('@octaspace/sdk/testing');

test('every entry point loads', () => {
  expect(new OctaClient({ apiKey: 'any' }).closed).toBe(false);
  expect(new OctaSimulator().running).toEqual([]);
  expect(typeof require('@octaspace/sdk/query').octaQueries).toBe('function');
  expect(typeof require('@octaspace/sdk/node').nodeFetch).toBe('function');
});
