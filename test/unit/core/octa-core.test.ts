/** Resources with a core instead of a client. */
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import {
  AccountsResource,
  MrResource,
  NetworkResource,
  OctaClient,
  OctaConfigurationError,
  OctaCore,
  OctaNotFoundError,
  SessionResource,
} from '../../../src/index.ts';
import { contextOf } from '../../../src/leases/leases.ts';
import { OctaSimulator } from '../../../src/testing/index.ts';
import { failure } from '../../support/failure.ts';
import { jsonAnswer } from '../../support/recording.ts';

const apiKey = 'a-key-for-tests';

test('A resource works with only a core, and uses its options.', async () => {
  const sent: [url: string, key: string | null][] = [];
  const fetch = async (url: string, { headers }: RequestInit) => {
    sent.push([url, new Headers(headers).get('authorization')]);
    return jsonAnswer('{"balance":31428028938060847852,"market_price":0.1}');
  };
  const core = new OctaCore({ apiKey, baseUrl: 'https://api.example', fetch });
  await expect(new AccountsResource(core).balance()).resolves.toMatchObject({ balance: 31428028938060847852n });
  await expect(new NetworkResource(core).get()).resolves.toMatchObject({ market_price: 0.1 });
  expect(sent).toEqual([
    ['https://api.example/accounts/balance', apiKey],
    ['https://api.example/network', null],
  ]);
});

test('All services of one core share started sessions; other cores do not see them.', async () => {
  const { fetch, clock } = new OctaSimulator({ apiKey, seed: 7 });
  const [core, other] = [new OctaCore({ apiKey, fetch, clock }), new OctaCore({ apiKey, fetch, clock })];
  const [machine] = await new MrResource(core).available();
  const session = await new MrResource(core).start({ node_id: Number(machine?.node_id), disk_size: 10, image: 'x' });
  expect(contextOf(core)).toBe(contextOf(core));
  expect([...contextOf(core).held.values()].map(({ uuid, facts }) => [uuid, facts.leaseId])).toEqual([
    [session.uuid, session.leaseId],
  ]);
  expect(contextOf(other).held.size).toBe(0);
});

test('A session resource needs only a core and a uuid.', async () => {
  const { fetch, clock, running } = new OctaSimulator({ apiKey, seed: 7 });
  const core = new OctaCore({ apiKey, fetch, clock });
  const [machine] = await new MrResource(core).available();
  const { uuid } = await new MrResource(core).start({ node_id: Number(machine?.node_id), disk_size: 10, image: 'x' });
  const session = new SessionResource(core, uuid);
  await session.waitUntilReady();
  await session.stop();
  expect((await session.info().catch((error: unknown) => error)) instanceof OctaNotFoundError).toBe(true);
  expect(running).toEqual([]);
});

describe('A resource needs a core', () => {
  test.each([undefined, null, {}, { apiKey }])('and rejects %j.', (wrong) => {
    expect(() => new NetworkResource(wrong as never)).toThrow(OctaConfigurationError);
    expect(() => new NetworkResource(wrong as never)).toThrow('a resource needs an OctaClient or OctaCore');
  });

  test('and accepts a client.', async () => {
    const client = new OctaClient({ apiKey, fetch: async () => jsonAnswer('{"market_price":0.1}') });
    expect(client).toBeInstanceOf(OctaCore);
    await expect(new NetworkResource(client).get()).resolves.toEqual({ market_price: 0.1 });
  });
});

test('A closed core rejects calls.', async () => {
  const core = new OctaCore({ apiKey, fetch: async () => jsonAnswer('{}') });
  expect(core.closed).toBe(false);
  await core.close();
  expect(core.closed).toBe(true);
  const error = await failure(new NetworkResource(core).get(), OctaConfigurationError);
  expect(error.message).toBe('getNetwork: the client is closed; create a new one');
  expect(core.transportStats()).toMatchObject({ baseUrls: [{ url: 'https://api.octa.computer' }] });
});

test('Printing a core or a resource does not show the API key.', () => {
  const core = new OctaCore({ apiKey });
  const shown = inspect([core, new NetworkResource(core)], { depth: 9, showHidden: true, getters: true });
  expect(`${shown} ${JSON.stringify([core, new NetworkResource(core)])}`).not.toContain(apiKey);
});
