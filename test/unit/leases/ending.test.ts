/** Stops, until the end is proven. */
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
import { failure } from '../../support/failure.ts';
import { countOf, image, market } from '../../support/market.ts';

/** A market with a session that has run for a while, and what the client logs. */
async function started(options: Parameters<typeof market>[0] = {}, clientOptions: OctaClientOptions = {}) {
  const lines: string[] = [];
  const keep = (level: string) => (message: unknown) => void lines.push(`${level} ${String(message)}`);
  const logger = { error: keep('error'), warn: keep('warn'), info: keep('info'), debug: () => undefined };
  const made = market(options, { logger, logLevel: 'warn', retries: 0, ...clientOptions });
  const session = await made.client.services.mr.start({ node_id: 1, ...image });
  await made.simulator.advance(120_000);
  return { ...made, session, lines };
}

const dispose = (session: SessionResource): PromiseLike<void> => session[Symbol.asyncDispose]();

describe('stop with verify', () => {
  test('goes on through looks that fail.', async () => {
    const { client, simulator } = market();
    const session = await client.services.mr.start({ node_id: 1, ...image });
    simulator.fail(['getSessionInfo', 'listSessions'], { status: 500 }, 3);
    expect(await session.stop({ verify: true })).toEqual({ confirmed: true, alreadyStopped: false });
    expect(simulator.running).toEqual([]);
  });

  test('gives the proof.', async () => {
    const { session, simulator } = await started();
    expect(await session.stop({ verify: true })).toEqual({ confirmed: true, alreadyStopped: false });
    expect([simulator.running, countOf(simulator, 'stopSession')]).toEqual([[], 1]);
    // What is proven needs no further look.
    const { length } = simulator.requests;
    await simulator.advance(60_000);
    expect(simulator.requests).toHaveLength(length);
  });

  test('waits for the proof as long as lists lag.', async () => {
    const { session, simulator } = await started({ lag: { endsMs: 40_000 } });
    const before = simulator.now;
    expect(await session.stop({ verify: true })).toEqual({ confirmed: true, alreadyStopped: false });
    expect(simulator.now - before).toBeGreaterThan(39_000);
  });

  test('stops again what runs on.', async () => {
    const { session, simulator, lines } = await started({ lies: { ignoredStops: 1, ignoredForMs: 20_000 } });
    expect((await session.stop({ verify: true })).confirmed).toBe(true);
    expect([simulator.running, countOf(simulator, 'stopSession')]).toEqual([[], 2]);
    expect(lines).toContainEqual(expect.stringContaining('still runs after a stop; stopping it again'));
  });

  test('says that it was stopped already, when it was over.', async () => {
    const { session, simulator } = await started();
    await simulator.advance(0);
    await session.stop();
    expect(await session.stop({ verify: true })).toEqual({ confirmed: true, alreadyStopped: true });
  });

  test('goes on after a stop that failed.', async () => {
    const { session, simulator } = await started();
    simulator.fail('stopSession', { status: 500 }, 2);
    expect(await session.stop({ verify: true })).toEqual({ confirmed: true, alreadyStopped: false });
    expect(simulator.running).toEqual([]);
  });

  test('throws when there is no proof in time, and the background goes on.', async () => {
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

  test('waits for ever, when no time is a limit.', async () => {
    const { session, simulator } = await started();
    const never = simulator.fail('stopSession', { status: 403 }, Number.POSITIVE_INFINITY);
    const stopping = session.stop({ verify: true, totalTimeoutMs: 0 });
    await simulator.advance(600_000);
    never.remove();
    expect((await stopping).confirmed).toBe(true);
  });

  test('ends when the caller gives up, while stopping or while waiting.', async () => {
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
    const { length } = simulator.requests;
    await dispose(session);
    expect(simulator.requests.slice(length).map(({ method, path }) => `${method} ${path}`)).toEqual([
      `POST /services/${session.uuid}/stop`,
      'GET /sessions?recent=true',
    ]);
    await simulator.advance(60_000);
    expect(simulator.requests).toHaveLength(length + 2);
  });

  test('is heard when a stop was answered and the lists do not show the session; the rest is proven in the background.', async () => {
    const { session, simulator } = await started();
    simulator.fail(({ path }) => path.includes('recent=true'), { status: 200, body: [] }, 1);
    await dispose(session);
    const { length } = simulator.requests;
    await simulator.advance(60_000);
    expect(simulator.requests.length).toBeGreaterThan(length);
    const all = simulator.requests.length;
    await simulator.advance(600_000);
    expect(simulator.requests).toHaveLength(all);
  });

  test('is heard after 15 s at most, when lists lag.', async () => {
    const { session, simulator, lines } = await started({ lag: { endsMs: 40_000 } });
    const before = simulator.now;
    await dispose(session);
    expect(simulator.now - before).toBeLessThan(16_000);
    await simulator.advance(120_000);
    expect(lines).toEqual([
      expect.stringMatching(/^error .*should be stopped, but is not proven over; it may still cost money/),
    ]);
  });

  test('does not wait for a stop without an answer once the session is proven to be over.', async () => {
    const { session, simulator } = await started({ lies: { slowStops: 1, slowStopMs: 60_000 } });
    const before = simulator.now;
    await dispose(session);
    expect(simulator.now - before).toBeLessThan(5_000);
    expect(simulator.running).toEqual([]);
  });

  test('throws after 15 s without an answer and without a proof.', async () => {
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

  test('throws after 15 s when neither the stop nor a list is answered.', async () => {
    const { session, simulator } = await started();
    for (const operation of ['stopSession', 'listSessions'] as const)
      simulator.fail(operation, { stall: 'headers' }, Number.POSITIVE_INFINITY);
    const before = simulator.now;
    await failure(dispose(session), OctaSessionError);
    expect(simulator.now - before).toBeLessThanOrEqual(16_000);
    await simulator.advance(1_000);
  });

  test('heeds how long the API asks to wait before the next stop.', async () => {
    const { session, simulator } = await started();
    simulator.fail('stopSession', { status: 429, headers: { 'retry-after': '7' } });
    await dispose(session);
    const [first, second] = simulator.requests.filter(({ operation }) => operation === 'stopSession');
    expect(Number(second?.at) - Number(first?.at)).toBeGreaterThanOrEqual(7_000);
    expect(simulator.running).toEqual([]);
  });

  test('takes a 404 for the end, when the lists do not show the session either.', async () => {
    const { session, simulator } = await started();
    await session.stop();
    await dispose(session);
    await dispose(session);
    expect(simulator.running).toEqual([]);
  });

  test('does not believe a 404 about a session that a list shows.', async () => {
    const { session, simulator } = await started();
    simulator.fail('stopSession', { status: 404 }, 2);
    await dispose(session);
    expect([simulator.running, countOf(simulator, 'stopSession')]).toEqual([[], 3]);
  });

  test('sends nothing for a session that is kept, or over.', async () => {
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
    const { length } = simulator.requests;
    await simulator.advance(600_000);
    expect(simulator.requests).toHaveLength(length);
  });

  test('of a session that is over already says that there is none, although its end is known.', async () => {
    const { session } = await started();
    await session.stop({ verify: true });
    await failure(session.stop(), OctaNotFoundError);
  });
});

describe('close({ stopSessions: true })', () => {
  test('stops all that is not kept, also what is just being started.', async () => {
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

  test('lets nobody have a session of a rental under way.', async () => {
    const { client, simulator } = market({ readyAfterMs: 60_000 });
    const renting = failure(client.services.mr.rent({ node_id: 1, ...image }), OctaAbortError);
    await simulator.advance(5_000);
    await client.close({ stopSessions: true });
    expect((await renting).cause).toEqual(new Error('the client was closed'));
    expect(simulator.running).toEqual([]);
  });

  test.each([
    ['are refused', { status: 403 }, 'session UUID should be stopped, but is not proven over; it may still cost money'],
    ['have no answer', { stall: 'headers' }, 'the client was closed, but these sessions may still run: UUID'],
  ] as const)('says which sessions may run on, when stops %s.', async (_, fault, message) => {
    const { client, simulator, session, lines } = await started();
    simulator.fail('stopSession', fault, Number.POSITIVE_INFINITY);
    simulator.fail('listSessions', { status: 503 }, Number.POSITIVE_INFINITY);
    await client.close({ stopSessions: true });
    expect(lines).toContain(`error [octaspace] ${message.replace('UUID', session.uuid)}`);
  });

  test('and a plain close stops nothing.', async () => {
    const { client, simulator, session } = await started();
    await client.close();
    expect(simulator.running).toEqual([session.uuid]);
  });
});

test('The figures of a client tell its leases.', async () => {
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
