import { describe, expect, test } from 'vitest';
import { OctaClient, OctaConfigurationError } from '../../../src/index.ts';
import { OctaSimulator, type OctaSimulatorOptions } from '../../../src/testing/index.ts';
import { failure } from '../../support/failure.ts';
import { ask, aWorld, rental } from './ask.ts';

describe('a wrong option throws an error with its name', () => {
  test.each<[options: unknown, message: string | RegExp]>([
    [null, 'the argument of OctaSimulator is null; allowed: an object'],
    [{ latency: 5 }, 'unknown option "latency" for OctaSimulator; did you mean latencyMs?'],
    [{ colour: 5 }, /^unknown option "colour" for OctaSimulator; known: machines, /],
    [{ seed: {} }, 'seed is an object; allowed: a string or a finite number'],
    [{ latencyMs: -1 }, 'latencyMs is -1; allowed: a number of milliseconds, from 0 to a year'],
    [{ apiKey: '' }, 'apiKey is ""; allowed: a non-empty string'],
    [{ balanceWei: 5 }, 'balanceWei is 5; allowed: an amount of Wei as a bigint, 0n or more'],
    [{ balanceWei: -5n }, 'balanceWei is -5n; allowed: an amount of Wei as a bigint, 0n or more'],
    [{ speed: Number.NaN }, 'speed is NaN; allowed: a number from 0 to 1 000 000'],
    [{ startedAt: 1.5 }, /^startedAt is 1\.5; allowed: a time in Unix ms/],
    [{ quirks: 'no' }, 'quirks is "no"; allowed: true or false'],
    [{ readyAfterMs: '8s' }, /^readyAfterMs is "8s"/],
    [{ machines: -1 }, 'machines is -1; allowed: a whole number from 0 to 10000, or an array'],
    [{ machines: [{}] }, 'machines[0].node_id is undefined; allowed: a whole number, 1 or more'],
    [{ machines: [5] }, 'machines[0] is 5; allowed: an object'],
    [
      { machines: [{ node_id: 1 }, { node_id: 1 }] },
      /^machines\[1\]\.node_id is 1; allowed: a value that no other entry/,
    ],
    [{ relays: [{ node_id: 1, priceWeiPerHour: 3 }] }, /^relays\[0\]\.priceWeiPerHour is 3; allowed: an amount of Wei/],
    [
      { renderMachines: [{ node_id: 1, price: 3n }] },
      'unknown option "price" for renderMachines[0]; did you mean priceWeiPerHour?',
    ],
    [{ nodes: [{ node_id: 1 }] }, /^unknown option "node_id" for nodes\[0\]/],
    [
      { apps: [{ uuid: 'a', ports: [22, 'x'] }] },
      'apps[0].ports is an array; allowed: an array of ports, from 1 to 65535; entry 2 is "x"',
    ],
    [{ apps: [{ uuid: 'a', http_ports: [65_536] }] }, /^apps\[0\]\.http_ports is an array; .*; entry 1 is 65536$/],
    [{ apps: [{ uuid: 'a', ports: '22' }] }, 'apps[0].ports is "22"; allowed: an array of ports, from 1 to 65535'],
    [{ basePath: '/api/' }, /^basePath is "\/api\/"; allowed: an empty string, or a path such as \/api\/octa/],
    [{ basePath: 'api' }, /^basePath is "api"/],
    [{ requireKey: 'no' }, 'requireKey is "no"; allowed: true or false'],
    [{ keepRequests: -1 }, 'keepRequests is -1; allowed: a whole number, 0 or more'],
    [{ lag: 5 }, 'lag is 5; allowed: an object'],
    [{ lag: { list: 5 } }, 'unknown option "list" for lag; did you mean listsMs?'],
    [{ lag: { all: 5 } }, 'unknown option "all" for lag; known: listsMs, infoMs, stopMs, endsMs'],
    [{ lag: { infoMs: -1 } }, 'lag.infoMs is -1; allowed: a number of milliseconds, from 0 to a year'],
    [{ uuidCase: 'UPPER' }, 'uuidCase is "UPPER"; allowed: one of "lower", "upper", "mixed"'],
    [{ lies: { emptyList: 1 } }, 'unknown option "emptyList" for lies; did you mean emptyLists?'],
    [{ lies: { lostStarts: 30 } }, 'lies.lostStarts is 30; allowed: a share, from 0 to 1'],
    [{ lies: { ghostInfo: 1 } }, 'lies.ghostInfo is 1; allowed: true or false'],
    [{ lies: { slowStopMs: true } }, /^lies\.slowStopMs is true; allowed: a number of milliseconds/],
    [{ hideVariables: 1 }, 'hideVariables is 1; allowed: true or false'],
    [{ foreign: 1001 }, 'foreign is 1001; allowed: a whole number from 0 to 1000'],
    [{ foreign: 1, machines: [], renderMachines: 0, relays: 0 }, 'foreign is 1; allowed: 0 if nothing can be rented'],
    [{ hostile: true }, 'hostile is true; allowed: a string or a finite number'],
    [
      { machines: [{ node_id: 7 }], relays: [{ node_id: 7 }] },
      'node_id is 7; allowed: a number that no other machine, render machine or relay has',
    ],
  ])('%o', async (options, message) => {
    // Values that a caller without types may pass.
    const make = async () => new OctaSimulator(options as OctaSimulatorOptions);
    const error = await failure(make(), OctaConfigurationError);
    if (typeof message === 'string') expect(error.message).toBe(message);
    else expect(error.message).toMatch(message);
  });

  test('also for methods', async () => {
    const simulator = new OctaSimulator({ machines: [{ node_id: 1 }] });
    const orders: (() => unknown)[] = [
      () => simulator.machine(99),
      // Values that a caller without types may pass.
      () => Reflect.apply(simulator.machine, simulator, ['1']),
      () => simulator.machine(1).refuse(''),
      () => simulator.machine(1).refuse('x', 0),
      () => simulator.machine(1).dieAfter(-1),
      () => simulator.machine(1).readyAfter(Number.POSITIVE_INFINITY),
      () => simulator.deposit(-1n),
      () => simulator.advance(Number.NaN),
      () => simulator.listen({ port: 70_000 }),
    ];
    for (const order of orders) await failure((async () => order())(), OctaConfigurationError);
  });
});

test('Options of machines, relays, nodes and apps apply; the rest is seeded.', async () => {
  const { client } = aWorld({
    machines: [
      {
        node_id: 5,
        gpu: 'NVIDIA H100 80GB HBM3',
        gpus: 8,
        country: 'Poland',
        priceWeiPerHour: 10n ** 19n + 1n,
        stability: 12.5,
      },
      { node_id: 6, gpu: null, totalPriceUsd: null, fields: { total_price_usd: 'ask', virt: 'vmware' } },
    ],
    relays: [{ node_id: 7, residential: true, city: 'Gdansk' }],
    nodes: [{ id: 8, fields: { osn: '9.9.9' } }],
    apps: [
      { uuid: 'mine', name: 'Mine', image: 'me/mine', ports: [1], http_ports: [2], envs: { A: null }, minDiskSize: 7 },
    ],
  });
  const [first, second] = await client.services.mr.available();
  expect(first).toMatchObject({ node_id: 5, country: 'Poland', country_iso: 'PL', total_price_wei: 10n ** 19n + 1n });
  expect(first?.gpus).toHaveLength(8);
  expect(first?.reliability?.stability).toBe(12.5);
  expect(second).toMatchObject({ node_id: 6, gpus: [], virt: 'vmware' });
  expect(second).not.toHaveProperty('total_price_wei');
  expect(await client.services.vpn.available()).toMatchObject([{ node_id: 7, residential: true, city: 'Gdansk' }]);
  expect(await client.nodes.list()).toMatchObject([{ id: 8, osn: '9.9.9' }]);
  expect(await client.apps.list()).toMatchObject([
    { uuid: 'mine', name: 'Mine', ports: [1], http_ports: [2], envs: { A: '' } },
  ]);
});

test('readyAfterMs of a node takes precedence over that of the simulator.', async () => {
  const { simulator, client } = aWorld({
    latencyMs: 0,
    readyAfterMs: 1000,
    machines: [{ node_id: 1 }, { node_id: 2, readyAfterMs: 5000 }],
  });
  await client.services.mr.start(rental(1));
  await client.services.mr.start(rental(2));
  await simulator.advance(1000);
  expect(simulator.sessions.map(({ state }) => state)).toEqual(['ready', 'starting']);
  await simulator.advance(4000);
  expect(simulator.sessions.map(({ state }) => state)).toEqual(['ready', 'ready']);
});

const lines = ['/accounts', '/apps', '/network', '/nodes', '/services/mr', '/services/render', '/services/vpn'];

async function texts(options: OctaSimulatorOptions): Promise<string[]> {
  const simulator = new OctaSimulator(options);
  const all: string[] = [];
  for (const path of lines) {
    const { text, headers } = await ask(simulator, `GET ${path}`);
    all.push(text, String(headers.get('x-request-id')));
  }
  return all;
}

describe('the seed', () => {
  test('determines every byte', async () => {
    expect(await texts({ seed: 'a' })).toEqual(await texts({ seed: 'a' }));
    expect(await texts({})).toEqual(await texts({ seed: 1 }));
    expect(await texts({ seed: '1' })).toEqual(await texts({ seed: 1 }));
  });

  test('makes a different world for each value', async () => {
    const [one, other] = [await texts({ seed: 1 }), await texts({ seed: 2 })];
    const same = one.filter((text, index) => text === other[index]);
    // The texts of the apps are fixed; only their ids are random.
    expect(same).toEqual([]);
  });
});

describe('quirks', () => {
  test('exist by default: numbers as text, lists as text, bytes for megabits, and a new field', async () => {
    const { simulator, client } = aWorld();
    const [machine] = (await ask(simulator, 'GET /services/mr')).value as Record<string, unknown>[];
    expect(machine?.net_down_mbits).toBeGreaterThan(100_000);
    expect(machine).toHaveProperty('zz_new_field');
    const [app] = (await ask(simulator, 'GET /apps')).value as Record<string, unknown>[];
    expect([app?.ports, app?.envs]).toEqual([
      '[22,6006]',
      expect.objectContaining({ VERBOSE: true, EXTRA_ARGS: null }),
    ]);
    const charges = new Set<string>();
    for (const { node_id } of await client.services.mr.available()) {
      await (await client.services.mr.start(rental(node_id))).stop();
    }
    const recent = (await ask(simulator, 'GET /sessions?recent=true')).value as Record<string, unknown>[];
    for (const { charge_amount, duration } of recent) {
      charges.add(typeof charge_amount);
      expect(duration).toBeTypeOf('string');
    }
    expect(charges.size).toBe(2);
  });

  test('are in the catalogues: GPUs by vendor, no ports as null, and missing figures', async () => {
    const { client } = aWorld({ machines: 30 });
    const machines = await client.services.mr.available();
    const forms = new Set(machines.map(({ gpu }) => typeof gpu));
    expect([...forms].sort()).toEqual(['object', 'string', 'undefined']);
    const byVendor = machines.find(({ gpu }) => typeof gpu === 'object');
    expect(Object.values(byVendor?.gpu ?? {}).flat()).toEqual(byVendor?.gpus);
    expect(machines.filter(({ total_price_usd }) => total_price_usd === undefined)).toHaveLength(1);
    const { simulator } = aWorld();
    const apps = (await ask(simulator, 'GET /apps')).value as Record<string, unknown>[];
    expect(apps.map(({ ports }) => ports)).toContain(null);
    expect((await client.apps.list()).every(({ ports }) => Array.isArray(ports))).toBe(true);
    const figures = await Promise.all(
      [1, 2, 3, 4, 5].map(async (seed) => (await aWorld({ seed }).client.network.get()).mmROI),
    );
    expect(new Set(figures.map((each) => typeof each))).toEqual(new Set(['number', 'undefined']));
  });

  test('are in sessions: no service, readiness only as text, a reason as text, and few fields after an early end', async () => {
    const { simulator, client } = aWorld({ machines: 30, relays: 20, balanceWei: 10n ** 24n, latencyMs: 0 });
    const [machines, relays] = [await client.services.mr.available(), await client.services.vpn.available()];
    const list = async (path: string) => (await ask(simulator, `GET ${path}`)).value as Record<string, unknown>[];
    const stops: string[] = [];
    const stop = async (uuid: unknown) => stops.push((await ask(simulator, `POST /services/${uuid}/stop`)).text);
    for (const { node_id } of machines) await stop((await client.services.mr.start(rental(node_id))).uuid);
    expect(new Set(stops.splice(0))).toEqual(new Set(['', '{}']));
    const early = await list('/sessions?recent=true');
    const known = (name: string) => new Set(early.map((each) => typeof each[name]));
    expect(known('node_id')).toEqual(new Set(['number', 'undefined']));
    expect(known('termination_reason')).toEqual(new Set(['number', 'string', 'undefined']));
    for (const { node_id } of machines) await client.services.mr.start(rental(node_id));
    for (const { node_id } of relays) await client.services.vpn.start({ node_id });
    await simulator.advance(8000);
    const active = await list('/sessions');
    expect(new Set(active.map(({ service }) => service))).toEqual(new Set(['mr', 'vpn', '']));
    expect(new Set(active.map(({ is_ready }) => is_ready))).toEqual(new Set([true, undefined]));
    expect(new Set(active.map(({ progress }) => progress))).toEqual(new Set(['service configured']));
    for (const { uuid } of active) await stop(uuid);
    expect(new Set(stops)).toEqual(new Set(['{}']));
  });

  test('are in balances: text as well as numbers', async () => {
    const { simulator } = aWorld();
    const forms = new Set<string>();
    for (let time = 0; time < 20; time++) {
      const { text } = await ask(simulator, 'GET /accounts/balance');
      forms.add(text.replace(/\d+/, 'N'));
    }
    expect(forms).toEqual(new Set(['{"balance":N}', '{"balance":"N"}']));
  });

  test('can be switched off', async () => {
    const { simulator, client } = aWorld({ quirks: false });
    const [machine] = (await ask(simulator, 'GET /services/mr')).value as Record<string, unknown>[];
    expect(machine?.net_down_mbits).toBeLessThan(100_000);
    expect(machine).not.toHaveProperty('zz_new_field');
    const [app] = (await ask(simulator, 'GET /apps')).value as Record<string, unknown>[];
    expect(app?.ports).toEqual([22, 6006]);
    await (await client.services.mr.start(rental(Number(machine?.node_id)))).stop();
    const [recent] = (await ask(simulator, 'GET /sessions?recent=true')).value as Record<string, unknown>[];
    expect(recent).toMatchObject({ duration: expect.any(Number), rx: 0, charge_amount: expect.any(Number) });
  });

  test('are then missing in every record', async () => {
    const { simulator, client } = aWorld({ quirks: false, machines: 30, relays: 20, latencyMs: 0 });
    const machines = await client.services.mr.available();
    for (const { gpu, gpus, total_price_usd } of machines) {
      expect([gpu, typeof total_price_usd]).toEqual([gpus[0]?.model, 'number']);
    }
    const relays = await client.services.vpn.available();
    expect(relays.every(({ net_down_mbits, net_up_mbits }) => net_down_mbits > 0 && net_up_mbits > 0)).toBe(true);
    const texts = [];
    for (const { node_id } of machines) {
      const { uuid } = await client.services.mr.start(rental(node_id));
      expect((await ask(simulator, `GET /services/${uuid}/info`)).value).toMatchObject({ is_ready: false });
      texts.push((await ask(simulator, `POST /services/${uuid}/stop`)).text);
    }
    for (const { id } of await client.nodes.list()) texts.push((await ask(simulator, `GET /nodes/${id}/reboot`)).text);
    expect(new Set(texts)).toEqual(new Set(['{}']));
    for (const { node_id } of relays) await client.services.vpn.start({ node_id });
    const active = (await ask(simulator, 'GET /sessions')).value as Record<string, unknown>[];
    expect(new Set(active.map(({ service }) => service))).toEqual(new Set(['vpn']));
    const ended = (await ask(simulator, 'GET /sessions?recent=true')).value as Record<string, unknown>[];
    for (const each of ended) expect(each).toMatchObject({ node_id: expect.any(Number), termination_reason: 0 });
    expect((await ask(simulator, 'GET /apps')).text).not.toContain('null');
    expect((await ask(simulator, 'GET /network')).text).toContain('"mmROI":');
    expect((await ask(simulator, 'GET /accounts/balance')).text).toMatch(/^\{"balance":\d+\}$/);
  });
});

test.each<[given: { country?: string; country_iso?: string; city?: string }, shown: object]>([
  [{ country: 'United Kingdom' }, { country: 'United Kingdom', country_iso: 'GB' }],
  [{ country_iso: 'GB' }, { country: 'GB', country_iso: 'GB' }],
  [{ country: 'germany' }, { country: 'germany', country_iso: 'DE', city: 'Falkenstein' }],
  [
    { country: 'Atlantis', city: 'Poseidonis' },
    { country: 'Atlantis', country_iso: '', city: 'Poseidonis' },
  ],
])('a machine in %o is in no other country', async (given, shown) => {
  const simulator = new OctaSimulator({ machines: [{ node_id: 1, ...given }] });
  const { services } = new OctaClient({ apiKey: 'key', fetch: simulator.fetch });
  expect(await services.mr.find({ country: given.country ?? 'UK' })).toMatchObject([shown]);
});
