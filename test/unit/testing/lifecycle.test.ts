import { describe, expect, test } from 'vitest';
import { OctaNotFoundError, type ServiceInfo } from '../../../src/index.ts';
import { failure } from '../../support/failure.ts';
import { ask, aWorld, rental, smallWorld } from './ask.ts';

describe('a rental', () => {
  test('passes through its progress texts, becomes ready, and ends when it is stopped', async () => {
    const { simulator, client } = aWorld({ ...smallWorld, readyAfterMs: 8000 });
    const session = await client.services.mr.start({
      ...rental(1),
      ports: [22, 6006],
      http_ports: [8888],
      envs: { A: 'b' },
    });
    const seen: [string | undefined, boolean | undefined][] = [];
    for (let second = 0; second <= 8; second += 2) {
      const { progress, is_ready } = await session.info();
      seen.push([progress, is_ready]);
      if (second < 8) await simulator.advance(2000);
    }
    expect(seen).toEqual([
      ['queued', false],
      ['preparing', false],
      ['pulling image', false],
      ['configuring', false],
      ['service configured', true],
    ]);
    await session.stop({ score: 4 });
    expect(simulator.sessions).toMatchObject([{ state: 'ended', terminationReason: 0, score: 4 }]);
    await failure(session.info(), OctaNotFoundError);
  });

  test('shows its addresses only when it is ready', async () => {
    const { simulator, client } = aWorld(smallWorld);
    const session = await client.services.mr.start({ ...rental(1), ports: [22, 6006], http_ports: [8888] });
    expect(await session.info()).toMatchObject({ urls: {}, container_id: [], ssh_direct: { host: '', port: 0 } });
    await simulator.advance(8000);
    const info: ServiceInfo = await session.info();
    expect(Object.keys(info.ports_matrix ?? {})).toEqual(['22', '6006']);
    expect(info.urls?.['8888']).toMatch(/^https:\/\/8888-/);
    expect(info.ssh_direct?.host).toBe(info.public_ip);
    expect(info.container_id).toEqual([expect.any(String)]);
  });

  test('removes its node from the catalogue while it runs', async () => {
    const { client } = aWorld(smallWorld);
    const ids = async () => (await client.services.mr.available()).map(({ node_id }) => node_id);
    const session = await client.services.mr.start(rental(1));
    expect(await ids()).toEqual([2]);
    await session.stop();
    expect(await ids()).toEqual([1, 2]);
  });

  test('is in the active list, and later in the recent list with other fields', async () => {
    const { simulator, client } = aWorld(smallWorld);
    const session = await client.services.mr.start(rental(1));
    await simulator.advance(60_000);
    const active = await ask(simulator, 'GET /sessions');
    expect(active.value).toMatchObject([{ uuid: session.uuid, is_ready: true, duration: 60 }]);
    await session.stop();
    const recent = await ask(simulator, 'GET /sessions?recent=true');
    expect(recent.value).toMatchObject([{ uuid: session.uuid, duration: '60', termination_reason: 0 }]);
    expect(recent.value).not.toHaveProperty('[0].progress');
    expect((await ask(simulator, 'GET /sessions')).value).toEqual([]);
  });

  test('logs its progress at once, and its output gradually', async () => {
    const { simulator, client } = aWorld(smallWorld);
    const session = await client.services.mr.start(rental(1));
    await simulator.advance(3000);
    const early = await session.logs();
    await simulator.advance(10_000);
    const later = await session.logs();
    await simulator.advance(10_000);
    const last = await session.logs();
    expect([early.system.length, later.system.length]).toEqual([3, 5]);
    expect(later.system.at(2)?.msg).toContain('\nLayer');
    expect(early.container).toBe('');
    expect(last.container?.startsWith(later.container ?? '?')).toBe(true);
    expect(last.container?.length).toBeGreaterThan(later.container?.length ?? 0);
  });

  test('shows its logs after its end only with recent', async () => {
    const { simulator, client } = aWorld(smallWorld);
    const session = await client.services.mr.start(rental(1));
    await simulator.advance(9000);
    await session.stop();
    await failure(session.logs(), OctaNotFoundError);
    expect((await session.logs({ recent: true })).system.at(-1)?.msg).toContain('Container stopped');
  });
});

describe('a relay', () => {
  test.each([
    ['wg', undefined, /^\[Interface\].*\[Peer\].*PersistentKeepalive = 25/s],
    ['openvpn', undefined, /^client\n/],
    ['ss', undefined, /^ss:\/\//],
    ['v2ray', undefined, /^trojan:\/\//],
    ['v2ray', 'vless', /^vless:\/\//],
    ['v2ray', 'vmess', /^vmess:\/\//],
  ] as const)('of kind %s %s shows its configuration once it is ready', async (subkind, protocol, config) => {
    const { simulator, client } = aWorld(smallWorld);
    const start = protocol === undefined ? { subkind } : { subkind: 'v2ray' as const, protocol };
    const session = await client.services.vpn.start({ node_id: 4, ...start });
    expect((await session.info()).config).toBe('');
    await simulator.advance(8000);
    const info = await session.info();
    expect(info).toMatchObject({ kind: subkind, config: expect.stringMatching(config) });
    expect((await session.info()).config).toBe(info.config);
  });

  test('that is an HTTP proxy has an object as configuration', async () => {
    const { simulator, client } = aWorld(smallWorld);
    const session = await client.services.vpn.start({ node_id: 4, subkind: 'http_proxy' });
    await simulator.advance(8000);
    const { ip, config } = await session.info();
    expect(config).toEqual({ ip, port: 3128 });
  });
});

describe('a node', () => {
  test('that dies ends its session with reason 2, and cannot be rented until it is revived', async () => {
    const { simulator, client } = aWorld(smallWorld);
    await client.services.mr.start(rental(1));
    simulator.machine(1).dieAfter(5500);
    await simulator.advance(5499);
    expect(simulator.running).toHaveLength(1);
    await simulator.advance(1);
    expect(simulator.sessions).toMatchObject([{ state: 'ended', terminationReason: 2, chargeWei: 5n }]);
    expect((await client.services.mr.available()).map(({ node_id }) => node_id)).toEqual([2]);
    simulator.machine(1).revive();
    await client.services.mr.start(rental(1));
    simulator.machine(1).die();
    expect(simulator.running).toEqual([]);
  });

  test('can be set to be never ready, or ready at another time', async () => {
    const { simulator, client } = aWorld(smallWorld);
    simulator.machine(1).neverReady();
    const [never, soon] = [await client.services.mr.start(rental(1)), await client.services.mr.start(rental(2))];
    simulator.machine(2).readyAfter(500);
    await simulator.advance(500);
    expect((await soon.info()).is_ready).toBe(true);
    await simulator.advance(100_000);
    expect(await never.info()).toMatchObject({ is_ready: false, progress: 'configuring' });
    simulator.machine(1).readyAfter(1000);
    expect((await never.info()).is_ready).toBe(true);
  });

  test('of the account can be rebooted, and get new prices', async () => {
    const { simulator, client } = aWorld();
    const [before] = await client.nodes.list();
    const id = before?.id ?? 0;
    await simulator.advance(5000);
    await client.nodes.reboot(id);
    await client.nodes.updatePrices(id, { base: 31_428_028_938_060_847_852n });
    await simulator.advance(60_000);
    const [after] = await client.nodes.list();
    expect(simulator.machine(id).reboots).toBe(1);
    expect(after?.uptime).toBe(60);
    expect(after?.prices).toEqual({ ...before?.prices, base: 31_428_028_938_060_847_852n });
    expect((await client.nodes.get(id)).data?.uptime).toBe(60);
  });

  test('is found by its country and by the apps that it can run', async () => {
    const { client } = aWorld({
      machines: [
        { node_id: 1, gpu: null, free_disk: 10 ** 13 },
        { node_id: 2, free_disk: 10 ** 13 },
        { node_id: 3, free_disk: 1 },
      ],
      nodes: [
        { id: 1, country: 'France', country_iso: 'FR' },
        { id: 2, country_iso: 'DE' },
        { id: 3, country_iso: 'DE' },
      ],
      apps: [{ uuid: 'needs-gpu', minDiskSize: 20 }],
    });
    const ids = async (filter: { country?: string; app?: string }) =>
      (await client.nodes.list(filter)).map(({ id }) => id);
    expect(await ids({ country: 'DE' })).toEqual([2, 3]);
    expect(await ids({ country: 'france' })).toEqual([1]);
    expect(await ids({ app: 'needs-gpu' })).toEqual([2]);
    expect(await ids({ app: 'unknown' })).toEqual([]);
  });

  test('that is rented is busy', async () => {
    const { client } = aWorld({ machines: [{ node_id: 1 }], nodes: [{ id: 1, state: 'idle' }] });
    expect((await client.nodes.get(1)).state).toBe('idle');
    await client.services.mr.start(rental(1));
    expect((await client.nodes.get(1)).state).toBe('busy');
  });
});

test('Every wallet is new, and the account shows the latest.', async () => {
  const { client } = aWorld();
  expect((await client.accounts.get()).wallet).toBe('');
  const [one, other] = [await client.accounts.generateWallet(), await client.accounts.generateWallet()];
  expect(one.address).toMatch(/^0x[0-9a-f]{40}$/);
  expect(other.address).not.toBe(one.address);
  expect((await client.accounts.get()).wallet).toBe(other.address);
});

test('Idle jobs, their logs and the files of nodes exist.', async () => {
  const { client } = aWorld();
  const id = (await client.nodes.list())[0]?.id ?? 0;
  expect((await client.idleJobs.get(id, 1)).is_up).toBe(true);
  expect((await client.idleJobs.get(id, 3)).error).toContain('137');
  expect(await client.idleJobs.logs(id, 1)).toContain('Worker 1 started\n');
  expect(await (await client.nodes.downloadIdent(id)).text()).toContain(String(id));
  expect((await client.nodes.downloadLogs(id)).size).toBeGreaterThan(10);
});

test('Sessions of an app show its name and logo.', async () => {
  const { client } = aWorld();
  const [app] = await client.apps.list();
  const [machine] = await client.services.mr.available();
  const session = await client.services.mr.start({ ...rental(machine?.node_id ?? 0), app: app?.uuid ?? '' });
  expect((await session.info()).app_name).toBe(app?.name);
});
