/** The keys of queries. */
import { hashKey, partialMatchKey } from '@tanstack/query-core';
import { describe, expect, test } from 'vitest';
import { OctaClient, OctaConfigurationError, OctaCore } from '../../../src/index.ts';
import { octaQueries } from '../../../src/query/index.ts';
import { rejection } from '../../support/failure.ts';

const apiKey = 'octa-secret-key-77';
const client = new OctaClient({ apiKey });
const queries = octaQueries(client, { scope: 'account-7' });
const { services, nodes, sessions, idleJobs, apps } = queries;
const session = services.session('u-1');

const keys: [title: string, key: readonly unknown[], want: readonly unknown[]][] = [
  ['everything of a client', queries.key, []],
  ['a resource', nodes.key, ['nodes']],
  ['a method', nodes.list().queryKey, ['nodes', 'list']],
  ['a filter', nodes.list({ country: 'DE' }).queryKey, ['nodes', 'list', { country: 'DE' }]],
  ['an id', nodes.get(42).queryKey, ['nodes', 'get', '42']],
  ['several ids', idleJobs.logs(42, 'job').queryKey, ['idleJobs', 'logs', '42', 'job']],
  ['a uuid', apps.get('a-1').queryKey, ['apps', 'get', 'a-1']],
  ['a service', services.mr.key, ['services', 'mr']],
  ['criteria', services.mr.find({ minGpus: 2 }).queryKey, ['services', 'mr', 'find', { minGpus: 2 }]],
  ['a session', session.key, ['services', 'session', 'u-1']],
  ['its logs', session.logs({ recent: true }).queryKey, ['services', 'session', 'u-1', 'logs', { recent: true }]],
  ['its life', session.watch({ until: 'ready' }).queryKey, ['services', 'session', 'u-1', 'watch']],
  [
    'parameters of the query',
    sessions.list({ query: { page: 2 } }).queryKey,
    ['sessions', 'list', { query: { page: 2 } }],
  ],
];

test.each(keys)('The key of %s follows its path.', (_, key, want) => {
  expect(key).toEqual(['octaspace', 'account-7', ...want]);
  expect(JSON.parse(JSON.stringify(key))).toEqual(key);
});

test('A key is the prefix of all keys below it.', () => {
  const below = [
    nodes.list({ country: 'DE' }),
    nodes.get(7),
    session.info(),
    session.watch(),
    services.vpn.available(),
  ];
  const found = (key: readonly unknown[]) => below.filter(({ queryKey }) => partialMatchKey(queryKey, key)).length;
  expect([queries, nodes, services, session, services.vpn, queries.apps].map(({ key }) => found(key))).toEqual([
    5, 2, 3, 2, 1, 0,
  ]);
});

describe('the same request', () => {
  const same: [title: string, one: readonly unknown[], other: readonly unknown[]][] = [
    [
      'with filters that are undefined',
      nodes.list({ country: undefined, app: undefined }).queryKey,
      nodes.list().queryKey,
    ],
    [
      'with filters in another order',
      nodes.list({ app: 'a', country: 'DE' }).queryKey,
      nodes.list({ country: 'DE', app: 'a' }).queryKey,
    ],
    ['with an id as text', nodes.get('42').queryKey, nodes.get(42).queryKey],
    [
      'with other limits and headers',
      nodes.get(42, { timeoutMs: 1, totalTimeoutMs: 2, retries: 0, headers: { 'x-trace': '1' } }).queryKey,
      nodes.get(42).queryKey,
    ],
    ['with another bound', idleJobs.logs(1, 2, { maxBytes: 5 }).queryKey, idleJobs.logs(1, 2).queryKey],
    [
      'with other times between looks',
      session.watch({ pollIntervalMs: 50 }).queryKey,
      session.watch({ pollIntervalMs: 60 }).queryKey,
    ],
    [
      'with an amount of any type',
      nodes.list({ query: { most: 10n ** 20n } }).queryKey,
      nodes.list({ query: { most: '100000000000000000000' } }).queryKey,
    ],
    [
      'with a date, or its text',
      nodes.list({ query: { since: new Date(0) } }).queryKey,
      nodes.list({ query: { since: '1970-01-01T00:00:00.000Z' } }).queryKey,
    ],
  ];
  test.each(same)('%s: the key is the same.', (_, one, other) => {
    expect(hashKey(one)).toBe(hashKey(other));
  });
});

describe('the scope', () => {
  test('Clients have different keys, even with the same options.', () => {
    const clients = [client, new OctaClient({ apiKey }), new OctaClient({ apiKey: 'b' }), new OctaClient()];
    const scopes = clients.map((each) => hashKey(octaQueries(each).nodes.list().queryKey));
    expect(new Set(scopes).size).toBe(clients.length);
  });

  test('One client always has the same keys.', () => {
    expect(octaQueries(client).accounts.get().queryKey).toEqual(octaQueries(client).accounts.get().queryKey);
  });

  test('Clients with the same scope share keys.', () => {
    const other = octaQueries(new OctaClient(), { scope: 'account-7' });
    expect(other.nodes.get(7).queryKey).toEqual(nodes.get(7).queryKey);
  });

  test('No key contains the API key.', () => {
    expect(JSON.stringify(octaQueries(client).accounts.get())).not.toContain(apiKey);
  });
});

describe('refused arguments', () => {
  test.each([
    [undefined, 'undefined'],
    [null, 'null'],
    ['octa-key', 'of type string, without accounts'],
    [{}, 'of type object, without accounts'],
    [new OctaCore(), 'of type object, without accounts'],
    [{ ...client, nodes: undefined }, 'of type object, without nodes'],
  ])('A value that is not a client: %o.', (given, what) => {
    // What a caller without types may pass.
    const make = () => octaQueries(given as unknown as OctaClient);
    expect(make).toThrow(new OctaConfigurationError({ message: `client is ${what}; allowed: an OctaClient` }));
  });

  test.each([
    ['', 'scope must be a non-empty string'],
    [7, 'scope must be a non-empty string'],
    [null, 'scope must be a non-empty string'],
  ])('The scope %j.', (scope, message) => {
    // What a caller without types may pass.
    expect(() => octaQueries(client, { scope: scope as string })).toThrow(new OctaConfigurationError({ message }));
  });

  test.each([
    [{ pollIntervalMs: -1 }, 'pollIntervalMs is -1; allowed: a number of milliseconds, 0 or more'],
    [{ pollIntervalMs: '3000' }, 'pollIntervalMs is 3000; allowed: a number of milliseconds, 0 or more'],
    [{ until: 'started' }, 'until is started; allowed: ready or ended'],
  ])('The options %o of a watch.', (options, message) => {
    expect(() => session.watch(options as object)).toThrow(new OctaConfigurationError({ message }));
  });

  test.each([[{ county: 'DE' }], ['DE']])('The options %j of a read, by its call.', async (options) => {
    const query = nodes.list(options as object);
    const error = await rejection(query.queryFn({ signal: new AbortController().signal }));
    expect(error).toBeInstanceOf(OctaConfigurationError);
  });
});

test('A query rejects unused arguments, and counts undefined as omitted.', () => {
  type Loose = (...given: readonly unknown[]) => unknown;
  const calls: [name: string, query: Loose, given: unknown[]][] = [
    ['list', nodes.list as Loose, [{}]],
    ['get', nodes.get as Loose, [1, {}]],
    ['list', sessions.list as Loose, [{ recent: true }]],
    ['find', services.mr.find as Loose, [{}]],
    ['watch', session.watch as Loose, [{}]],
  ];
  for (const [name, query, given] of calls) {
    const message = `${name} takes at most ${given.length} argument${given.length === 1 ? '' : 's'}, but got ${given.length + 1}`;
    expect(() => query(...given, { retries: 0 })).toThrow(new OctaConfigurationError({ message }));
    expect(() => query(...given, undefined)).not.toThrow();
  }
});
