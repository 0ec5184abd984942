/** Sessions of other programs, and whether clients can know of them. */
import { describe, expect, test } from 'vitest';
import { OctaConfigurationError } from '../../../src/index.ts';
import { OctaSimulator } from '../../../src/testing/index.ts';
import { ask, aWorld, listOf, rental, smallWorld, startOn, statusOf, uuidOn } from './ask.ts';

describe('a foreign session', () => {
  test('is like any other, but was not started by a client', async () => {
    const { simulator, client } = aWorld(smallWorld);
    const envs = { OCTA_LEASE_ID: 'theirs', A: 'b' };
    const made = simulator.startForeign({ node_id: 1, envs, agoMs: 3_600_000 });
    expect(made).toMatchObject({ node_id: 1, service: 'mr', foreign: true, leaseId: 'theirs', state: 'ready' });
    expect(await listOf(simulator)).toMatchObject([{ uuid: made.uuid, duration: 3600, user_envs: envs }]);
    expect(simulator.requests.filter(({ method }) => method === 'POST')).toEqual([]);
    await client.services.session(made.uuid).stop();
    expect(simulator.sessions).toMatchObject([{ uuid: made.uuid, state: 'ended', foreign: true }]);
  });

  test('does not block its node, and may be on a rented one', async () => {
    const simulator = new OctaSimulator(smallWorld);
    const before = simulator.startForeign({ node_id: 1 });
    expect((await ask(simulator, 'GET /services/mr')).value).toMatchObject([{ node_id: 1 }, { node_id: 2 }]);
    const uuid = await uuidOn(simulator, 1);
    const after = simulator.startForeign({ node_id: 1 });
    expect(simulator.running).toEqual([before.uuid, uuid, after.uuid]);
    expect(simulator.machine(1).session).toBe(uuid);
    expect((await startOn(simulator, 1)).text).toContain('Node is busy');
    simulator.machine(1).die();
    expect(simulator.running).toEqual([]);
  });

  test('is paid until now, and costs money from now on', async () => {
    const simulator = new OctaSimulator(smallWorld);
    simulator.startForeign({ node_id: 2, agoMs: 48 * 3_600_000 });
    expect(simulator.balance).toBe(1_000_000n);
    await simulator.advance(2000);
    expect([simulator.balance, simulator.running.length]).toEqual([999_980n, 1]);
  });

  test('can be on a render machine or a relay', async () => {
    const simulator = new OctaSimulator(smallWorld);
    simulator.startForeign({ node_id: 3, agoMs: 10_000 });
    const relay = simulator.startForeign({ node_id: 4, agoMs: 10_000, envs: { OCTA_LEASE_ID: 'nowhere to put it' } });
    expect(relay).not.toHaveProperty('leaseId');
    expect(simulator.sessions.map(({ service }) => service)).toEqual(['render', 'vpn']);
    expect((await ask(simulator, `GET /services/${relay.uuid}/info`)).value).toMatchObject({
      config: expect.stringContaining('[Interface]'),
    });
  });

  test.each([
    [{ node_id: 99 }, /^startForeign\(\)\.node_id is 99; allowed: the number of a machine/],
    [{ node_id: 2 }, /^startForeign\(\)\.node_id is 2; allowed: .* that is alive/],
    [{ node_id: undefined }, /^startForeign\(\)\.node_id is undefined/],
    [{ node_id: 1, agoMs: -1 }, /^startForeign\(\)\.agoMs is -1/],
    [{ node_id: 1, service: 'mr' }, /^unknown option "service" for startForeign\(\); known: node_id, envs, agoMs/],
  ])('throws for wrong fields: %o', (start, message) => {
    const simulator = new OctaSimulator(smallWorld);
    simulator.machine(2).die();
    // Values that a caller without types may pass.
    const act = () => Reflect.apply(simulator.startForeign, simulator, [start]);
    expect(act).toThrow(OctaConfigurationError);
    expect(act).toThrow(message);
  });
});

test('The option foreign sets the number of foreign sessions at the beginning, and a reset restores the same ones.', async () => {
  const simulator = new OctaSimulator({ foreign: 20 });
  const first = simulator.sessions;
  expect(first).toHaveLength(20);
  expect(first.every(({ foreign, startedAt }) => foreign && startedAt <= simulator.now - 60_000)).toBe(true);
  expect(new Set(first.map(({ leaseId }) => typeof leaseId))).toEqual(new Set(['string', 'undefined']));
  expect(await listOf(simulator)).toHaveLength(20);
  simulator.reset();
  expect(simulator.sessions).toEqual(first);
});

describe('what no client can know', () => {
  const shownIn = (simulator: OctaSimulator) => simulator.sessions.map(({ shown }) => shown);

  test('is visible in shown, which a start, a list or info sets', async () => {
    const simulator = new OctaSimulator({ ...smallWorld, uuidCase: 'upper' });
    const { uuid } = simulator.startForeign({ node_id: 3 });
    const hidden = simulator.startForeign({ node_id: 4 });
    await uuidOn(simulator, 1);
    expect(shownIn(simulator)).toEqual([false, false, true]);
    await statusOf(simulator, 'info', uuid);
    expect(shownIn(simulator)).toEqual([true, false, true]);
    await listOf(simulator);
    expect(simulator.sessions.find((each) => each.uuid === hidden.uuid)?.shown).toBe(true);
  });

  test('includes sessions in a response that was lost, aborted, or never arrived', async () => {
    const simulator = new OctaSimulator({ ...smallWorld, latencyMs: 50 });
    simulator.fail('startMr', { lost: 'after' });
    await expect(startOn(simulator, 1)).rejects.toThrow(TypeError);
    const gone = new AbortController();
    const body = JSON.stringify([{ id: 0, ...rental(2) }]);
    const url = 'https://a.example/services/mr';
    const giving = simulator.fetch(url, { method: 'POST', headers: { authorization: 'a' }, body, signal: gone.signal });
    await simulator.advance(10);
    gone.abort();
    await expect(giving).rejects.toThrow('abort');
    await simulator.advance(100);
    expect(shownIn(simulator)).toEqual([false, false]);
  });

  test('excludes sessions in the first half of a response that broke off', async () => {
    const simulator = new OctaSimulator(smallWorld);
    await statusOf(simulator, 'stop', await uuidOn(simulator, 1));
    const { uuid } = simulator.startForeign({ node_id: 1 });
    simulator.fail('listSessions', { cut: true });
    await expect(listOf(simulator)).rejects.toThrow('terminated');
    expect(simulator.sessions.find((each) => each.uuid === uuid)?.shown).toBe(true);
  });
});
