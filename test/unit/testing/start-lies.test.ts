/** Starts with a wrong response, a late beginning, or two sessions. */
import { describe, expect, test } from 'vitest';
import { OctaSimulator, type SimulatorLies } from '../../../src/testing/index.ts';
import { ask, listOf, rental, smallWorld, startOn, statusOf, uuidOn, type WireAnswer } from './ask.ts';

const single = (simulator: OctaSimulator) => ask(simulator, 'POST /services/mr', { body: rental(1) });
const batch = (simulator: OctaSimulator) => startOn(simulator, 1);

/** The result of a start, as text. */
async function endOf(answer: Promise<WireAnswer>): Promise<string> {
  try {
    const { status, text } = await answer;
    return `${status} ${text}`;
  } catch (error) {
    return String(error);
  }
}

/** The different results of starts with 30 seeds, and the different numbers of sessions that they began. */
async function endsOf(lies: SimulatorLies, start: (simulator: OctaSimulator) => Promise<WireAnswer>) {
  const ends = new Set<string>();
  const begun = new Set<number>();
  for (let seed = 1; seed <= 30; seed++) {
    const simulator = new OctaSimulator({ ...smallWorld, seed, lies });
    ends.add(await endOf(start(simulator)));
    begun.add(simulator.running.length);
  }
  return { ends: [...ends].sort(), begun: [...begun] };
}

const lost = 'TypeError: fetch failed';
const failed = ['500 {"error":"INTERNAL_ERROR"}', '502 {"error":"Bad gateway"}'];
const refused = ['400 {"message":"Node is unavailable"}', '429 {"error":"Too many requests"}'];
const refusedItem = '200 [{"id":7,"reason":"Node is unavailable","status":1}]';

describe('the response to a start', () => {
  test.each([
    ['is lost', { lostStarts: 1 }, single, [lost], 1],
    ['is lost, for a batch', { lostStarts: 1 }, batch, [lost], 1],
    ['is a failure', { failedStarts: 1 }, single, failed, 1],
    ['is a failure, for a batch', { failedStarts: 1 }, batch, failed, 1],
    ['is a refusal', { falseRefusals: 1 }, single, refused, 1],
    ['is a refusal, for a batch', { falseRefusals: 1 }, batch, [refusedItem, ...refused], 1],
    ['is a failure or lost, and nothing begins', { deadStarts: 1 }, batch, [...failed, lost], 0],
  ])('%s', async (_, lies, start, ends, begun) => {
    expect(await endsOf(lies, start)).toEqual({ ends, begun: [begun] });
  });

  test('is correct in the other cases', async () => {
    const shares = { lostStarts: 0.2, failedStarts: 0.2, falseRefusals: 0.2, deadStarts: 0.2 };
    const { ends, begun } = await endsOf(shares, single);
    expect(ends.filter((end) => end.startsWith('201'))).not.toEqual([]);
    expect(ends).toEqual(expect.arrayContaining([lost, ...failed, ...refused]));
    expect(begun.sort()).toEqual([0, 1]);
  });

  test('is also wrong for relays and render machines', async () => {
    const simulator = new OctaSimulator({ ...smallWorld, lies: { lostStarts: 1 } });
    const bodies = { render: { node_id: 3, disk_size: 5 }, vpn: { node_id: 4 } };
    for (const [service, body] of Object.entries(bodies)) {
      expect(await endOf(ask(simulator, `POST /services/${service}`, { body }))).toBe(lost);
    }
    expect(simulator.sessions).toMatchObject([{ service: 'render' }, { service: 'vpn' }]);
  });
});

test('The response to a batch has odd ids or an odd order, in four ways.', async () => {
  const forms = new Set<string>();
  for (let seed = 1; seed <= 30; seed++) {
    const simulator = new OctaSimulator({ ...smallWorld, seed, lies: { oddIds: 1 } });
    const body = [8, 5].map((id, index) => ({ id, ...rental(index + 1) }));
    const { text } = await ask(simulator, 'POST /services/mr', { body });
    const nodes = new Map(simulator.sessions.map(({ uuid, node_id }) => [uuid, node_id]));
    const items: { id: unknown; uuid: string }[] = JSON.parse(text);
    forms.add(JSON.stringify(items.map(({ id, uuid }) => [id, nodes.get(uuid)])));
  }
  expect([...forms].sort()).toEqual(['[["8",1],["5",2]]', '[[0,1],[0,2]]', '[[1,1],[2,2]]', '[[5,2],[8,1]]']);
});

describe('two sessions begin for one start', () => {
  test('of a batch, whose response names one of them or both', async () => {
    const named = new Set<number>();
    for (let seed = 1; seed <= 20; seed++) {
      const simulator = new OctaSimulator({ ...smallWorld, seed, lies: { doubleStarts: 1 } });
      const { value } = await startOn(simulator, 1, { envs: { OCTA_LEASE_ID: 'mine' } });
      expect(simulator.sessions).toMatchObject([
        { node_id: 1, leaseId: 'mine' },
        { node_id: 1, leaseId: 'mine' },
      ]);
      const uuids = (Array.isArray(value) ? value : []).map(({ uuid }) => uuid);
      expect(simulator.running.slice(0, uuids.length)).toEqual(uuids);
      named.add(uuids.length);
    }
    expect([...named].sort()).toEqual([1, 2]);
  });

  test('of a single start, whose response names one; the node is free once both have ended, and its death ends both', async () => {
    const simulator = new OctaSimulator({ ...smallWorld, lies: { doubleStarts: 1 } });
    const { value } = await single(simulator);
    const [first = '', second = ''] = simulator.running;
    expect(value).toMatchObject({ uuid: first });
    await statusOf(simulator, 'stop', first);
    expect(simulator.machine(1).session).toBe(second);
    await statusOf(simulator, 'stop', second);
    expect(simulator.machine(1).session).toBeUndefined();
    await single(simulator);
    simulator.machine(1).die();
    expect(simulator.running).toEqual([]);
  });
});

describe('a session that begins late', () => {
  const lies = { lateBeginMs: 50_000 };

  test('is unknown until then, blocks its node, and costs money from then on', async () => {
    const simulator = new OctaSimulator({ ...smallWorld, lies });
    const uuid = await uuidOn(simulator, 1);
    const delay = (simulator.sessions[0]?.startedAt ?? 0) - simulator.now;
    expect(delay).toBeGreaterThan(1);
    await simulator.advance(delay - 1);
    expect([await listOf(simulator), simulator.running, simulator.spent]).toEqual([[], [], 0n]);
    for (const what of ['info', 'logs', 'stop'] as const) expect(await statusOf(simulator, what, uuid)).toBe(404);
    expect((await startOn(simulator, 1)).text).toContain('Node is busy');
    await simulator.advance(1);
    expect(await listOf(simulator)).toMatchObject([{ uuid, duration: 0 }]);
    await simulator.advance(5000);
    expect([simulator.running, simulator.spent]).toEqual([[uuid], 5n]);
  });

  test('begins at its time, whatever the order of the starts', async () => {
    const orders = new Set<boolean>();
    for (let seed = 1; seed <= 10; seed++) {
      const simulator = new OctaSimulator({ ...smallWorld, seed, lies });
      for (const node of [1, 2]) await uuidOn(simulator, node);
      await simulator.advance(60_000);
      const times = new Map(simulator.sessions.map(({ uuid, startedAt }) => [uuid, startedAt]));
      const begun = simulator.running.map((uuid) => times.get(uuid) ?? 0);
      expect(begun).toEqual([...begun].sort((left, right) => left - right));
      orders.add(simulator.running[0] === simulator.sessions[0]?.uuid);
    }
    expect(orders).toEqual(new Set([true, false]));
  });

  test('ends at its beginning on a node that has died', async () => {
    const simulator = new OctaSimulator({ ...smallWorld, lies });
    await uuidOn(simulator, 1);
    simulator.machine(1).die();
    expect(simulator.sessions).toMatchObject([{ state: 'starting' }]);
    await simulator.advance(60_000);
    const [session] = simulator.sessions;
    expect(session).toMatchObject({ state: 'ended', terminationReason: 2, chargeWei: 0n });
    expect(session?.finishedAt).toBe(session?.startedAt);
  });
});
