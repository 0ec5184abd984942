/** Sessions whose start got no response, or one with too many sessions. */
import { describe, expect, test } from 'vitest';
import {
  type LateSession,
  OctaClient,
  type OctaClientOptions,
  OctaNetworkError,
  OctaServerError,
  OctaSessionError,
  type StartManyResult,
} from '../../../src/index.ts';
import { OctaSimulator } from '../../../src/testing/index.ts';
import { failure } from '../../support/failure.ts';
import { countOf, image, market } from '../../support/market.ts';

/** A market, and the late sessions that its client reports. */
function world(options: Parameters<typeof market>[0] = {}, clientOptions: OctaClientOptions = {}) {
  const late: LateSession[] = [];
  const onLateSession = (each: LateSession) => void late.push(each);
  return { ...market(options, { retries: 0, onLateSession, ...clientOptions }), late };
}

const [first, second] = [1, 2].map((node_id) => ({ node_id, ...image }));
const both = [first, second] as { node_id: number; disk_size: number; image: string }[];
const statuses = (results: readonly StartManyResult[]) => results.map(({ status }) => status);

describe('startMany searches for sessions that the response does not mention,', () => {
  test.each([
    ['is empty', { status: 200, body: [] }, 0],
    ['is lost', { lost: 'after' }, 2],
    ['is garbled', { invalidJson: true }, 2],
  ] as const)('if it %s.', async (_, fault, begun) => {
    const { client, simulator, late } = world();
    simulator.fail('startMr', fault);
    const before = simulator.now;
    const starting = client.services.mr.startMany(both);
    if (begun === 0) {
      const results = await starting;
      expect(statuses(results)).toEqual(['unknown', 'unknown']);
      expect(Math.abs(simulator.now - before - 15_000)).toBeLessThan(2_000);
      expect(new Set(results.map((result) => Object(result).leaseId)).size).toBe(2);
      return;
    }
    const results = await starting;
    expect(statuses(results)).toEqual(['started', 'started']);
    const nodes = results.map(
      (result) =>
        simulator.sessions.find(({ uuid }) => result.status === 'started' && uuid === result.session.uuid)?.node_id,
    );
    expect([nodes, late]).toEqual([[1, 2], []]);
    expect(simulator.now - before).toBeLessThan(5_000);
  });

  test('and throws if it finds none, with the id of the first item.', async () => {
    const { client, simulator } = world();
    simulator.fail('startMr', { lost: 'before' });
    const error = await failure(client.services.mr.startMany(both), OctaNetworkError);
    expect([error.outcome, typeof error.leaseId]).toEqual(['unknown', 'string']);
    expect(countOf(simulator, 'listSessions')).toBeGreaterThan(3);
  });

  test('for 10 s at most after an abort.', async () => {
    const { client, simulator } = world();
    const controller = new AbortController();
    simulator.fail('startMr', { lost: 'before' });
    const starting = failure(client.services.mr.startMany(both, { signal: controller.signal }), OctaNetworkError);
    await simulator.advance(1_000);
    const abortedAt = simulator.now;
    controller.abort();
    await starting;
    expect(simulator.now - abortedAt).toBeLessThanOrEqual(10_000);
  });

  test('and reports sessions that appear even later.', async () => {
    const { client, simulator, late } = world({ lag: { listsMs: 40_000 } });
    simulator.fail('startMr', { lost: 'after' });
    const error = await failure(client.services.mr.startMany(both), OctaNetworkError);
    await simulator.advance(120_000);
    expect(late.map(({ session, action }) => [session, action]).sort()).toEqual(
      simulator.running.map((uuid) => [uuid, 'running']).sort(),
    );
    expect(late.map(({ leaseId }) => leaseId)).toContain(error.leaseId);
  });

  test('but not if starts have no mark.', async () => {
    const { client, simulator } = world({}, { leaseVariable: false });
    simulator.fail('startMr', { status: 200, body: [] });
    const before = simulator.now;
    expect(statuses(await client.services.mr.startMany(both))).toEqual(['unknown', 'unknown']);
    expect([simulator.now - before < 1_000, countOf(simulator, 'listSessions')]).toEqual([true, 0]);
  });

  test('but takes no session with another mark, whatever ids the response has.', async () => {
    const { client, simulator } = world();
    simulator.fail('startMr', { status: 200, body: [{ id: 5, uuid: '' }] });
    simulator.startForeign({ node_id: 3, envs: { OCTA_LEASE_ID: 'theirs' } });
    expect(statuses(await client.services.mr.startMany(both))).toEqual(['unknown', 'unknown']);
  });
});

describe('A second session of a rental', () => {
  test.each([1, 2, 3, 4, 5, 6])(
    'is stopped and reported, whether the response names it or a list shows it (seed %i).',
    async (seed) => {
      const given = { seed, lies: { doubleStarts: 1 } };
      const simulator = new OctaSimulator({ machines: [{ node_id: 1 }], ...given });
      const named: number[] = [];
      const fetch = async (url: string, init: RequestInit) => {
        const response = await simulator.fetch(url, init);
        if (init.method === 'POST' && url.endsWith('/mr')) named.push(JSON.parse(await response.clone().text()).length);
        return response;
      };
      const late: LateSession[] = [];
      const onLateSession = (each: LateSession) => void late.push(each);
      const client = new OctaClient({ apiKey: 'a-key', fetch, clock: simulator.clock, onLateSession });
      const session = await client.services.mr.rent({ node_id: 1, ...image });
      // The client does not search for a session that no response mentions.
      if (named[0] === 1) await client.sessions.list();
      await simulator.advance(60_000);
      expect(simulator.running).toEqual([session.uuid]);
      const others = simulator.sessions.filter(({ uuid }) => uuid !== session.uuid);
      expect(late).toEqual(
        others.map(({ uuid }) => ({ session: uuid, leaseId: session.leaseId, node_id: 1, action: 'stopping' })),
      );
      expect([others.length, named.length]).toEqual([1, 1]);
    },
  );

  test('is reported if starts have no mark.', async () => {
    const uuids = ['5dd2d308-0000-4000-8000-000000000001', '5dd2d308-0000-4000-8000-000000000002'];
    const { client, simulator, late } = world({}, { leaseVariable: false });
    simulator.fail('startMr', { status: 200, body: uuids.map((uuid) => ({ uuid })) });
    await failure(client.services.mr.rent({ node_id: 1, ...image }, { readyTimeoutMs: 5_000 }), OctaSessionError);
    expect(late).toMatchObject([{ session: uuids[1], action: 'running' }]);
  });
});

describe('A session that begins after its rental has failed', () => {
  test('is stopped and reported.', async () => {
    const { client, simulator, late } = world({ lies: { lateBeginMs: 0 }, lag: { listsMs: 90_000 } });
    simulator.fail('startMr', { status: 500, body: { code: 'X', message: 'boom' } });
    await failure(client.services.mr.rent({ node_id: 1, ...image }, { adoptionTimeoutMs: 5_000 }), OctaServerError);
    simulator.fail('startMr', { lost: 'after' });
    const error = await failure(
      client.services.mr.rent({ node_id: 2, ...image }, { adoptionTimeoutMs: 5_000 }),
      OctaNetworkError,
    );
    expect(simulator.running).toHaveLength(1);
    await simulator.advance(180_000);
    expect(simulator.running).toEqual([]);
    expect(late).toEqual([
      { session: simulator.sessions[0]?.uuid, leaseId: error.leaseId, node_id: 2, action: 'stopping' },
    ]);
  });

  test('is logged if it cannot be stopped.', async () => {
    const lines: string[] = [];
    const keep = (message: unknown) => void lines.push(String(message));
    const logger = { error: keep, warn: keep, info: keep, debug: keep };
    const { client, simulator } = market({ lag: { listsMs: 30_000 } }, { retries: 0, logger, logLevel: 'warn' });
    simulator.fail('startMr', { lost: 'after' });
    simulator.fail('stopSession', { status: 403 }, Number.POSITIVE_INFINITY);
    await failure(client.services.mr.rent({ node_id: 1, ...image }, { adoptionTimeoutMs: 5_000 }), OctaNetworkError);
    await simulator.advance(120_000);
    const text = lines.join('\n');
    expect(text).toContain('had failed; stopping it');
    expect(text).toContain('could not be stopped so far');
    expect(text).toMatch(/OctaPermissionError|403/);
  });
});
