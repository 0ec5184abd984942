/** A second session of one start. */
import { expect, test } from 'vitest';
import { clockMark, clockOf } from '../../../src/clock.ts';
import { type FetchLike, type LateSession, OctaClient } from '../../../src/index.ts';
import { memoryLedger } from '../../../src/testing/index.ts';
import { countOf, image, market } from '../../support/market.ts';
import { jsonAnswer } from '../../support/recording.ts';

test('It is stopped if the search for the first finds both in one list.', async () => {
  const late: LateSession[] = [];
  const { simulator, client } = market(
    { lies: { doubleStarts: 1 } },
    { onLateSession: (each) => void late.push(each) },
  );
  simulator.fail('startMr', { lost: 'after' });
  const session = await client.services.mr.rent({ node_id: 1, ...image });
  await simulator.advance(60_000);
  expect(simulator.sessions).toHaveLength(2);
  expect(simulator.running).toEqual([session.uuid]);
  expect(late).toMatchObject([{ leaseId: session.leaseId, action: 'stopping' }]);
});

test('It is stopped if a list shows it only long after the first was found.', async () => {
  const { simulator } = market({ lies: { doubleStarts: 1 } });
  const late: LateSession[] = [];
  const hidesUntil = simulator.now + 50_000;
  const fetch: FetchLike = async (url, init) => {
    const response = await simulator.fetch(url, init);
    if (!url.includes('/sessions') || simulator.now > hidesUntil) return response;
    const sessions = (await response.json()) as { readonly uuid: string }[];
    const [, second] = simulator.running;
    return jsonAnswer(JSON.stringify(sessions.filter(({ uuid }) => uuid.toLowerCase() !== second)));
  };
  const client = new OctaClient({
    apiKey: 'a-key',
    logLevel: 'silent',
    fetch: Object.assign(fetch, { [clockMark]: clockOf(simulator.fetch) }),
    onLateSession: (each) => void late.push(each),
  });
  simulator.fail('startMr', { lost: 'after' });
  const session = await client.services.mr.rent({ node_id: 1, ...image });
  await simulator.advance(130_000);
  expect(simulator.sessions).toHaveLength(2);
  expect(simulator.running).toEqual([session.uuid]);
  expect(late).toMatchObject([{ leaseId: session.leaseId, action: 'stopping' }]);
});

test('It is stopped if the list that shows it was read for another start.', async () => {
  const { simulator, client } = market({ lies: { doubleStarts: 1 }, lag: { listsMs: 10_000 } });
  const first = await client.services.mr.start({ node_id: 1, ...image });
  await first.stop({ verify: true });
  simulator.fail('startMr', { lost: 'after' });
  const [one, two] = await Promise.all([
    client.services.mr.rent({ node_id: 2, ...image }),
    client.services.mr.rent({ node_id: 3, ...image }),
  ]);
  await simulator.advance(60_000);
  const own = [one?.uuid, two?.uuid];
  const rest = simulator.sessions.filter(({ node_id, state }) => node_id !== 1 && state !== 'ended');
  expect(new Set(rest.map(({ uuid }) => uuid))).toEqual(new Set(own));
});

test('It is stopped together with the first if their owner is dead.', async () => {
  const ledger = memoryLedger();
  const { simulator, client } = market({ lies: { doubleStarts: 1 } }, { ledger });
  await client.services.mr.start({ node_id: 1, ...image });
  await client.close();
  expect(simulator.running).toHaveLength(2);

  const next = new OctaClient({ apiKey: 'a-key', fetch: simulator.fetch, ledger });
  const { leases } = await next.leases.reconcile();
  expect(leases).toMatchObject([{ verdict: 'stopped' }]);
  expect(simulator.running).toEqual([]);
});

test('It has its own record in the ledger until its end is proven.', async () => {
  const ledger = memoryLedger();
  const { simulator, client } = market({ lies: { doubleStarts: 1 }, lag: { stopMs: 120_000 } }, { ledger });
  simulator.fail('startMr', { lost: 'after' });
  const session = await client.services.mr.rent({ node_id: 1, ...image });
  const second = simulator.running.find((uuid) => uuid !== session.uuid);
  const uuids = async () => (await ledger.list()).flatMap((record) => ('uuid' in record ? [record.uuid] : []));
  expect(await uuids()).toEqual([session.uuid, second]);
  await simulator.advance(200_000);
  expect(simulator.running).toEqual([session.uuid]);
  expect(await uuids()).toEqual([session.uuid]);
});

test('It is in the ledger as soon as the response names it, so that reconcilers find it even if no list shows its mark.', async () => {
  const ledger = memoryLedger();
  // With seed 3, the response names both.
  const { simulator, client } = market({ hideVariables: true, lies: { doubleStarts: 1 }, seed: 3 }, { ledger });
  await client.services.mr.rent({ node_id: 1, ...image });
  const uuids = (await ledger.list()).flatMap((record) => ('uuid' in record ? [record.uuid] : []));
  expect(new Set(uuids)).toEqual(new Set(simulator.running));
  await client.close();

  const next = new OctaClient({ apiKey: 'a-key', fetch: simulator.fetch, ledger });
  await next.leases.reconcile();
  expect(simulator.running).toEqual([]);
});

test('It is stopped although the first lists that could show it are unreadable, or empty.', async () => {
  const { simulator, client } = market({ lies: { doubleStarts: 1 } });
  const session = await client.services.mr.rent({ node_id: 1, ...image });
  expect(simulator.running).toHaveLength(2);
  simulator.fail('listSessions', { invalidJson: true });
  simulator.fail('listSessions', { status: 503 });
  simulator.fail('listSessions', { status: 200, body: [] });
  await simulator.advance(600_000);
  expect(simulator.running).toHaveLength(2);
  await simulator.advance(200_000);
  expect(simulator.running).toEqual([session.uuid]);
});

test('Three lists are read for it, which all starts of half a minute share.', async () => {
  const { simulator, client } = market();
  const { mr } = client.services;
  await Promise.all([1, 2].map((node_id) => mr.start({ node_id, ...image })));
  await simulator.advance(20_000);
  await mr.start({ node_id: 3, ...image });
  await simulator.advance(3_600_000);
  expect(countOf(simulator, 'listSessions')).toBe(3);
});

test('No list is read for it any more if none could be read for 15 minutes.', async () => {
  const { simulator, client } = market();
  await client.services.mr.start({ node_id: 1, ...image });
  simulator.fail('listSessions', { status: 503 }, Number.POSITIVE_INFINITY);
  await simulator.advance(3_600_000);
  const lists = countOf(simulator, 'listSessions');
  expect(lists).toBe(4);
  await simulator.advance(3_600_000);
  expect(countOf(simulator, 'listSessions')).toBe(lists);
});
