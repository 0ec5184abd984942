/** Background work, which no caller awaits. */
import { describe, expect, test } from 'vitest';
import { callerOf } from '../../../src/core/octa-core.ts';
import { OctaNetworkError } from '../../../src/index.ts';
import { Background } from '../../../src/leases/background.ts';
import { failure } from '../../support/failure.ts';
import { countOf, image, market } from '../../support/market.ts';

/** A client, its log, and its background work. */
function world(options: Parameters<typeof market>[0] = {}) {
  const lines: string[] = [];
  const keep = (level: string) => (message: unknown) => void lines.push(`${level} ${String(message)}`);
  const logger = { error: keep('error'), warn: keep('warn'), info: keep('info'), debug: () => undefined };
  const made = market(options, { logger, logLevel: 'warn', retries: 0 });
  return { ...made, lines, background: new Background(callerOf(made.client)) };
}

/** The state of a promise, without waiting for it. */
function follow(promise: Promise<unknown>): { isOver: boolean } {
  const state = { isOver: false };
  const end = () => void Object.assign(state, { isOver: true });
  promise.then(end, end);
  return state;
}

const never = () => new Promise<never>(() => undefined);

describe('Work in the background', () => {
  test('keeps the client from closing until it is done.', async () => {
    const { client, simulator, background, lines } = world();
    background.run(simulatorSleep(simulator, 5_000), () => 'not done');
    const closing = follow(client.close());
    await simulator.advance(4_900);
    expect(closing.isOver).toBe(false);
    await simulator.advance(200);
    expect([closing.isOver, lines]).toEqual([true, []]);
  });

  test('keeps it for 15 s at most, and then the unfinished work is logged.', async () => {
    const { client, simulator, background, lines } = world();
    background.run(never(), () => 'session u-1 may run on');
    const closing = follow(client.close());
    await simulator.advance(14_900);
    expect([closing.isOver, lines]).toEqual([false, []]);
    await simulator.advance(200);
    expect([closing.isOver, lines]).toEqual([true, [expect.stringContaining('session u-1 may run on')]]);
    expect(lines[0]).toMatch(/^error/);
  });

  test('logs nothing after 15 s if nothing is unfinished, or if it fails.', async () => {
    const { simulator, background, lines } = world();
    background.run(never());
    background.run(Promise.reject(new Error('failed')), () => 'not done');
    await simulator.advance(20_000);
    expect(lines).toEqual([]);
  });

  test('can start on a closed client.', async () => {
    const { client, background, simulator, lines } = world();
    await client.close();
    background.run(never(), () => 'not done');
    await simulator.advance(15_000);
    expect(lines).toEqual([expect.stringContaining('not done')]);
  });

  test('rests without moving time, until the client is closed.', async () => {
    const { client, simulator, background } = world();
    const rest = background.rest(3_600_000);
    const before = simulator.now;
    await client.close();
    await rest;
    expect(simulator.now - before).toBeLessThan(1_000);
  });
});

function simulatorSleep({ clock }: ReturnType<typeof world>['simulator'], ms: number): Promise<void> {
  return new Promise((resolve) => void clock.setTimer(resolve, ms, 'limit'));
}

describe('A start with an unknown outcome', () => {
  test('is searched for in the background, and its session is reported.', async () => {
    const { client, simulator, lines } = world();
    simulator.fail('startMr', { lost: 'after' });
    const { leaseId } = await failure(client.services.mr.start({ node_id: 1, ...image }), OctaNetworkError);
    await simulator.advance(5_000);
    const [uuid] = simulator.running;
    expect(lines).toEqual([
      expect.stringMatching(
        new RegExp(
          `^warn .*session ${uuid} appeared after its start \\(lease ${leaseId}\\) had failed; it costs money`,
        ),
      ),
    ]);
    // The start may have begun another session, so the search continues.
    await simulator.advance(120_000);
    const lists = countOf(simulator, 'listSessions');
    expect(lists).toBeLessThan(12);
    await simulator.advance(120_000);
    expect(countOf(simulator, 'listSessions')).toBe(lists);
    expect(lines).toHaveLength(1);
  });

  test('is logged after 15 s without a session, and is searched for less and less often, for 15 minutes.', async () => {
    const { client, simulator, lines } = world();
    simulator.fail('startMr', { lost: 'before' });
    const { leaseId } = await failure(client.services.mr.start({ node_id: 2, ...image }), OctaNetworkError);
    await simulator.advance(14_900);
    expect(lines).toEqual([]);
    await simulator.advance(5_000);
    expect(lines).toEqual([
      expect.stringMatching(
        `^error .*the outcome of these starts is unknown; each may have begun a session that still runs: ${leaseId} \\(node 2\\)`,
      ),
    ]);
    await simulator.advance(16 * 60_000);
    const lists = simulator.requests.filter(({ operation }) => operation === 'listSessions').map(({ at }) => at);
    expect(lists.length).toBeGreaterThan(30);
    expect(lists.length).toBeLessThan(40);
    await simulator.advance(16 * 60_000);
    expect(countOf(simulator, 'listSessions')).toBe(lists.length);
    expect(lines).toHaveLength(1);
  });

  test('keeps the client from closing for 15 s at most.', async () => {
    const { client, simulator, lines } = world();
    simulator.fail('startMr', { lost: 'before' });
    await failure(client.services.mr.start({ node_id: 1, ...image }), OctaNetworkError);
    const before = simulator.now;
    await client.close();
    expect(simulator.now - before).toBeGreaterThan(14_000);
    expect(simulator.now - before).toBeLessThan(16_000);
    expect(lines).toHaveLength(1);
    const { length } = simulator.requests;
    await simulator.advance(60_000);
    expect(simulator.requests).toHaveLength(length);
  });

  test('is not searched for if it was refused, or is for a relay.', async () => {
    const { client, simulator } = world();
    simulator.fail('startMr', { status: 400 });
    await client.services.mr.start({ node_id: 1, ...image }).catch(() => undefined);
    simulator.fail('startVpn', { lost: 'before' });
    await client.services.vpn.start({ node_id: 21, subkind: 'wg' }).catch(() => undefined);
    await simulator.advance(60_000);
    expect(countOf(simulator, 'listSessions')).toBe(0);
  });
});
