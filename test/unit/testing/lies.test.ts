/** Wrong responses about sessions, and stops without their effect. */
import { describe, expect, test } from 'vitest';
import { OctaSimulator, type SimulatorLies } from '../../../src/testing/index.ts';
import { ask, listOf, smallWorld, statusOf, uuidOn } from './ask.ts';

function liar(lies: SimulatorLies): OctaSimulator {
  return new OctaSimulator({ ...smallWorld, lies });
}

/** How many of a hundred looks return this. */
async function countOf(look: () => Promise<unknown>, wanted: unknown): Promise<number> {
  let count = 0;
  for (let time = 0; time < 100; time++) if ((await look()) === wanted) count++;
  return count;
}

describe('lists', () => {
  test('are empty in their share of the cases, and the recent list never is', async () => {
    const simulator = liar({ emptyLists: 0.3 });
    await statusOf(simulator, 'stop', await uuidOn(simulator, 1));
    await uuidOn(simulator, 1);
    const empty = await countOf(async () => (await listOf(simulator)).length, 0);
    expect(empty).toBeGreaterThan(15);
    expect(empty).toBeLessThan(45);
    expect(await countOf(async () => (await listOf(simulator, 'recent')).length, 0)).toBe(0);
  });

  test('show the same session twice', async () => {
    const simulator = liar({ duplicates: 1 });
    const uuid = await uuidOn(simulator, 1);
    expect(await listOf(simulator)).toMatchObject([{ uuid }, { uuid }]);
    await statusOf(simulator, 'stop', uuid);
    expect(await listOf(simulator, 'recent')).toMatchObject([{ uuid }, { uuid }]);
  });

  test('of recent sessions also contain running sessions, without an end', async () => {
    const simulator = liar({ recentShowsRunning: true });
    const ended = await uuidOn(simulator, 1);
    await statusOf(simulator, 'stop', ended);
    const uuid = await uuidOn(simulator, 2);
    const [first, second] = await listOf(simulator, 'recent');
    expect(first).toMatchObject({ uuid, node_id: 2 });
    expect(first).not.toHaveProperty('finished_at');
    expect(first).not.toHaveProperty('termination_reason');
    expect(second).toMatchObject({ uuid: ended, finished_at: expect.any(Number) });
  });
});

describe('information', () => {
  test('of a running session is sometimes not found', async () => {
    const simulator = liar({ lostInfo: 0.5 });
    const uuid = await uuidOn(simulator, 1);
    const lost = await countOf(() => statusOf(simulator, 'info', uuid), 404);
    expect(lost).toBeGreaterThan(30);
    expect(lost).toBeLessThan(70);
    expect(await statusOf(simulator, 'logs', uuid)).toBe(200);
  });

  test('of a session is missing for a while, like its entries in the lists', async () => {
    const simulator = liar({ vanishing: 1, vanishForMs: 15_000, recentShowsRunning: true });
    const uuid = await uuidOn(simulator, 1);
    const seen: boolean[] = [];
    for (let second = 0; second < 90; second++) {
      const isThere = (await statusOf(simulator, 'info', uuid)) === 200;
      expect(await listOf(simulator)).toHaveLength(isThere ? 1 : 0);
      expect(await listOf(simulator, 'recent')).toHaveLength(isThere ? 1 : 0);
      seen.push(isThere);
      await simulator.advance(1000);
    }
    const [from, until] = [seen.indexOf(false), seen.lastIndexOf(false)];
    expect(from).toBeGreaterThanOrEqual(10);
    expect(until - from).toBe(14);
    expect(seen.slice(from, until).some((each) => each)).toBe(false);
    expect(simulator.running).toEqual([uuid]);
  });

  test('of a ready machine shows its addresses only later', async () => {
    const simulator = liar({ lateAddressMs: 5000 });
    const uuid = await uuidOn(simulator, 1, { http_ports: [80] });
    const look = async () => Object((await ask(simulator, `GET /services/${uuid}/info`)).value);
    await simulator.advance(12_999);
    const early = await look();
    expect(early).toMatchObject({ progress: 'service configured', urls: {}, ssh_direct: { host: '', port: 0 } });
    expect(early).not.toHaveProperty('ports_matrix');
    await simulator.advance(1);
    expect(await look()).toMatchObject({ urls: { 80: expect.any(String) }, ports_matrix: { 22: expect.any(Number) } });
  });

  test('of an ended session does not change', async () => {
    const simulator = liar({ ghostInfo: true });
    const uuid = await uuidOn(simulator, 1);
    await simulator.advance(60_000);
    await statusOf(simulator, 'stop', uuid);
    const look = () => ask(simulator, `GET /services/${uuid}/info`);
    const first = await look();
    expect(first.value).toMatchObject({ uuid, is_ready: true, duration: 59 });
    await simulator.advance(3_600_000);
    expect((await look()).text).toBe(first.text);
  });
});

describe('the charge', () => {
  test('of some sessions is never shown', async () => {
    const simulator = new OctaSimulator({ machines: 40, latencyMs: 0, lies: { noCharge: 0.5 } });
    const machines = (await ask(simulator, 'GET /services/mr')).value;
    for (const { node_id } of Array.isArray(machines) ? machines : []) await uuidOn(simulator, node_id);
    await simulator.advance(1000);
    const without = async (which: 'active' | 'recent') =>
      (await listOf(simulator, which)).filter((each) => !('charge_amount' in each)).map(({ uuid }) => String(uuid));
    const [first, again] = [await without('active'), await without('active')];
    expect(first.length).toBeGreaterThan(5);
    expect(first.length).toBeLessThan(35);
    expect(again).toEqual(first);
    for (const uuid of simulator.running) await statusOf(simulator, 'stop', uuid);
    expect((await without('recent')).sort()).toEqual(first.sort());
  });

  test('falls to half of its value while the session runs', async () => {
    const simulator = liar({ fallingCharge: 1 });
    const uuid = await uuidOn(simulator, 1);
    await simulator.advance(60_000);
    expect(Number((await listOf(simulator))[0]?.charge_amount)).toBe(30);
    await statusOf(simulator, 'stop', uuid);
    expect(Number((await listOf(simulator, 'recent'))[0]?.charge_amount)).toBe(60);
  });
});

describe('a stop', () => {
  test('has no effect for a while, although its status is 200', async () => {
    const simulator = liar({ ignoredStops: 1, ignoredForMs: 10_000 });
    const uuid = await uuidOn(simulator, 1);
    expect(await statusOf(simulator, 'stop', uuid)).toBe(200);
    await simulator.advance(9999);
    expect(await statusOf(simulator, 'stop', uuid)).toBe(200);
    expect(simulator.running).toEqual([uuid]);
    await simulator.advance(1);
    expect(simulator.running).toEqual([uuid]);
    expect(await statusOf(simulator, 'stop', uuid)).toBe(200);
    expect(simulator.running).toEqual([]);
  });

  test('has no effect, and its status is 404', async () => {
    const simulator = liar({ wrongStop404: 1 });
    const uuid = await uuidOn(simulator, 1);
    expect(await statusOf(simulator, 'stop', uuid)).toBe(404);
    expect(simulator.running).toEqual([uuid]);
  });

  test('ends the session at once, and its response is late', async () => {
    const simulator = liar({ slowStops: 1, slowStopMs: 7000 });
    const uuid = await uuidOn(simulator, 1);
    const stopping = statusOf(simulator, 'stop', uuid);
    await simulator.advance(6999);
    expect(simulator.running).toEqual([]);
    expect(simulator.requests.at(-1)).toMatchObject({ processed: true, outcome: 'pending' });
    await simulator.advance(1);
    expect(await stopping).toBe(200);
    expect(simulator.sessions[0]?.finishedAt).toBe(simulator.now - 7000);
  });

  test('with a late response is lost in a reset', async () => {
    const simulator = liar({ slowStops: 1 });
    const stopping = statusOf(simulator, 'stop', await uuidOn(simulator, 1));
    await simulator.advance(1000);
    simulator.reset();
    await expect(stopping).rejects.toThrow(TypeError);
  });
});
