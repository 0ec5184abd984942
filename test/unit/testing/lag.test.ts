/** How long events stay invisible, and the letter case of UUIDs. */
import { describe, expect, test } from 'vitest';
import { OctaSimulator } from '../../../src/testing/index.ts';
import { ask, listOf, rental, smallWorld, statusOf, uuidOn } from './ask.ts';

describe('during its lag, a session', () => {
  test('that has begun is in no list', async () => {
    const simulator = new OctaSimulator({ ...smallWorld, lag: { listsMs: 5000 } });
    const uuid = await uuidOn(simulator, 1);
    await simulator.advance(4999);
    expect(await listOf(simulator)).toEqual([]);
    expect(await statusOf(simulator, 'info', uuid)).toBe(200);
    await simulator.advance(1);
    expect(await listOf(simulator)).toMatchObject([{ uuid }]);
  });

  test('that has begun has neither information nor logs', async () => {
    const simulator = new OctaSimulator({ ...smallWorld, lag: { infoMs: 5000 } });
    const uuid = await uuidOn(simulator, 1);
    await simulator.advance(4999);
    expect(await statusOf(simulator, 'info', uuid)).toBe(404);
    expect(await statusOf(simulator, 'logs', uuid)).toBe(404);
    expect(await listOf(simulator)).toMatchObject([{ uuid }]);
    await simulator.advance(1);
    expect(await statusOf(simulator, 'info', uuid)).toBe(200);
    expect(await statusOf(simulator, 'logs', uuid)).toBe(200);
  });

  test('that has begun cannot be stopped', async () => {
    const simulator = new OctaSimulator({ ...smallWorld, lag: { stopMs: 5000 } });
    const uuid = await uuidOn(simulator, 1);
    await simulator.advance(4999);
    expect(await statusOf(simulator, 'stop', uuid)).toBe(404);
    expect(simulator.running).toEqual([uuid]);
    await simulator.advance(1);
    expect(await statusOf(simulator, 'stop', uuid)).toBe(200);
    expect(simulator.running).toEqual([]);
  });

  test('that has ended is still in the active list, and not in the recent list', async () => {
    const simulator = new OctaSimulator({ ...smallWorld, lag: { endsMs: 5000 }, readyAfterMs: 1000 });
    const uuid = await uuidOn(simulator, 1);
    await simulator.advance(60_000);
    await statusOf(simulator, 'stop', uuid);
    await simulator.advance(4999);
    const [shown] = await listOf(simulator);
    expect(shown).toMatchObject({ uuid, is_ready: true, duration: 59 });
    expect(shown).not.toHaveProperty('finished_at');
    expect(await listOf(simulator, 'recent')).toEqual([]);
    await simulator.advance(1);
    expect(await listOf(simulator)).toEqual([]);
    expect(await listOf(simulator, 'recent')).toMatchObject([{ uuid, duration: '60' }]);
  });

  test('that ended before the lists showed it was never in the active list', async () => {
    const simulator = new OctaSimulator({ ...smallWorld, lag: { listsMs: 9000, endsMs: 5000 } });
    const uuid = await uuidOn(simulator, 1);
    await statusOf(simulator, 'stop', uuid);
    await simulator.advance(4999);
    expect([await listOf(simulator), await listOf(simulator, 'recent')]).toEqual([[], []]);
    await simulator.advance(1);
    expect([await listOf(simulator), await listOf(simulator, 'recent')]).toMatchObject([[], [{ uuid }]]);
  });
});

describe('the letter case of UUIDs', () => {
  const cases = [
    ['lower', /^[^A-F]+$/, /^[^A-F]+$/],
    ['upper', /^[^a-f]+$/, /^[^a-f]+$/],
    ['mixed', /^[^a-f]+$/, /^[^A-F]+$/],
  ] as const;

  test.each(cases)('is %s in starts, lists and info; requests may use any', async (uuidCase, started, shown) => {
    const simulator = new OctaSimulator({ ...smallWorld, uuidCase });
    const uuid = await uuidOn(simulator, 1);
    const single = await ask(simulator, 'POST /services/mr', { body: rental(2) });
    const info = async (asked: string) => (await ask(simulator, `GET /services/${asked}/info`)).value;
    expect(uuid).toMatch(started);
    expect(single.value).toEqual({ uuid: expect.stringMatching(started), status: 'starting' });
    for (const asked of [uuid.toLowerCase(), uuid.toUpperCase()]) {
      expect(await info(asked)).toMatchObject({ uuid: expect.stringMatching(shown) });
    }
    expect(simulator.running[0]).toBe(uuid.toLowerCase());
    for (const { uuid: listed } of await listOf(simulator)) expect(listed).toMatch(shown);
    expect(await statusOf(simulator, 'stop', uuid.toUpperCase())).toBe(200);
    expect(await listOf(simulator, 'recent')).toMatchObject([{ uuid: expect.stringMatching(shown) }]);
  });
});

test('The active list and info show variables, unless they are hidden.', async () => {
  const envs = { A: '1', OCTA_LEASE_ID: 'mine' };
  const seen: unknown[] = [];
  for (const hideVariables of [false, true]) {
    const simulator = new OctaSimulator({ ...smallWorld, hideVariables });
    const uuid = await uuidOn(simulator, 1, { envs });
    const { value } = await ask(simulator, `GET /services/${uuid}/info`);
    seen.push([Object(value).user_envs, (await listOf(simulator))[0]?.user_envs]);
    expect(simulator.sessions).toMatchObject([{ foreign: false, leaseId: 'mine' }]);
  }
  expect(seen).toEqual([
    [envs, envs],
    [undefined, undefined],
  ]);
});

test('Every response has the date of the virtual wall clock, unless a fault sets another.', async () => {
  const simulator = new OctaSimulator({ startedAt: Date.UTC(2026, 0, 31, 23, 59, 58), latencyMs: 0 });
  const dateOf = async (line: string) => (await ask(simulator, line)).headers.get('date');
  expect(await dateOf('GET /network')).toBe('Sat, 31 Jan 2026 23:59:58 GMT');
  await simulator.advance(2500);
  expect(await dateOf('GET /nowhere')).toBe('Sun, 01 Feb 2026 00:00:00 GMT');
  simulator.fail('*', { status: 503 });
  expect(await dateOf('GET /network')).toBe('Sun, 01 Feb 2026 00:00:00 GMT');
  simulator.fail('*', { status: 503, headers: { Date: 'Thu, 01 Jan 1970 00:00:00 GMT' } });
  expect(await dateOf('GET /network')).toBe('Thu, 01 Jan 1970 00:00:00 GMT');
});
