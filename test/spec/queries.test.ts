/** Queries and the methods that read, one to one. */
import { expect, test } from 'vitest';
import { operations } from '../../generated/operations.ts';
import { OctaClient, type RequestOptions } from '../../src/index.ts';
import { type OctaQueries, octaQueries } from '../../src/query/index.ts';
import { methods, operationsOf, requestsOf } from '../support/methods.ts';

const uuid = '5dd2d308-db91-4bda-86ff-e512d711b363';
const app = '249b4cb3-3db1-4c06-98a4-772ba88cd81c';

interface SomeQuery {
  readonly queryFn: (context: { readonly signal: AbortSignal }) => Promise<unknown>;
}

/** Every query, with the arguments that the method of the same name is called with. */
const queries: Readonly<Record<string, (tree: OctaQueries, options: Pick<RequestOptions, 'retries'>) => SomeQuery>> = {
  'accounts.balance': (tree, options) => tree.accounts.balance(options),
  'accounts.get': (tree, options) => tree.accounts.get(options),
  'apps.get': (tree, options) => tree.apps.get(app, options),
  'apps.list': (tree, options) => tree.apps.list(options),
  'idleJobs.get': (tree, options) => tree.idleJobs.get(9010, 42, options),
  'idleJobs.logs': (tree, options) => tree.idleJobs.logs(9010, 42, options),
  'network.get': (tree, options) => tree.network.get(options),
  'nodes.downloadIdent': (tree, options) => tree.nodes.downloadIdent(9010, options),
  'nodes.downloadLogs': (tree, options) => tree.nodes.downloadLogs(9010, options),
  'nodes.get': (tree, options) => tree.nodes.get(9010, options),
  'nodes.list': (tree, options) => tree.nodes.list({ country: 'DE', app, ...options }),
  'services.mr.available': (tree, options) => tree.services.mr.available(options),
  'services.mr.find': (tree, options) => tree.services.mr.find(options),
  'services.render.available': (tree, options) => tree.services.render.available(options),
  'services.render.find': (tree, options) => tree.services.render.find(options),
  'services.session.info': (tree, options) => tree.services.session(uuid).info(options),
  'services.session.logs': (tree, options) => tree.services.session(uuid).logs({ recent: true, ...options }),
  'services.vpn.available': (tree, options) => tree.services.vpn.available(options),
  'services.vpn.find': (tree, options) => tree.services.vpn.find(options),
  'sessions.list': (tree, options) => tree.sessions.list({ recent: true, ...options }),
};

/** Gives a session, which is no data but something to act on. */
const givesNoData = 'sessions.find';
/** Asks again and again; it has tests of its own. */
const longer = 'services.session.watch';

function run(query: SomeQuery): Promise<unknown> {
  return query.queryFn({ signal: new AbortController().signal });
}

/** The names of all functions below a place. */
function namesIn(place: object, path: string): string[] {
  return Object.entries(place).flatMap(([name, value]: [string, unknown]) => {
    if (name === 'session') return [];
    if (typeof value === 'function') return [path + name];
    return typeof value === 'object' && value !== null && name !== 'key' ? namesIn(value, `${path}${name}.`) : [];
  });
}

test('Every method that reads has a query, and no other has one.', async () => {
  const reading: string[] = [];
  for (const [name, call] of Object.entries(methods)) {
    const [id] = await operationsOf((client) => call(client, {}));
    if (id !== undefined && operations[id].effect === 'read') reading.push(name);
  }
  const tree = octaQueries(new OctaClient());
  const names = [...namesIn(tree, ''), ...namesIn(tree.services.session(uuid), 'services.session.')];
  expect(names.sort()).toEqual([...reading.filter((name) => name !== givesNoData), longer].sort());
  expect(names.filter((name) => name !== longer)).toEqual(Object.keys(queries).sort());
});

test('Every operation that reads is reached by a query, and no other is.', async () => {
  const reached = new Set<string>();
  for (const query of Object.values(queries)) {
    for (const id of await operationsOf((client) => run(query(octaQueries(client), {})))) reached.add(id);
  }
  const reads = Object.entries(operations).filter(([, { effect }]) => effect === 'read');
  expect([...reached].sort()).toEqual(reads.map(([id]) => id).sort());
});

test.for(Object.entries(queries))('%s sends the same request as the method of its name.', async ([name, query]) => {
  const sent = await requestsOf((client) => run(query(octaQueries(client), { retries: 0 })));
  expect(sent).toHaveLength(1);
  expect(sent).toEqual(await requestsOf((client) => methods[name]?.(client, {}) ?? Promise.reject(new Error(name))));
});
