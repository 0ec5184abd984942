/** Stops sessions until their end is proven. */
import { describe, expect, test } from 'vitest';
import {
  OctaAbortError,
  type OctaClientOptions,
  OctaConfigurationError,
  OctaNotFoundError,
  OctaPermissionError,
  OctaSessionError,
  OctaTimeoutError,
  type SessionResource,
} from '../../../src/index.ts';
import type { OctaSimulator } from '../../../src/testing/index.ts';
import { failure } from '../../support/failure.ts';
import { countOf, image, market } from '../../support/market.ts';

/** A market with a session that has run for a while, and the log of the client. */
async function started(options: Parameters<typeof market>[0] = {}, clientOptions: OctaClientOptions = {}) {
  const lines: string[] = [];
  const keep = (level: string) => (message: unknown) => void lines.push(`${level} ${String(message)}`);
  const logger = { error: keep('error'), warn: keep('warn'), info: keep('info'), debug: () => undefined };
  const made = market(options, { logger, logLevel: 'warn', retries: 0, ...clientOptions });
  const session = await made.client.services.mr.start({ node_id: 1, ...image });
  await made.simulator.advance(120_000);
  return { ...made, session, lines };
}

/** The requests without lists of active sessions: the client also reads three of them after each start. */
function others({ requests }: OctaSimulator) {
  return requests.filter(({ path }) => path !== '/sessions');
}

const dispose = (session: SessionResource): PromiseLike<void> => session[Symbol.asyncDispose]();

describe('stop with verify', () => {
  test('continues after looks that fail.', async () => {
    const { client, simulator } = market();
    const session = await client.services.mr.start({ node_id: 1, ...image });
    simulator.fail(['getSessionInfo', 'listSessions'], { status: 500 }, 3);
    expect(await session.stop({ verify: true })).toEqual({ confirmed: true, alreadyStopped: false });
    expect(simulator.running).toEqual([]);
  });

  test('returns the proof.', async () => {
    const { session, simulator } = await started();
    expect(await session.stop({ verify: true })).toEqual({ confirmed: true, alreadyStopped: false });
    expect([simulator.running, countOf(simulator, 'stopSession')]).toEqual([[], 1]);
    // After the proof, it does not look again.
    const { length } = others(simulator);
    await simulator.advance(60_000);
    expect(others(simulator)).toHaveLength(length);
  });

  test('waits for the proof while lists lag.', async () => {
    const { session, simulator } = await started({ lag: { endsMs: 40_000 } });
    const before = simulator.now;
    expect(await session.stop({ verify: true })).toEqual({ confirmed: true, alreadyStopped: false });
    expect(simulator.now - before).toBeGreaterThan(39_000);
  });

  test('stops a session again that keeps running.', async () => {
    const { session, simulator, lines } = await started({ lies: { ignoredStops: 1, ignoredForMs: 20_000 } });
    expect((await session.stop({ verify: true })).confirmed).toBe(true);
    expect([simulator.running, countOf(simulator, 'stopSession')]).toEqual([[], 2]);
    expect(lines).toContainEqual(expect.stringContaining('still runs after a stop; stopping it again'));
  });

  test('returns alreadyStopped if the session was over before.', async () => {
    const { session, simulator } = await started();
    await simulator.advance(0);
    await session.stop();
    expect(await session.stop({ verify: true })).toEqual({ confirmed: true, alreadyStopped: true });
  });

  test('continues after a stop that failed.', async () => {
    const { session, simulator } = await started();
    simulator.fail('stopSession', { status: 500 }, 2);
    expect(await session.stop({ verify: true })).toEqual({ confirmed: true, alreadyStopped: false });
    expect(simulator.running).toEqual([]);
  });

  test('throws if there is no proof in time, and continues in the background.', async () => {
    const { session, simulator } = await started();
    const never = simulator.fail('stopSession', { status: 403 }, Number.POSITIVE_INFINITY);
    const before = simulator.now;
    const error = await failure(session.stop({ verify: true, totalTimeoutMs: 30_000 }), OctaSessionError);
    expect(simulator.now - before).toBeLessThan(60_000);
    expect(error).toMatchObject({ reason: 'not-stopped', session: session.uuid, running: [session.uuid] });
    expect(error.cause).toBeInstanceOf(OctaPermissionError);
    never.remove();
    await simulator.advance(60_000);
    expect(simulator.running).toEqual([]);
  });

  test('waits without a time limit if totalTimeoutMs is 0.', async () => {
    const { session, simulator } = await started();
    const never = simulator.fail('stopSession', { status: 403 }, Number.POSITIVE_INFINITY);
    const stopping = session.stop({ verify: true, totalTimeoutMs: 0 });
    await simulator.advance(600_000);
    never.remove();
    expect((await stopping).confirmed).toBe(true);
  });

  test('rejects on abort, while stopping and while waiting.', async () => {
    const { session, simulator } = await started({ lag: { endsMs: 600_000 } });
    simulator.fail('stopSession', { stall: 'headers' });
    for (const afterMs of [1_000, 20_000]) {
      const controller = new AbortController();
      const stopping = session.stop({ verify: true, signal: controller.signal }).catch((error: unknown) => error);
      await simulator.advance(afterMs);
      controller.abort(new Error('enough'));
      expect(await stopping).toSatisfy(
        (error) => error instanceof OctaAbortError || Object(error).message === 'enough',
      );
    }
  });

  test('refuses wrong options before anything is sent.', async () => {
    const { session, simulator } = await started();
    await failure(session.stop({ verify: true, score: 1.5 as never }), OctaConfigurationError);
    await failure(session.stop({ verify: true, scores: 5 } as never), OctaConfigurationError);
    expect(countOf(simulator, 'stopSession')).toBe(0);
  });

  test('sends a rating with the first stop.', async () => {
    const { session, simulator } = await started();
    await session.stop({ verify: true, score: 4 });
    expect(simulator.sessions[0]?.score).toBe(4);
  });
});

describe('The end of a scope', () => {
  test('costs a stop and one look on a good day.', async () => {
    const { session, simulator } = await started();
    const { length } = others(simulator);
    await dispose(session);
    const requests = others(simulator).slice(length);
    expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `POST /services/${session.uuid}/stop`,
      'GET /sessions?recent=true',
    ]);
    await simulator.advance(60_000);
    expect(others(simulator)).toHaveLength(length + 2);
  });

  test('is reached when a stop has succeeded and the lists do not show the session; background work completes the proof.', async () => {
    const { session, simulator } = await started();
    simulator.fail(({ path }) => path.includes('recent=true'), { status: 200, body: [] }, 1);
    await dispose(session);
    const { length } = others(simulator);
    await simulator.advance(60_000);
    expect(simulator.requests.length).toBeGreaterThan(length);
    const all = simulator.requests.length;
    await simulator.advance(600_000);
    expect(simulator.requests).toHaveLength(all);
  });

  test('is reached after 15 s at most if lists lag.', async () => {
    const { session, simulator, lines } = await started({ lag: { endsMs: 40_000 } });
    const before = simulator.now;
    await dispose(session);
    expect(simulator.now - before).toBeLessThan(16_000);
    await simulator.advance(120_000);
    expect(lines).toEqual([
      expect.stringMatching(/^error .*was asked to stop, but is not proven over; it may still cost money/),
    ]);
  });

  test('does not wait for the response to a stop once the session is proven over.', async () => {
    const { session, simulator } = await started({ lies: { slowStops: 1, slowStopMs: 60_000 } });
    const before = simulator.now;
    await dispose(session);
    expect(simulator.now - before).toBeLessThan(5_000);
    expect(simulator.running).toEqual([]);
  });

  test('throws after 15 s without a response and without a proof.', async () => {
    const { session, simulator } = await started();
    simulator.fail('stopSession', { stall: 'headers' });
    const before = simulator.now;
    const stalled = simulator.fail(['listSessions'], { status: 503 }, Number.POSITIVE_INFINITY);
    const error = await failure(dispose(session), OctaSessionError);
    expect(error.cause).toBeInstanceOf(OctaTimeoutError);
    expect(error.stopFailures[0]?.error).toMatchObject({
      message: expect.stringMatching(/^stopSession: no response within 15000 ms/),
      outcome: 'unknown',
    });
    expect(Math.abs(simulator.now - before - 16_000)).toBeLessThan(3_000);
    stalled.remove();
    await simulator.advance(60_000);
    expect(simulator.running).toEqual([]);
  });

  test('throws after 15 s if neither the stop nor a list gets a response.', async () => {
    const { session, simulator } = await started();
    for (const operation of ['stopSession', 'listSessions'] as const)
      simulator.fail(operation, { stall: 'headers' }, Number.POSITIVE_INFINITY);
    const before = simulator.now;
    await failure(dispose(session), OctaSessionError);
    expect(simulator.now - before).toBeLessThanOrEqual(16_000);
    await simulator.advance(1_000);
  });

  test('waits as long as the API asks before the next stop.', async () => {
    const { session, simulator } = await started();
    simulator.fail('stopSession', { status: 429, headers: { 'retry-after': '7' } });
    await dispose(session);
    const [first, second] = simulator.requests.filter(({ operation }) => operation === 'stopSession');
    expect(Number(second?.at) - Number(first?.at)).toBeGreaterThanOrEqual(7_000);
    expect(simulator.running).toEqual([]);
  });

  test('accepts a 404 as the end if the lists do not show the session either.', async () => {
    const { session, simulator } = await started();
    await session.stop();
    await dispose(session);
    await dispose(session);
    expect(simulator.running).toEqual([]);
  });

  test('ignores a 404 for a session that a list shows.', async () => {
    const { session, simulator } = await started();
    simulator.fail('stopSession', { status: 404 }, 2);
    await dispose(session);
    expect([simulator.running, countOf(simulator, 'stopSession')]).toEqual([[], 3]);
  });

  test('sends nothing for a session that is kept or over.', async () => {
    const { session, simulator, client } = await started();
    await session.stop({ verify: true });
    const kept = (await client.services.mr.start({ node_id: 2, ...image })).keep();
    const stops = countOf(simulator, 'stopSession');
    await dispose(session);
    await dispose(kept);
    expect([countOf(simulator, 'stopSession'), simulator.running]).toEqual([stops, [kept.uuid]]);
  });
});

describe('A plain stop', () => {
  test('starts nothing in the background.', async () => {
    const { session, simulator } = await started();
    expect(await session.stop()).toEqual({ confirmed: false, alreadyStopped: false });
    const { length } = others(simulator);
    await simulator.advance(600_000);
    expect(others(simulator)).toHaveLength(length);
  });

  test('of a session that is already over throws OctaNotFoundError, although its end is known.', async () => {
    const { session } = await started();
    await session.stop({ verify: true });
    await failure(session.stop(), OctaNotFoundError);
  });
});

describe('close({ stopSessions: true })', () => {
  test('stops all sessions that are not kept, including those of starts in progress.', async () => {
    const { client, simulator, session } = await started();
    const kept = (await client.services.mr.start({ node_id: 2, ...image })).keep();
    simulator.fail('startMr', { delayMs: 5_000 });
    const starting = client.services.mr.start({ node_id: 3, ...image }).then(({ uuid }) => uuid);
    await simulator.advance(100);
    await client.close({ stopSessions: true });
    expect(simulator.running).toEqual([kept.uuid]);
    expect(await starting).toEqual(expect.any(String));
    expect(session.uuid).not.toBe(kept.uuid);
  });

  test('does not return the session of a rental in progress.', async () => {
    const { client, simulator } = market({ readyAfterMs: 60_000 });
    const renting = failure(client.services.mr.rent({ node_id: 1, ...image }), OctaAbortError);
    await simulator.advance(5_000);
    await client.close({ stopSessions: true });
    expect((await renting).cause).toEqual(new Error('the client was closed'));
    expect(simulator.running).toEqual([]);
  });

  test.each([
    ['are refused', { status: 403 }, 'session UUID could not be stopped so far; it may still cost money'],
    ['get no response', { stall: 'headers' }, 'the client was closed, but these sessions may still run: UUID'],
  ] as const)('logs which sessions may still run if stops %s.', async (_, fault, message) => {
    const { client, simulator, session, lines } = await started();
    simulator.fail('stopSession', fault, Number.POSITIVE_INFINITY);
    simulator.fail('listSessions', { status: 503 }, Number.POSITIVE_INFINITY);
    await client.close({ stopSessions: true });
    expect(lines).toContain(`error [octaspace] ${message.replace('UUID', session.uuid)}`);
  });

  test('without stopSessions stops nothing.', async () => {
    const { client, simulator, session } = await started();
    await client.close();
    expect(simulator.running).toEqual([session.uuid]);
  });
});

test('The stats of a client include its leases.', async () => {
  const { client, simulator, session } = await started();
  const guard = session.guard({ maxDurationMs: 86_400_000 });
  simulator.fail('startMr', { delayMs: 5_000 });
  const starting = client.services.mr.start({ node_id: 2, ...image }).then(({ uuid }) => uuid);
  await simulator.advance(100);
  expect(client.transportStats().leases).toEqual({ held: 1, guarded: 1, starting: 1 });
  await starting;
  guard.release();
  await guard.done;
  expect(client.transportStats().leases).toEqual({ held: 2, guarded: 0, starting: 0 });
});
