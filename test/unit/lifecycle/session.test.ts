/** Waiting for a session, watching it, following its logs and guarding it, in virtual time. */
import { describe, expect, test } from 'vitest';
import {
  type GuardLimits,
  type GuardResult,
  type LogLine,
  OctaAbortError,
  OctaAuthenticationError,
  OctaConfigurationError,
  OctaPermissionError,
  OctaServerError,
  OctaServiceUnavailableError,
  OctaSessionError,
  type Progress,
  type SessionGuard,
  type SessionResource,
} from '../../../src/index.ts';
import type { OctaSimulator } from '../../../src/testing/index.ts';
import { failure } from '../../support/failure.ts';
import { countOf, image, type Market, market } from '../../support/market.ts';

/** A market with a session that was just started. */
async function started(
  options: Parameters<typeof market>[0] = {},
): Promise<Market & { readonly session: SessionResource }> {
  const world = market(options);
  return { ...world, session: await world.client.services.mr.start({ node_id: 1, ...image }) };
}

/** Lets time pass until nothing runs any more. */
async function untilStopped(simulator: OctaSimulator): Promise<void> {
  while (simulator.running.length > 0) await simulator.advance(1_000);
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe('Waiting until a session is ready', () => {
  test('gives its state then.', async () => {
    const { session, simulator } = await started();
    const before = simulator.now;
    const info = await session.waitUntilReady({ pollIntervalMs: 500 });
    expect(info).toMatchObject({ uuid: session.uuid, is_ready: true, progress: 'service configured' });
    expect(simulator.now - before).toBeGreaterThan(7_000);
    expect(simulator.now - before).toBeLessThan(9_000);
  });

  test('asks at once, and then at each interval.', async () => {
    const { session, simulator } = await started();
    await session.waitUntilReady();
    const asked = simulator.requests.filter(({ operation }) => operation === 'getSessionInfo').map(({ at }) => at);
    const [first = 0] = asked;
    expect(first - (simulator.sessions[0]?.startedAt ?? 0)).toBeLessThan(100);
    expect(asked.map((at) => Math.round((at - first) / 1_000))).toEqual([0, 3, 6, 9]);
  });

  test('for a relay is until it has its configuration.', async () => {
    const { client } = market();
    const session = await client.services.vpn.start({ node_id: 21, subkind: 'wg' });
    const { config } = await session.waitUntilReady();
    expect(config).toContain('[Interface]');
  });

  test('goes on through faults, and asks more seldom meanwhile.', async () => {
    const { session, simulator } = await started();
    simulator.fail('getSessionInfo', { status: 503 }, 5);
    const steps: Progress[] = [];
    await session.waitUntilReady({ onProgress: (progress) => void steps.push(progress), retries: 0 });
    const failed = steps.filter(({ error }) => error instanceof OctaServiceUnavailableError);
    const [last] = steps.slice(-1);
    expect([failed.length > 3, last?.step]).toEqual([true, 'ready']);
    const waits = failed.map(({ elapsedMs }, index) => elapsedMs - (failed[index - 1]?.elapsedMs ?? 0)).slice(1);
    expect(waits).toEqual([...waits].sort((left, right) => left - right));
  });

  test('ends in time although the API does not answer.', async () => {
    const { session, simulator } = await started();
    simulator.fail('getSessionInfo', { stall: 'headers' }, Number.POSITIVE_INFINITY);
    const before = simulator.now;
    const error = await failure(session.waitUntilReady({ readyTimeoutMs: 10_000 }), OctaSessionError);
    expect(error).toMatchObject({ reason: 'timeout', running: [session.uuid], info: undefined });
    expect(error.cause).toMatchObject({ name: 'OctaTimeoutError' });
    expect(simulator.now - before).toBeLessThanOrEqual(10_050);
  });

  test('looks once more before it gives up.', async () => {
    const { session } = await started({ readyAfterMs: 8_500 });
    await session.waitUntilReady({ readyTimeoutMs: 60_000, pollIntervalMs: 60_000 });
  });

  test('does not ask without a pause, whatever is asked for.', async () => {
    const { session, simulator } = await started();
    await session.waitUntilReady({ pollIntervalMs: 0 });
    expect(countOf(simulator, 'getSessionInfo')).toBeLessThan(200);
  });

  test('has no end with a limit of 0.', async () => {
    const { session, simulator } = await started({ readyAfterMs: 3_600_000 });
    await session.waitUntilReady({ readyTimeoutMs: 0, pollIntervalMs: 60_000 });
    expect(simulator.sessions).toMatchObject([{ state: 'ready' }]);
  });

  test('ends over what does not pass by itself, when it is said three times in a row.', async () => {
    const { session, simulator } = await started({ readyAfterMs: 60_000 });
    const refusal = { status: 401 };
    simulator.fail(({ operation, nth }) => operation === 'getSessionInfo' && nth < 3, refusal, 2);
    simulator.fail(({ operation, nth }) => operation === 'getSessionInfo' && nth > 3, refusal, 3);
    await failure(session.waitUntilReady(), OctaAuthenticationError);
    expect(countOf(simulator, 'getSessionInfo')).toBe(6);
  });

  test('ends when the session is nowhere to be found, but not at the first look.', async () => {
    const { session, simulator } = await started();
    simulator.fail('getSessionInfo', { status: 404 }, 2);
    await session.waitUntilReady();
    simulator.fail('getSessionInfo', { status: 404 }, Number.POSITIVE_INFINITY);
    // As long as the list of active sessions has it, it is there.
    await session.waitUntilReady({ readyTimeoutMs: 60_000 });
    simulator.fail('listSessions', { status: 200, body: [] }, Number.POSITIVE_INFINITY);
    const before = simulator.now;
    const options = { pollIntervalMs: 1_000, readyTimeoutMs: 300_000 };
    const error = await failure(session.waitUntilReady(options), OctaSessionError);
    expect(error).toMatchObject({ reason: 'ended', session: session.uuid, running: [] });
    expect(simulator.now - before).toBeGreaterThan(60_000);
  });

  test('ends at once when the caller gives up, with the reason.', async () => {
    const { session, simulator } = await started();
    const controller = new AbortController();
    const reason = new Error('enough');
    simulator.clock.setTimer(() => controller.abort(reason), 1_000, 'wait');
    const error = await failure(session.waitUntilReady({ signal: controller.signal }), OctaAbortError);
    expect([error.cause, simulator.now - (simulator.sessions[0]?.startedAt ?? 0) < 1_100]).toEqual([reason, true]);
    // A wait of its own stops nothing.
    expect(simulator.running).toEqual([session.uuid]);
  });

  test('checks its options.', async () => {
    const { session, simulator } = await started();
    const asked = simulator.requests.length;
    const wrong = { pollInterval: 5 } as never;
    expect((await failure(session.waitUntilReady(wrong), OctaConfigurationError)).message).toContain('pollIntervalMs');
    expect(simulator.requests).toHaveLength(asked);
  });
});

describe('Watching a session', () => {
  test('gives its states until it ends, the last one with the whole charge.', async () => {
    const { session, simulator } = await started();
    simulator.machine(1).dieAfter(20_000);
    const states = await collect(session.watch());
    const texts = states.map(({ progress }) => progress).filter((text, index, all) => text !== all[index - 1]);
    expect(texts).toContain('service configured');
    const charges = states.map(({ charge_amount = 0n }) => charge_amount);
    expect(charges).toEqual([...charges].sort((left, right) => (left < right ? -1 : 1)));
    expect(states.at(-1)).toMatchObject({ termination_reason: 2, charge_amount: simulator.spent });
    expect(states.at(-1)?.finished_at).toBeTypeOf('number');
  });

  test('is left at any time, and asks no more.', async () => {
    const { session, simulator } = await started();
    for await (const { uuid } of session.watch()) {
      expect(uuid).toBe(session.uuid);
      break;
    }
    await simulator.advance(60_000);
    expect(countOf(simulator, 'getSessionInfo')).toBe(1);
  });

  test('goes on through a fault after a long time in which nobody looked.', async () => {
    const { session, simulator } = await started();
    simulator.machine(1).dieAfter(900_000);
    const states: unknown[] = [];
    for await (const state of session.watch({ pollIntervalMs: 300_000, retries: 0 })) {
      states.push(state);
      if (states.length === 1) simulator.fail('getSessionInfo', { status: 503 });
    }
    expect(states.length).toBeGreaterThan(2);
  });

  test('goes on through faults, but not through silence without end.', async () => {
    const { session, simulator } = await started();
    const states: unknown[] = [];
    const before = simulator.now;
    const watching = async () => {
      for await (const state of session.watch({ maxSilenceMs: 60_000, retries: 0 })) {
        states.push(state);
        simulator.fail('getSessionInfo', { status: 500 }, states.length === 1 ? 2 : Number.POSITIVE_INFINITY);
      }
    };
    await failure(watching(), OctaServerError);
    expect(states).toHaveLength(2);
    expect(simulator.now - before).toBeGreaterThan(60_000);
    expect(simulator.now - before).toBeLessThan(120_000);
  });
});

describe('Following the logs of a session', () => {
  /** What the simulator has logged in all. */
  async function wholeLog({ client }: Market, uuid: string): Promise<Pick<LogLine, 'source' | 'text'>[]> {
    const { system, container = '' } = await client.services.session(uuid).logs({ recent: true });
    const lines = system.flatMap(({ msg = '' }) => msg.replace(/\n+$/, '').split('\n'));
    return [
      ...lines.map((text) => ({ source: 'system' as const, text })),
      ...container
        .replace(/\n$/, '')
        .split('\n')
        .map((text) => ({ source: 'container' as const, text })),
    ];
  }

  test.each([
    ['without faults', false],
    ['with faults between', true],
  ])('gives every line once, to the last, %s.', async (_, faulty) => {
    const world = await started();
    const { session, simulator } = world;
    simulator.machine(1).dieAfter(90_000);
    if (faulty) {
      const isLog = (operation: unknown) => operation === 'getSessionLogs';
      simulator.fail(({ operation, nth }) => isLog(operation) && nth % 2 === 0, { status: 502 }, 25);
      simulator.fail(({ operation, nth }) => isLog(operation) && nth % 5 === 1, { cut: true }, 25);
    }
    const lines = await collect(session.followLogs());
    const seen = lines.map(({ source, text }) => `${source}: ${text}`).sort();
    const wanted = (await wholeLog(world, session.uuid)).map(({ source, text }) => `${source}: ${text}`).sort();
    expect(seen).toEqual(wanted);
    expect(seen.length).toBeGreaterThan(8);
    const times = lines.flatMap(({ ts }) => (ts === undefined ? [] : [ts]));
    expect(times).toEqual([...times].sort((left, right) => left - right));
  });

  test('ends at once when the caller gives up.', async () => {
    const { session, simulator } = await started();
    const controller = new AbortController();
    simulator.clock.setTimer(() => controller.abort('enough'), 4_000, 'wait');
    const error = await failure(collect(session.followLogs({ signal: controller.signal })), OctaAbortError);
    expect(error.cause).toBe('enough');
  });

  test('ends when the session is gone although its log can be read, and over what does not pass.', async () => {
    const { session, simulator } = await started();
    const log = { system: [], container: '' };
    simulator.fail('getSessionLogs', { status: 200, body: log }, Number.POSITIVE_INFINITY);
    const forbidden = simulator.fail('getSessionInfo', { status: 403 }, Number.POSITIVE_INFINITY);
    await failure(collect(session.followLogs()), OctaPermissionError);
    forbidden.remove();
    simulator.fail('getSessionInfo', { status: 404 }, Number.POSITIVE_INFINITY);
    simulator.fail('listSessions', { status: 200, body: [] }, Number.POSITIVE_INFINITY);
    expect(await collect(session.followLogs())).toEqual([]);
  });

  test('gives the last lines although they cannot be read at once, and none twice.', async () => {
    const world = await started();
    const { session, simulator } = world;
    await simulator.advance(30_000);
    await session.stop();
    simulator.fail(({ path }) => path.includes('/logs?recent'), { status: 503 }, 7);
    const lines = await collect(session.followLogs({ retries: 0 }));
    const whole = await wholeLog(world, session.uuid);
    expect(lines.map(({ source, text }) => ({ source, text }))).toEqual(whole);
  });

  test('throws when the last lines cannot be read at all, and ends quietly when nobody knows them any more.', async () => {
    const { session, simulator } = await started();
    await session.stop();
    const isRest = ({ path }: { readonly path: string }) => path.includes('/logs?recent');
    const fault = simulator.fail(isRest, { status: 503 }, Number.POSITIVE_INFINITY);
    await failure(collect(session.followLogs({ maxSilenceMs: 30_000 })), OctaServiceUnavailableError);
    fault.remove();
    simulator.fail(isRest, { status: 404 });
    expect(await collect(session.followLogs())).toEqual([]);
  });

  /** Has every answer bring another log. */
  function changeLogs(simulator: OctaSimulator): void {
    for (let nth = 0; nth < 100; nth++) {
      simulator.fail('getSessionLogs', { status: 200, body: { system: [], container: `line ${nth}\n` } });
    }
  }

  test.each<[title: string, isUnknown: boolean]>([
    ['has ended', false],
    ['is unknown', true],
  ])('ends when the session %s, although its log is never the same twice.', async (_, isUnknown) => {
    const { session, simulator } = await started();
    await session.stop();
    if (isUnknown) {
      simulator.fail('getSessionInfo', { status: 404 }, Number.POSITIVE_INFINITY);
      simulator.fail('listSessions', { status: 200, body: [] }, Number.POSITIVE_INFINITY);
    }
    changeLogs(simulator);
    const lines = await collect(session.followLogs());
    expect(lines.length).toBeGreaterThan(5);
    expect(lines.length).toBeLessThan(isUnknown ? 200 : 20);
  });

  test('goes on while the log changes, although the session cannot be asked after.', async () => {
    const { session, simulator } = await started();
    changeLogs(simulator);
    simulator.fail('getSessionInfo', { status: 500 }, Number.POSITIVE_INFINITY);
    let lines = 0;
    for await (const _ of session.followLogs({ retries: 0 })) if (++lines === 90) break;
    expect(lines).toBe(90);
  });

  test('seldom asks after a session whose log changes.', async () => {
    const { session, simulator } = await started();
    changeLogs(simulator);
    let lines = 0;
    for await (const _ of session.followLogs()) if (++lines === 90) break;
    expect(countOf(simulator, 'getSessionInfo')).toBe(14);
  });

  test('of a session that has ended gives what is left of them.', async () => {
    const { session, simulator } = await started();
    await simulator.advance(30_000);
    await session.stop();
    const lines = await collect(session.followLogs());
    expect(lines.length).toBeGreaterThan(3);
  });
});

describe('A guard', () => {
  /** Lets time pass until a guard is done. */
  async function outcome(simulator: OctaSimulator, guard: SessionGuard, withinMs = 86_400_000): Promise<GuardResult> {
    let result: GuardResult | undefined;
    guard.done.then((value) => {
      result = value;
    });
    for (let passed = 0; result === undefined && passed < withinMs; passed += 10_000) await simulator.advance(10_000);
    if (result === undefined) throw new Error('the guard is not done');
    return result;
  }

  test('stops a session at its limit of time.', async () => {
    const { session, simulator } = await started();
    const { reason } = await outcome(simulator, session.guard({ maxDurationMs: 600_000 }));
    const [{ startedAt = 0, finishedAt = 0 } = {}] = simulator.sessions;
    expect(reason).toBe('duration');
    expect(finishedAt - startedAt).toBeGreaterThanOrEqual(600_000);
    expect(finishedAt - startedAt).toBeLessThan(601_500);
  });

  test('counts the time before it came, too.', async () => {
    const { session, simulator } = await started();
    await simulator.advance(3_600_000);
    await outcome(simulator, session.guard({ maxDurationMs: 600_000 }));
    const [{ startedAt = 0, finishedAt = 0 } = {}] = simulator.sessions;
    expect(finishedAt - startedAt).toBeLessThan(3_600_000 + 2_000);
  });

  test.each([0, 1, 60, 3_599])(
    'stops a session before it costs more than is allowed: %i s of its rate.',
    async (seconds) => {
      const { session, simulator } = await started();
      await simulator.advance(2_000);
      const [{ chargeWei = 0n } = {}] = simulator.sessions;
      const perSecond = chargeWei / 2n;
      const maxSpend = chargeWei + perSecond * BigInt(seconds);
      const { reason } = await outcome(simulator, session.guard({ maxSpend }));
      expect(reason).toBe('spend');
      expect(simulator.spent).toBeLessThanOrEqual(maxSpend + perSecond);
      if (seconds > 1) expect(simulator.spent).toBeLessThanOrEqual(maxSpend);
      expect(simulator.spent).toBeGreaterThan(maxSpend - perSecond * 4n);
      expect(simulator.running).toEqual([]);
    },
  );

  test('reckons on when the API does not say what the session costs.', async () => {
    const { session, simulator } = await started();
    await simulator.advance(5_000);
    const perSecond = simulator.spent / 5n;
    const errors: unknown[] = [];
    const maxSpend = perSecond * 300n;
    const guard = session.guard({ maxSpend, onError: (error) => void errors.push(error) });
    await simulator.advance(30_000);
    const outage = simulator.fail(['getSessionInfo', 'listSessions'], { status: 503 }, Number.POSITIVE_INFINITY);
    await untilStopped(simulator);
    outage.remove();
    const { reason } = await outcome(simulator, guard);
    expect([reason, simulator.running]).toEqual(['spend', []]);
    expect(simulator.spent).toBeLessThanOrEqual(maxSpend);
    expect(errors.length).toBeGreaterThan(2);
  });

  test('stops a session although stopping fails for a long time.', async () => {
    const { session, simulator } = await started();
    simulator.fail('stopSession', { status: 500 }, 40);
    const { reason } = await outcome(simulator, session.guard({ maxDurationMs: 60_000 }));
    expect([reason, simulator.running]).toEqual(['duration', []]);
  });

  test.each([401, 403, 409, 302])('stops a session although stopping is refused for a while: %i.', async (status) => {
    const { session, simulator } = await started();
    simulator.fail('stopSession', { status }, 30);
    const { reason } = await outcome(simulator, session.guard({ maxDurationMs: 60_000, onError: () => undefined }));
    expect([reason, simulator.running]).toEqual(['duration', []]);
  });

  test('keeps its limit of time although the API says nothing.', async () => {
    const { session, simulator } = await started();
    const outage = simulator.fail(['getSessionInfo', 'listSessions'], { stall: 'headers' }, Number.POSITIVE_INFINITY);
    const guard = session.guard({ maxDurationMs: 5_000, onError: () => undefined });
    await untilStopped(simulator);
    outage.remove();
    await outcome(simulator, guard);
    const [{ startedAt = 0, finishedAt = 0 } = {}] = simulator.sessions;
    expect(finishedAt - startedAt).toBeLessThan(5_100);
  });

  test.each([1n, 3n, 8n, 15n])('keeps a limit of %i Wei from the first second on.', async (maxSpend) => {
    const { session, simulator } = await started({ machines: [{ node_id: 1, priceWeiPerHour: 3_600n }] });
    await outcome(simulator, session.guard({ maxSpend }));
    expect(simulator.spent).toBeLessThanOrEqual(maxSpend);
  });

  test('does not take a live session for one that is over.', async () => {
    const { session, simulator } = await started();
    simulator.fail('getSessionInfo', { status: 404 }, 30);
    const { reason } = await outcome(simulator, session.guard({ maxDurationMs: 300_000 }));
    expect([reason, simulator.running]).toEqual(['duration', []]);
  });

  test('says so when the client is closed, and guards no more.', async () => {
    const { session, simulator, client } = await started();
    const errors: unknown[] = [];
    const guard = session.guard({ maxDurationMs: 60_000, onError: (error) => void errors.push(error) });
    await simulator.advance(5_000);
    await client.close();
    expect((await guard.done).reason).toBe('closed');
    expect(errors).toMatchObject([
      { message: expect.stringContaining(`session ${session.uuid} keeps running without its guard`) },
    ]);
  });

  test('that comes too late for the client ends at once, and says so.', async () => {
    const { session, client } = await started();
    await client.close();
    const errors: unknown[] = [];
    const guard = session.guard({ maxDurationMs: 60_000, onError: (error) => void errors.push(error) });
    expect((await guard.done).reason).toBe('closed');
    expect(errors).toHaveLength(1);
  });

  test('survives errors that have no text.', async () => {
    const onRequest = ({ operation }: { readonly operation: string }) => {
      if (operation === 'getSessionInfo') throw Object.create(null);
    };
    const { client, simulator } = market(
      {},
      { onRequest, logLevel: 'warn', logger: { ...console, warn: () => undefined } },
    );
    const session = await client.services.mr.start({ node_id: 1, ...image });
    expect((await outcome(simulator, session.guard({ maxDurationMs: 60_000 }))).reason).toBe('duration');
  });

  test('that is released while it stops does not stop.', async () => {
    const { session, simulator } = await started();
    simulator.fail('stopSession', { status: 503 }, Number.POSITIVE_INFINITY);
    const guard = session.guard({ maxDurationMs: 5_000, onError: () => undefined });
    await simulator.advance(8_000);
    guard.release();
    expect((await guard.done).reason).toBe('released');
    const asked = countOf(simulator, 'stopSession');
    await simulator.advance(60_000);
    expect([countOf(simulator, 'stopSession'), simulator.running]).toEqual([asked, [session.uuid]]);
  });

  test('is among those of its session as long as it watches.', async () => {
    const { client, simulator } = market();
    const session = await client.services.mr.rent({ node_id: 1, ...image }, { maxDurationMs: 60_000 });
    const [guard] = session.guards;
    expect(session.guards).toHaveLength(1);
    await simulator.advance(60_000);
    expect([(await guard?.done)?.reason, session.guards]).toEqual(['duration', []]);
  });

  test('logs what nobody wants to be told, and nothing that somebody does.', async () => {
    const lines: string[] = [];
    const note = (line: string) => void lines.push(line);
    const logger = { error: note, warn: note, info: note, debug: note };
    const { client, simulator } = market({}, { logger, logLevel: 'warn' });
    simulator.fail('stopSession', { status: 403 }, Number.POSITIVE_INFINITY);
    const silent = await client.services.mr.start({ node_id: 1, ...image });
    const first = silent.guard({ maxDurationMs: 10_000 });
    await simulator.advance(30_000);
    const words = `[octaspace] guard of session ${silent.uuid}: OctaPermissionError`;
    expect(lines).toEqual([expect.stringContaining(words)]);
    first.release();
    lines.length = 0;
    const heard = await client.services.mr.start({ node_id: 2, ...image });
    const errors: unknown[] = [];
    heard.guard({ maxDurationMs: 10_000, onError: (error) => void errors.push(error) });
    await simulator.advance(30_000);
    expect([errors.length, lines]).toEqual([1, []]);
  });

  test('ends with the session, however that ends.', async () => {
    const { session, simulator, client } = await started();
    const guard = session.guard({ maxDurationMs: 3_600_000 });
    await session.stop();
    expect((await guard.done).reason).toBe('ended');
    const other = await client.services.mr.start({ node_id: 2, ...image });
    const second = other.guard({ maxDurationMs: 3_600_000 });
    simulator.machine(2).dieAfter(60_000);
    expect(await outcome(simulator, second)).toMatchObject({ reason: 'ended', info: { termination_reason: 2 } });
  });

  test('lets the session go on when it is released, or its scope ends.', async () => {
    const { session, simulator } = await started();
    const guard = session.guard({ maxDurationMs: 1_000 });
    guard.release();
    expect((await guard.done).reason).toBe('released');
    {
      using _second = session.guard({ maxDurationMs: 1_000 });
    }
    await simulator.advance(60_000);
    expect(simulator.running).toEqual([session.uuid]);
  });

  test('that comes with a lease goes on after the scope of a session that is kept.', async () => {
    const { client, simulator } = market();
    {
      await using session = await client.services.mr.rent({ node_id: 1, ...image }, { maxDurationMs: 300_000 });
      session.keep();
    }
    expect(simulator.running).toHaveLength(1);
    await simulator.advance(310_000);
    expect(simulator.running).toEqual([]);
  });

  test('says once that a limit of money cannot be kept when no charge is told.', async () => {
    const { session, simulator } = await started();
    const body = { uuid: session.uuid, progress: 'service configured', is_ready: true };
    simulator.fail('getSessionInfo', { status: 200, body }, Number.POSITIVE_INFINITY);
    const errors: unknown[] = [];
    using _guard = session.guard({ maxSpend: 1n, onError: (error) => void errors.push(error) });
    await simulator.advance(75_000);
    expect(errors).toMatchObject([
      { name: 'OctaResponseError', message: expect.stringContaining('maxSpend cannot be enforced') },
    ]);
    expect(simulator.running).toEqual([session.uuid]);
  });

  test('ends when the session is found to be gone while it is stopped.', async () => {
    const { client, simulator } = market();
    const session = await client.services.mr.start({ node_id: 1, ...image });
    const guard = session.guard({ maxDurationMs: 3_600_000 });
    simulator.machine(1).die();
    await session[Symbol.asyncDispose]();
    expect((await guard.done).reason).toBe('ended');
  });

  test('is not disturbed by what it tells.', async () => {
    const { session, simulator } = await started();
    simulator.fail('getSessionInfo', { status: 503 }, 20);
    const onError = () => {
      throw new Error('of the caller');
    };
    expect((await outcome(simulator, session.guard({ maxDurationMs: 60_000, onError }))).reason).toBe('duration');
  });

  test('is not disturbed by what it tells later, either.', async () => {
    const lines: string[] = [];
    const note = (line: string) => void lines.push(line);
    const { client, simulator } = market(
      {},
      { logger: { error: note, warn: note, info: note, debug: note }, logLevel: 'warn' },
    );
    const session = await client.services.mr.start({ node_id: 1, ...image });
    simulator.fail('getSessionInfo', { status: 503 }, 1);
    const onError = async () => {
      throw new Error('of the caller');
    };
    await outcome(simulator, session.guard({ maxDurationMs: 60_000, onError }));
    expect(lines).toEqual(['[octaspace] onError threw; the call continues']);
  });

  test.each<[title: string, limits: GuardLimits, message: RegExp]>([
    ['without a limit', {} as never, /a guard requires a limit/],
    ['with an amount that is no bigint', { maxSpend: 5 as never }, /maxSpend is 5; allowed: a bigint of Wei/],
    ['with a negative amount', { maxSpend: -1n }, /maxSpend is -1n; allowed/],
    ['with no money at all', { maxSpend: 0n }, /maxSpend is 0n; allowed: a bigint of Wei, 1n or more/],
    ['with no time at all', { maxDurationMs: 0 }, /maxDurationMs is 0; allowed: a number of milliseconds, more than 0/],
    ['with an unknown limit', { maxDuration: 5 } as never, /did you mean maxDurationMs/],
  ])('%s is refused at once.', async (_, limits, message) => {
    const { session } = await started();
    expect(() => session.guard(limits)).toThrow(message);
  });
});
