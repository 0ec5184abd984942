/** Methods reject more arguments than they declare. */
import { describe, expect, test } from 'vitest';
import * as sdk from '../../../src/index.ts';
import { jsonAnswer, recordingClient } from '../../support/recording.ts';

const uuid = '5dd2d308-db91-4bda-86ff-e512d711b363';

/** The objects with public methods, by the names that errors use for them. */
const places: Readonly<Record<string, (client: sdk.OctaClient) => object>> = {
  client: (client) => client,
  'client.api': ({ api }) => api,
  accounts: ({ accounts }) => accounts,
  apps: ({ apps }) => apps,
  idleJobs: ({ idleJobs }) => idleJobs,
  leases: ({ leases }) => leases,
  network: ({ network }) => network,
  nodes: ({ nodes }) => nodes,
  services: ({ services }) => services,
  'services.mr': ({ services }) => services.mr,
  'services.render': ({ services }) => services.render,
  'services.vpn': ({ services }) => services.vpn,
  session: ({ services }) => services.session(uuid),
  sessions: ({ sessions }) => sessions,
};

/** How many arguments each method takes. */
const counts: Readonly<Record<string, number>> = {
  'accounts.balance': 1,
  'accounts.generateWallet': 1,
  'accounts.get': 1,
  'apps.get': 2,
  'apps.list': 1,
  'client.api.GET': 2,
  'client.api.PATCH': 2,
  'client.api.POST': 2,
  'client.api.request': 3,
  'client.close': 1,
  'client.transportStats': 0,
  'idleJobs.get': 3,
  'idleJobs.logs': 3,
  'leases.attach': 1,
  'leases.list': 0,
  'leases.reconcile': 1,
  'leases.spending': 0,
  'network.get': 1,
  'nodes.downloadIdent': 2,
  'nodes.downloadLogs': 2,
  'nodes.get': 2,
  'nodes.list': 1,
  'nodes.reboot': 2,
  'nodes.updatePrices': 3,
  'services.mr.available': 1,
  'services.mr.find': 1,
  'services.mr.rent': 2,
  'services.mr.rentMany': 2,
  'services.mr.run': 2,
  'services.mr.start': 2,
  'services.mr.startMany': 2,
  'services.render.available': 1,
  'services.render.find': 1,
  'services.render.rent': 2,
  'services.render.rentMany': 2,
  'services.render.start': 2,
  'services.session': 1,
  'services.vpn.available': 1,
  'services.vpn.find': 1,
  'services.vpn.rent': 2,
  'services.vpn.rentMany': 2,
  'services.vpn.start': 2,
  'session.followLogs': 1,
  'session.guard': 1,
  'session.info': 1,
  'session.keep': 0,
  'session.logs': 1,
  'session.stop': 1,
  'session.waitUntilReady': 1,
  'session.watch': 1,
  'sessions.find': 2,
  'sessions.list': 2,
  'sessions.stopAll': 1,
};

/** Methods that return no promise, and throw. */
const throwing = [
  'client.transportStats',
  'services.mr.run',
  'services.session',
  'session.followLogs',
  'session.guard',
  'session.keep',
  'session.watch',
];

/** The functions of an object and of its SDK classes, without internal ones of base classes. */
function namesAt(place: object): string[] {
  const prototype = Object.getPrototypeOf(place);
  const holders = [place, prototype, ...(place instanceof sdk.OctaClient ? [Object.getPrototypeOf(prototype)] : [])];
  const members = holders.filter((holder) => holder !== Object.prototype).map(Object.getOwnPropertyDescriptors);
  return members.flatMap((all) =>
    Object.entries(all).flatMap(([name, { value }]) =>
      typeof value === 'function' && name !== 'constructor' ? [name] : [],
    ),
  );
}

interface Made {
  /** The method of a new client. */
  readonly call: (...given: unknown[]) => unknown;
  readonly requests: readonly string[];
}

function methodNamed(path: string): Made {
  const { client, requests } = recordingClient(() => jsonAnswer('[]'));
  const at = path.lastIndexOf('.');
  const holder = places[path.slice(0, at)]?.(client);
  const method: unknown = Reflect.get(Object(holder), path.slice(at + 1));
  if (typeof method !== 'function') throw new Error(`there is no ${path}`);
  return { call: (...given) => Reflect.apply(method, holder, given), requests };
}

/** How a call failed, and with which error. */
async function endOf(call: () => unknown): Promise<{ readonly how: string; readonly error?: unknown }> {
  let result: unknown;
  try {
    result = call();
  } catch (error) {
    return { how: 'throws', error };
  }
  try {
    await result;
    return { how: 'returns' };
  } catch (error) {
    return { how: 'rejects', error };
  }
}

const named = Object.entries(counts);
const options = () => ({ signal: AbortSignal.abort() });

test('Every public method of a client is in the table.', () => {
  const { client } = recordingClient(() => jsonAnswer('[]'));
  const found = Object.entries(places).flatMap(([place, holderIn]) =>
    namesAt(holderIn(client)).map((name) => `${place}.${name}`),
  );
  expect(found.sort()).toEqual(named.map(([name]) => name).sort());
});

test.each(named)('%s fails with one argument more than it takes, and sends nothing.', async (name, count) => {
  const { call, requests } = methodNamed(name);
  const given = Array.from({ length: count }, options);
  const { how, error } = await endOf(() => call(...given, { retries: 0 }));
  expect(how).toBe(throwing.includes(name) ? 'throws' : 'rejects');
  expect(error).toBeInstanceOf(sdk.OctaConfigurationError);
  const advice = count === 0 ? '' : `, or merge it into argument ${count}`;
  const taken = `${count} argument${count === 1 ? '' : 's'}`;
  const message = `${name} takes ${taken}, but got ${count + 1}; remove argument ${count + 1}${advice}`;
  expect(error).toMatchObject({ message, outcome: 'not-sent' });
  expect(requests).toEqual([]);
});

test.each(named)(
  '%s accepts as many arguments as it declares, and ignores undefined ones beyond.',
  async (name, count) => {
    const given = Array.from({ length: count }, options);
    const { error } = await endOf(() => methodNamed(name).call(...given, undefined, undefined));
    expect(String(error)).not.toMatch(/ takes \d/);
  },
);

describe('The error', () => {
  const { client } = recordingClient(() => jsonAnswer('[]'));
  const loose: Readonly<Record<string, (...given: unknown[]) => unknown>> = Object(client.services);

  test('advises to merge only objects.', () => {
    expect(() => loose.session?.(uuid, { retries: 0 })).toThrow(
      'services.session takes 1 argument, but got 2; remove argument 2',
    );
  });

  test('says how to pass a method to map or forEach.', async () => {
    const { client: other, requests } = recordingClient(() => jsonAnswer('{}'));
    const { get } = other.nodes as unknown as { get: (...given: unknown[]) => Promise<unknown> };
    const message = 'nodes.get takes 2 arguments, but got 3; pass (item) => nodes.get(item)';
    for (const bound of [undefined, other.nodes]) {
      const ended = await Promise.allSettled([7, 8].map(get, bound));
      expect(ended.map((each) => Object(each).reason.message)).toEqual([message, message]);
    }
    expect(() => [uuid].map(Object(other.services).session)).toThrow('pass (item) => services.session(item)');
    expect(requests).toEqual([]);
  });

  test('is also thrown by withResponse().', async () => {
    const list = client.nodes.list as (...given: unknown[]) => sdk.OctaPromise<unknown>;
    const both = [list.call(client.nodes, {}, {}).withResponse(), list.call(client.nodes, {}, {}).asResponse()];
    for (const each of both) await expect(each).rejects.toThrow('nodes.list takes 1 argument, but got 2');
  });

  test('is also thrown by the constructor and by fromEnv.', () => {
    const Loose = sdk.OctaClient as unknown as {
      new (...given: unknown[]): unknown;
      fromEnv(...given: unknown[]): unknown;
    };
    const Core = sdk.OctaCore as unknown as new (...given: unknown[]) => unknown;
    const advice = 'takes 1 argument, but got 2; remove argument 2, or merge it into argument 1';
    expect(() => new Loose({}, { retries: 0 })).toThrow(`the constructor of the client ${advice}`);
    expect(() => new Core({}, { retries: 0 })).toThrow(`the constructor of the client ${advice}`);
    expect(() => Loose.fromEnv({}, { retries: 0 })).toThrow(`OctaClient.fromEnv ${advice}`);
  });
});

describe('A strict method', () => {
  test('keeps the name, the length and the property of the original method.', () => {
    const { list } = sdk.NodesResource.prototype;
    expect([list.name, list.length]).toEqual(['list', 1]);
    expect(Object.keys(sdk.NodesResource.prototype)).toEqual([]);
  });

  test('can be overridden by a method with more parameters.', async () => {
    class Nodes extends sdk.NodesResource {
      override list(...given: readonly unknown[]): ReturnType<sdk.NodesResource['list']> {
        return super.list(Object.assign({}, ...given));
      }
    }
    const { client, requests } = recordingClient(() => jsonAnswer('[]'));
    await new Nodes(client).list({ country: 'DE' }, { app: 'a' });
    expect(requests).toEqual(['GET /nodes?country=DE&app=a']);
  });

  test('can be replaced before there is a client.', async () => {
    const own = Object.getOwnPropertyDescriptor(sdk.NodesResource.prototype, 'list');
    Object.defineProperty(sdk.NodesResource.prototype, 'list', {
      value: (...given: unknown[]) => given,
      configurable: true,
    });
    try {
      const { client } = recordingClient(() => jsonAnswer('[]'));
      const replaced = client.nodes.list as (...given: unknown[]) => unknown;
      expect(replaced(1, 2)).toEqual([1, 2]);
    } finally {
      Object.defineProperty(sdk.NodesResource.prototype, 'list', own ?? {});
    }
  });
});
