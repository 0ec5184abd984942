/** Renting on a simulated market, with faults at every step. */
import { describe, expect, test } from 'vitest';
import {
  OctaAbortError,
  OctaAuthenticationError,
  OctaClient,
  OctaConfigurationError,
  OctaNetworkError,
  OctaPermissionError,
  OctaProvisionRejectedError,
  OctaResponseError,
  OctaServerError,
  OctaServiceUnavailableError,
  OctaSessionError,
  OctaTimeoutError,
  type Progress,
} from '../../../src/index.ts';
import { SessionResource } from '../../../src/resources/services/session.ts';
import { failure } from '../../support/failure.ts';
import { countOf, image, type Market, market } from '../../support/market.ts';

/** The three services, each rented on the nodes given. */
const services = [
  ['mr', ({ client }: Market, candidates: number[]) => client.services.mr.rent({ candidates, ...image }), [1, 2]],
  [
    'render',
    ({ client }: Market, candidates: number[]) => client.services.render.rent({ candidates, disk_size: 20 }),
    [11, 12],
  ],
  [
    'vpn',
    ({ client }: Market, candidates: number[]) => client.services.vpn.rent({ candidates }, { adoptUnmarked: true }),
    [21, 22],
  ],
] as const;
const startOf = { mr: 'startMr', render: 'startRender', vpn: 'startVpn' } as const;

describe.each(services)('Renting of %s', (service, rent, [first, second]) => {
  test('gives a session that can be used.', async () => {
    const world = market();
    const session = await rent(world, [first]);
    expect(session).toBeInstanceOf(SessionResource);
    expect(world.simulator.sessions).toMatchObject([{ uuid: session.uuid, service, node_id: first, state: 'ready' }]);
  });

  test('takes the next node when one refuses.', async () => {
    const world = market();
    world.simulator.machine(first).refuse('Node is asleep');
    await rent(world, [first, second]);
    expect(world.simulator.sessions).toMatchObject([{ node_id: second, state: 'ready' }]);
  });

  test('throws every reason when all refuse.', async () => {
    const world = market();
    world.simulator.machine(first).refuse('Node is asleep');
    world.simulator.machine(second).refuse('Node is full');
    const error = await failure(rent(world, [first, second]), OctaProvisionRejectedError);
    expect(error.rejections).toMatchObject([{ node_id: first }, { node_id: second }]);
    expect(error.message).toMatch(
      new RegExp(`^${startOf[service]}: all 2 nodes refused: node ${first}: .*asleep; node ${second}: .*full$`),
    );
    expect([error.outcome, world.simulator.sessions]).toEqual(['rejected', []]);
  });

  test.each([
    ['that was lost', { lost: 'after' }],
    ['that never came', { stall: 'headers' }],
    ['that broke off', { cut: true }],
    ['that was garbled', { invalidJson: true }],
    ['that came too late', { delayMs: 31_000 }],
    ['of 504 after it began', { delayMs: 40_000 }],
  ] as const)('adopts the session of a start with an answer %s.', async (_, fault) => {
    const world = market();
    world.simulator.fail(startOf[service], fault);
    const session = await rent(world, [first]);
    expect(world.simulator.sessions).toMatchObject([{ uuid: session.uuid, state: 'ready' }]);
    expect(countOf(world.simulator, startOf[service])).toBe(1);
  });

  test('starts nothing else when it is not known whether something was started.', async () => {
    const world = market();
    world.simulator.fail(startOf[service], { lost: 'before' });
    const error = await failure(rent(world, [first, second]), OctaNetworkError);
    expect(error.outcome).toBe('unknown');
    expect([world.simulator.sessions, countOf(world.simulator, startOf[service])]).toEqual([[], 1]);
  });

  test('stops what was started when it is not ready in time.', async () => {
    const world = market();
    world.simulator.machine(first).neverReady();
    const error = await failure(rent(world, [first, second]), OctaSessionError);
    expect(error).toMatchObject({ reason: 'timeout', running: [] });
    expect(error.message).toMatch(/was not ready within 120000 ms \(readyTimeoutMs\); its last progress was "\w/);
    expect(world.simulator.sessions).toMatchObject([{ uuid: error.session, state: 'ended', terminationReason: 0 }]);
  });

  test('throws when the session ends before it is ready.', async () => {
    const world = market();
    world.simulator.machine(first).dieAfter(5_000);
    const error = await failure(rent(world, [first]), OctaSessionError);
    expect(error).toMatchObject({ reason: 'ended', running: [], info: { termination_reason: 2 } });
    expect(error.message).toMatch(/ended before it was ready \(termination_reason 2\)$/);
    expect(world.simulator.running).toEqual([]);
  });
});

describe('A node', () => {
  test.each([
    ['400', { status: 400, body: { message: 'Node not found' } }],
    ['404', { status: 404 }],
    ['409', { status: 409 }],
    ['422', { status: 422 }],
    ['500 with INTERNAL_ERROR', { status: 500, body: { error: 'INTERNAL_ERROR' } }],
    ['500 with INTERNAL_ERROR as its code', { status: 500, body: { message: 'sorry', code: 'INTERNAL_ERROR' } }],
    ['200 with a refusal', { refuse: 'Node not found' }],
  ] as const)('that answers %s has refused.', async (_, fault) => {
    const { client, simulator } = market();
    simulator.fail('startMr', fault);
    await client.services.mr.rent({ candidates: [1, 2], ...image });
    expect(simulator.sessions).toMatchObject([{ node_id: 2, state: 'ready' }]);
  });

  test.each([
    ['401', OctaAuthenticationError, { status: 401 }],
    ['another 500', OctaServerError, { status: 500 }],
    ['503', OctaServiceUnavailableError, { status: 503 }],
  ] as const)('that answers %s ends the rental.', async (_, expected, fault) => {
    const { client, simulator } = market();
    simulator.fail('startMr', fault);
    await failure(client.services.mr.rent({ candidates: [1, 2], ...image }), expected);
    expect(simulator.sessions).toEqual([]);
    expect(countOf(simulator, 'startMr')).toBe(1);
  });

  test('may be given as a machine of the catalogue, and is asked once however often it is given.', async () => {
    const { client, simulator } = market();
    for (const node of [1, 2, 3]) simulator.machine(node).refuse('no', 5);
    const machines = await client.services.mr.find();
    await failure(client.services.mr.rent({ candidates: [...machines, 1, 2], ...image }), OctaProvisionRejectedError);
    expect(countOf(simulator, 'startMr')).toBe(3);
  });
});

describe('The session of a start without an answer', () => {
  test('is found although looking fails at first.', async () => {
    const { client, simulator } = market();
    simulator.fail('startMr', { lost: 'after' });
    simulator.fail(({ operation, nth }) => operation === 'listSessions' && nth > 1, { status: 503 }, 4);
    await client.services.mr.rent({ node_id: 1, ...image });
    expect(simulator.sessions).toMatchObject([{ state: 'ready' }]);
  });

  test('is none that was there before.', async () => {
    const { client, simulator } = market();
    const before = await client.services.mr.start({ node_id: 1, ...image });
    simulator.fail(({ operation, nth }) => operation === 'startMr' && nth === 2, { lost: 'before' });
    const error = await failure(client.services.mr.rent({ node_id: 1, ...image }), OctaNetworkError);
    expect(error.outcome).toBe('unknown');
    expect(simulator.running).toEqual([before.uuid]);
  });

  test('is none of another node or another service.', async () => {
    const { client, simulator } = market();
    simulator.fail(({ body }) => /"node_id":1\b/.test(JSON.stringify(body) ?? ''), {
      lost: 'before',
      delayMs: 5_000,
    });
    const renting = failure(client.services.mr.rent({ node_id: 1, ...image }), OctaNetworkError);
    const others = [client.services.mr.start({ node_id: 2, ...image }), client.services.vpn.start({ node_id: 21 })];
    await renting;
    expect(new Set(simulator.running)).toEqual(new Set((await Promise.all(others)).map(({ uuid }) => uuid)));
  });

  test('is looked for no longer than is asked, although the API does not answer.', async () => {
    const { client, simulator } = market();
    simulator.fail('startMr', { lost: 'before' });
    simulator.fail(({ operation, nth }) => operation === 'listSessions' && nth > 1, { stall: 'headers' }, 9);
    const before = simulator.now;
    await failure(client.services.mr.rent({ node_id: 1, ...image }, { adoptionTimeoutMs: 1_000 }), OctaNetworkError);
    expect(simulator.now - before).toBeLessThan(1_200);
  });

  describe('when several sessions have appeared on the node,', () => {
    const other = { uuid: 'u-other', service: 'mr', node_id: 1, user_envs: { OCTA_LEASE_ID: 'of another program' } };
    const silent = { uuid: 'u-silent', service: 'mr', node_id: 1, user_envs: { JOB: '7' } };

    test('is the one that carries the id of the start.', async () => {
      const { client, simulator } = market();
      simulator.startForeign({ node_id: 1, envs: { OCTA_LEASE_ID: 'of another program' } });
      simulator.fail('startMr', { lost: 'after' });
      const session = await client.services.mr.rent({ node_id: 1, ...image, envs: { JOB: '7' } });
      expect(simulator.sessions.find(({ uuid }) => uuid === session.uuid)).toMatchObject({ foreign: false });
      expect(simulator.running).toHaveLength(2);
    });

    test('is none that does not carry its id: one without any is named, and left alone.', async () => {
      const { client, simulator } = market();
      simulator.fail('startMr', { lost: 'before' });
      const body = [silent, other];
      simulator.fail(({ operation, nth }) => operation === 'listSessions' && nth > 1, { status: 200, body }, 99);
      const error = await failure(client.services.mr.rent({ node_id: 1, ...image }), OctaNetworkError);
      expect(error).toMatchObject({ outcome: 'unknown', suspects: ['u-silent'], leaseId: expect.any(String) });
      expect(countOf(simulator, 'stopSession')).toBe(0);
    });
  });

  test('is looked for as long as is asked.', async () => {
    const { client, simulator } = market();
    simulator.fail('startMr', { lost: 'before' });
    const before = simulator.now;
    await failure(client.services.mr.rent({ node_id: 1, ...image }, { adoptionTimeoutMs: 60_000 }), OctaNetworkError);
    // The last look is a second before the end.
    expect(simulator.now - before).toBeGreaterThan(58_000);
    expect(simulator.now - before).toBeLessThan(60_100);
  });

  test('of a relay is not taken by default, because relays carry no id: it is named.', async () => {
    const { client, simulator } = market({ relays: [{ node_id: 21 }] });
    simulator.fail('startVpn', { lost: 'after' });
    const error = await failure(client.services.vpn.rent({ node_id: 21 }), OctaNetworkError);
    expect(error).toMatchObject({ outcome: 'unknown', suspects: simulator.running });
    expect(simulator.running).toHaveLength(1);
  });

  test('is not taken twice, when two rentals of one machine lose their answers.', async () => {
    const { client, simulator } = market();
    simulator.fail('startMr', { lost: 'after' }, 2);
    const rentals = [1, 2].map((node_id) => client.services.mr.rent({ node_id, ...image }));
    const sessions = (await Promise.all(rentals)).map(({ uuid }) => uuid);
    expect(new Set(sessions)).toEqual(new Set(simulator.running));
    expect(new Set(sessions).size).toBe(2);
  });
});

describe('An id of the caller', () => {
  test('is refused when another start of the client has it, and nothing is sent.', async () => {
    const { client, simulator } = market();
    await client.services.mr.rent({ node_id: 1, ...image }, { id: 'job-1' });
    const error = await failure(
      client.services.mr.rent({ node_id: 2, ...image }, { id: 'job-1' }),
      OctaConfigurationError,
    );
    expect(error.message).toContain('"job-1"');
    expect(countOf(simulator, 'startMr')).toBe(1);
  });
});

describe('An abort', () => {
  const reason = new Error('enough');

  test('before the start starts nothing.', async () => {
    const { client, simulator } = market();
    const error = await failure(
      client.services.mr.rent({ node_id: 1, ...image }, { signal: AbortSignal.abort(reason) }),
      OctaAbortError,
    );
    expect([error.cause, error.outcome, countOf(simulator, 'startMr')]).toEqual([reason, 'not-sent', 0]);
  });

  test.each<[title: string, step: Progress['step']]>([
    ['while it starts', 'starting'],
    ['while it waits', 'waiting'],
    ['when it is ready', 'ready'],
  ])('%s leaves nothing running.', async (_, at) => {
    const { client, simulator } = market();
    const controller = new AbortController();
    const steps: string[] = [];
    const onProgress = ({ step }: Progress) => {
      steps.push(step);
      if (step === at) controller.abort(reason);
    };
    const outcome = client.services.mr.rent({ node_id: 1, ...image }, { signal: controller.signal, onProgress });
    if (at === 'ready') {
      // It was too late: whoever asked for the session has it.
      await outcome;
      expect(simulator.running).toHaveLength(1);
      return;
    }
    expect((await failure(outcome, OctaAbortError)).cause).toBe(reason);
    expect(simulator.sessions).toMatchObject([{ state: 'ended', terminationReason: 0 }]);
    expect(steps.at(-1)).toBe('stopping');
  });

  test('while the answer of the start is lost stops the session that it began.', async () => {
    const { client, simulator } = market();
    simulator.fail('startMr', { lost: 'after', delayMs: 2_000 });
    const controller = new AbortController();
    const renting = failure(
      client.services.mr.rent({ node_id: 1, ...image }, { signal: controller.signal }),
      OctaAbortError,
    );
    simulator.clock.setTimer(() => controller.abort(reason), 1_000, 'wait');
    await renting;
    expect(simulator.sessions).toMatchObject([{ state: 'ended' }]);
  });

  test('by a time limit in the signal is a timeout.', async () => {
    const { client, simulator } = market();
    const signal = AbortSignal.abort(new DOMException('late', 'TimeoutError'));
    const error = await failure(client.services.mr.rent({ node_id: 1, ...image }, { signal }), OctaTimeoutError);
    expect([error.timeout, simulator.sessions]).toEqual(['signal', []]);
  });
});

describe('Stopping what cannot be used', () => {
  test.each([503, 401, 403, 409, 302])(
    'goes on through faults, also those that do not pass by themselves: %i.',
    async (status) => {
      const { client, simulator } = market();
      simulator.machine(1).neverReady();
      simulator.fail('stopSession', { status }, 5);
      const error = await failure(client.services.mr.rent({ node_id: 1, ...image }), OctaSessionError);
      expect(error).toMatchObject({ reason: 'timeout', running: [] });
      expect(simulator.running).toEqual([]);
    },
  );

  test('goes on until time is up.', async () => {
    const { client, simulator } = market({}, { retries: 0 });
    simulator.machine(1).neverReady();
    const outage = simulator.fail('stopSession', { status: 503 }, Number.POSITIVE_INFINITY);
    const onProgress = ({ step }: Progress) => {
      if (step === 'stopping') simulator.clock.setTimer(() => outage.remove(), 12_000, 'limit');
    };
    const error = await failure(client.services.mr.rent({ node_id: 1, ...image }, { onProgress }), OctaSessionError);
    expect([error.reason, simulator.running]).toEqual(['timeout', []]);
  });

  test('goes on when the key was not at hand for a moment.', async () => {
    let fails = 0;
    const apiKey = async () => {
      if (fails-- > 0) throw new Error('the vault is away');
      return 'a-key';
    };
    const { client, simulator } = market({}, { apiKey });
    simulator.machine(1).neverReady();
    const onProgress = ({ step }: Progress) => {
      if (step === 'stopping') fails = 2;
    };
    await failure(client.services.mr.rent({ node_id: 1, ...image }, { onProgress }), OctaSessionError);
    expect(simulator.running).toEqual([]);
  });

  test('that fails for good says which session runs on, and why it was to be stopped.', async () => {
    const { client, simulator } = market();
    simulator.machine(1).neverReady();
    simulator.fail('stopSession', { status: 503 }, Number.POSITIVE_INFINITY);
    const error = await failure(client.services.mr.rent({ node_id: 1, ...image }), OctaSessionError);
    const [session] = simulator.running;
    expect(error).toMatchObject({ reason: 'not-stopped', session, running: [session], cause: { reason: 'timeout' } });
    expect(error.stopFailures).toMatchObject([{ session, error: { name: 'OctaServiceUnavailableError' } }]);
    expect(error.message).toContain(session);
  });
});

describe('A scope', () => {
  test('stops its session when it ends.', async () => {
    const { client, simulator } = market();
    {
      await using session = await client.services.mr.rent({ node_id: 1, ...image });
      expect(simulator.running).toEqual([session.uuid]);
    }
    expect(simulator.running).toEqual([]);
  });

  test('stops its session when it throws, and passes on what was thrown.', async () => {
    const { client, simulator } = market();
    const thrown = new Error('mine');
    const work = async () => {
      await using _session = await client.services.mr.rent({ node_id: 1, ...image });
      throw thrown;
    };
    await expect(work()).rejects.toBe(thrown);
    expect(simulator.running).toEqual([]);
  });

  test('leaves a session that is kept.', async () => {
    const { client, simulator } = market();
    {
      await using session = await client.services.mr.rent({ node_id: 1, ...image });
      expect(session.keep()).toBe(session);
    }
    expect(simulator.running).toHaveLength(1);
    expect(countOf(simulator, 'stopSession')).toBe(0);
  });

  test('has nothing to stop when the session was stopped in it, or has ended.', async () => {
    const { client, simulator } = market();
    {
      await using session = await client.services.mr.rent({ node_id: 1, ...image });
      await session.stop({ score: 5 });
    }
    expect(countOf(simulator, 'stopSession')).toBe(1);
    {
      await using _session = await client.services.mr.rent({ node_id: 2, ...image });
      simulator.machine(2).die();
    }
    expect(simulator.running).toEqual([]);
  });

  test('throws with the uuid when its session cannot be stopped.', async () => {
    const { client, simulator } = market();
    simulator.fail('stopSession', { lost: 'before', delayMs: 4_000 }, Number.POSITIVE_INFINITY);
    const before = simulator.now;
    const work = async () => {
      await using _session = await client.services.mr.rent({ node_id: 1, ...image });
    };
    const error = await failure(work(), OctaSessionError);
    expect(error).toMatchObject({ reason: 'not-stopped', running: simulator.running });
    // 8 s until it is ready, and 15 s of trying.
    expect(simulator.now - before).toBeLessThan(30_000);
  });
});

describe('An error of a rental', () => {
  test('says that what was started is stopped again, and which it was.', async () => {
    const { client, simulator } = market();
    const controller = new AbortController();
    simulator.clock.setTimer(() => controller.abort('enough'), 4_000, 'wait');
    const error = await failure(
      client.services.mr.rent({ node_id: 1, ...image }, { signal: controller.signal }),
      OctaAbortError,
    );
    const [session] = simulator.sessions;
    expect(error).toMatchObject({ cause: 'enough', outcome: 'rejected', rolledBack: session?.uuid });
    expect(error.message).toMatch(/^rent: aborted by the caller/);
  });

  test('says that the limit of the lease was reached before the session was ready.', async () => {
    const { client, simulator } = market();
    const renting = client.services.mr.rent({ node_id: 1, ...image }, { maxDurationMs: 3_000 });
    const error = await failure(renting, OctaSessionError);
    expect(error).toMatchObject({ reason: 'limit', running: [], rolledBack: simulator.sessions[0]?.uuid });
    expect(error.message).toMatch(/was stopped at its limit \(maxDurationMs\)$/);
  });

  test('knows which nodes had refused before.', async () => {
    const { client, simulator } = market();
    simulator.machine(1).refuse('Node is asleep');
    simulator.fail(({ operation, nth }) => operation === 'startMr' && nth === 2, { status: 403 });
    const error = await failure(client.services.mr.rent({ candidates: [1, 2], ...image }), OctaPermissionError);
    expect(error.rejections).toMatchObject([{ node_id: 1, reason: 'Node is asleep' }]);
  });
});

describe('A client that is closed while it rents', () => {
  test('waits for the rental.', async () => {
    const { client, simulator } = market();
    const renting = client.services.mr.rent({ node_id: 1, ...image });
    let closing: Promise<void> | undefined;
    simulator.clock.setTimer(
      () => {
        closing = client.close();
      },
      2_000,
      'wait',
    );
    const session = await renting;
    await closing;
    expect([client.closed, simulator.running]).toEqual([true, [session.uuid]]);
  });

  test('stops what cannot be used.', async () => {
    const { client, simulator } = market();
    simulator.machine(1).neverReady();
    const renting = client.services.mr.rent({ node_id: 1, ...image });
    simulator.clock.setTimer(() => void client.close(), 2_000, 'wait');
    expect((await failure(renting, OctaSessionError)).reason).toBe('timeout');
    expect(simulator.running).toEqual([]);
  });

  test('goes on trying to stop it.', async () => {
    const { client, simulator } = market();
    const controller = new AbortController();
    simulator.fail('stopSession', { status: 503 }, 12);
    const onProgress = ({ step }: Progress) => {
      if (step !== 'waiting') return;
      controller.abort();
      client.close();
    };
    const options = { signal: controller.signal, onProgress };
    await failure(client.services.mr.rent({ node_id: 1, ...image }, options), OctaAbortError);
    expect(simulator.running).toEqual([]);
  });

  test('goes on through faults that pass.', async () => {
    const { client, simulator } = market({}, { retries: 0 });
    simulator.fail(({ operation, nth }) => operation === 'getSessionInfo' && nth === 2, { status: 503 });
    const onProgress = ({ step }: Progress) => void (step === 'waiting' && client.close());
    const session = await client.services.mr.rent({ node_id: 1, ...image }, { onProgress });
    expect(simulator.running).toEqual([session.uuid]);
  });

  test('keeps the limits of its lease until it is over.', async () => {
    const { client, simulator } = market();
    simulator.machine(1).neverReady();
    // While the start is under way, so that the guard comes after.
    const closes = ({ operation }: { readonly operation: string | undefined }): boolean => {
      if (operation === 'startMr') client.close();
      return false;
    };
    simulator.fail(closes, { status: 500 });
    const lease = { maxDurationMs: 60_000, readyTimeoutMs: 0 };
    const error = await failure(client.services.mr.rent({ node_id: 1, ...image }, lease), OctaSessionError);
    expect([error.reason, simulator.running]).toEqual(['limit', []]);
    await client.close();
  });

  test('waits for sessions to be stopped.', async () => {
    const { client, simulator } = market({}, { retries: 0 });
    const session = await client.services.mr.start({ node_id: 1, ...image });
    await client.services.mr.start({ node_id: 2, ...image });
    simulator.fail('stopSession', { status: 503 }, 3);
    const stopping = [session[Symbol.asyncDispose](), client.sessions.stopAll({ node_id: 2 })];
    await Promise.all([...stopping, client.close()]);
    expect(simulator.running).toEqual([]);
  });

  test('cannot be told to stop any when it is closed.', async () => {
    const { client, simulator } = market();
    const session = await client.services.mr.start({ node_id: 1, ...image });
    await client.close();
    const error = await failure(session[Symbol.asyncDispose](), OctaSessionError);
    expect(error).toMatchObject({ reason: 'not-stopped', running: simulator.running });
    await failure(client.sessions.stopAll(), OctaConfigurationError);
  });

  test('rents no more.', async () => {
    const { client, simulator } = market();
    await client.close();
    await failure(client.services.mr.rent({ node_id: 1, ...image }), OctaConfigurationError);
    expect(simulator.requests).toEqual([]);
  });
});

describe('Two rentals on one node', () => {
  test('do not wait for each other: whichever the node refuses takes the next.', async () => {
    const { client, simulator } = market();
    simulator.fail(({ operation, nth }) => operation === 'startMr' && nth === 1, { delayMs: 25_000 });
    const first = client.services.mr.rent({ candidates: [1, 2], ...image });
    await client.services.mr.rent({ candidates: [1, 2], ...image });
    await first;
    const nodes = simulator.sessions.map(({ node_id }) => node_id);
    expect(nodes.sort()).toEqual([1, 2]);
  });
});

describe('A start that never answers', () => {
  test('holds up an abort for 30 s and the search for it, though it has no time limit.', async () => {
    const { client, simulator } = market({}, { timeoutMs: 0, totalTimeoutMs: 0 });
    simulator.fail('startMr', { stall: 'headers' });
    const controller = new AbortController();
    const before = simulator.now;
    simulator.clock.setTimer(() => controller.abort('enough'), 1_000, 'wait');
    const error = await failure(
      client.services.mr.rent({ node_id: 1, ...image }, { signal: controller.signal }),
      OctaAbortError,
    );
    expect([error.cause, simulator.running]).toEqual(['enough', []]);
    expect(simulator.now - before).toBeLessThan(35_000);
  });
});

describe('A node that says it is out of order', () => {
  const body = { error: 'INTERNAL_ERROR' };

  test('has refused only when looking was possible.', async () => {
    const { client, simulator } = market();
    simulator.fail('startMr', { status: 500, body });
    simulator.fail(({ operation, nth }) => operation === 'listSessions' && nth > 1, { status: 503 }, 40);
    await failure(client.services.mr.rent({ candidates: [1, 2], ...image }), OctaServerError);
    expect(countOf(simulator, 'startMr')).toBe(1);
  });

  test('has not refused when looking has become impossible before the end.', async () => {
    const { client, simulator } = market();
    simulator.fail('startMr', { status: 500, body });
    simulator.fail(({ operation, nth }) => operation === 'listSessions' && nth > 2, { status: 503 }, 90);
    await failure(client.services.mr.rent({ candidates: [1, 2], ...image }), OctaServerError);
    expect(countOf(simulator, 'startMr')).toBe(1);
  });

  test('has not refused when its session is there after all.', async () => {
    const { simulator } = market();
    let starts = 0;
    /** Answers the first start so, although it has taken effect. */
    const fetch = async (url: string, init: RequestInit): Promise<Response> => {
      const response = await simulator.fetch(url, init);
      const isFirst = init.method === 'POST' && url.endsWith('/services/mr') && starts++ === 0;
      return isFirst ? new Response(JSON.stringify(body), { status: 500 }) : response;
    };
    const client = new OctaClient({ apiKey: 'a-key', fetch, clock: simulator.clock, logLevel: 'silent' });
    simulator.fail(({ operation, nth }) => operation === 'listSessions' && nth > 1, { status: 503 }, 3);
    const session = await client.services.mr.rent({ candidates: [1, 2], ...image });
    expect([starts, simulator.running]).toEqual([1, [session.uuid]]);
  });
});

describe('A session that was started just now', () => {
  test('is not gone because the API does not know it yet.', async () => {
    const { client, simulator } = market();
    const controller = new AbortController();
    simulator.fail(['getSessionInfo', 'stopSession'], { status: 404 }, 4);
    const onProgress = ({ step }: Progress) => void (step === 'starting' && controller.abort());
    const lease = { signal: controller.signal, onProgress };
    const error = await failure(client.services.mr.rent({ node_id: 1, ...image }, lease), OctaAbortError);
    expect([error.rolledBack, simulator.running]).toEqual([simulator.sessions[0]?.uuid, []]);
  });

  test('needs no stop when it is listed as ended, however the stop is answered.', async () => {
    const { client, simulator } = market();
    const session = await client.services.mr.start({ node_id: 1, ...image });
    simulator.machine(1).die();
    const before = simulator.now;
    await session[Symbol.asyncDispose]();
    expect(simulator.now - before).toBeLessThan(100);
  });
});

describe('What a session was started with', () => {
  test('goes along with all that is asked about it.', async () => {
    const seen = new Set<string | undefined>();
    const { client, simulator } = market(
      {},
      { onRequest: ({ headers }) => void seen.add(headers.get('x-team') ?? undefined) },
    );
    simulator.machine(1).neverReady();
    simulator.fail('startMr', { lost: 'after' });
    const renting = client.services.mr.rent(
      { node_id: 1, ...image },
      { headers: { 'x-team': 'blue' }, maxSpend: 10n ** 20n },
    );
    await failure(renting, OctaSessionError);
    expect([...seen]).toEqual(['blue']);
    seen.clear();
    const session = await client.services.mr.start({ node_id: 2, ...image }, { headers: { 'x-team': 'red' } });
    await session.info();
    await session[Symbol.asyncDispose]();
    expect([...seen]).toEqual(['red']);
    await failure(session.info({ headers: 'green' as never }), OctaConfigurationError);
  });

  test('goes along with sessions of a batch, and with those that are found or swept.', async () => {
    const seen = new Set<string | undefined>();
    const { client, simulator } = market(
      {},
      { onRequest: ({ headers }) => void seen.add(headers.get('x-team') ?? undefined) },
    );
    const options = { headers: { 'x-team': 'blue' } };
    const [first] = await client.services.mr.startMany([{ node_id: 1, ...image }], options);
    if (first?.status !== 'started') throw new Error('not started');
    await first.session.info();
    const found = await client.sessions.find(first.session.uuid, options);
    await found.info();
    await client.sessions.stopAll(options);
    expect([[...seen], simulator.running]).toEqual([['blue'], []]);
  });
});

test('A batch without an answer yet does not lose its session to a rental that looks for its own.', async () => {
  const { client, simulator } = market();
  simulator.fail(({ operation, nth }) => operation === 'startMr' && nth === 1, { lost: 'before' });
  simulator.fail(({ operation, nth }) => operation === 'startMr' && nth === 2, { delayMs: 3_000 });
  const renting = failure(client.services.mr.rent({ node_id: 1, ...image }), OctaNetworkError);
  await new Promise((resolve) => simulator.clock.setTimer(() => resolve(undefined), 200, 'wait'));
  const [batch] = await client.services.mr.startMany([{ node_id: 1, ...image }]);
  await renting;
  expect([batch?.status, simulator.running]).toEqual(['started', [simulator.sessions[0]?.uuid]]);
});

test('A plain start without an answer yet does not lose its session to a rental that looks for its own.', async () => {
  const { client, simulator } = market();
  simulator.fail(({ operation, nth }) => operation === 'startVpn' && nth === 1, { lost: 'before' });
  simulator.fail(({ operation, nth }) => operation === 'startVpn' && nth === 2, { delayMs: 3_000 });
  const renting = failure(client.services.vpn.rent({ node_id: 21 }), OctaNetworkError);
  // By then the rental has lost its start, and looks.
  await new Promise((resolve) => simulator.clock.setTimer(() => resolve(undefined), 200, 'wait'));
  const plain = await client.services.vpn.start({ node_id: 21 });
  await renting;
  expect(simulator.running).toEqual([plain.uuid]);
});

test('A start whose answer is taken as it is ends as ever, also when its body stalls.', async () => {
  const { client, simulator } = market();
  simulator.fail('startVpn', { stall: 'body' });
  const response = await client.services.vpn.start({ node_id: 21 }).asResponse();
  expect(response.status).toBe(201);
  expect(response.bodyUsed).toBe(false);
  // Nobody else reads it, so letting go of it is the end of it.
  await response.body?.cancel();
  expect(simulator.running).toHaveLength(1);
});

describe('Progress', () => {
  test('is told step by step.', async () => {
    const { client, simulator } = market();
    simulator.machine(1).refuse('no');
    simulator.fail(({ nth, operation }) => operation === 'startMr' && nth === 2, { lost: 'after' });
    const steps: Progress[] = [];
    const onProgress = (progress: Progress) => void steps.push(progress);
    const { uuid } = await client.services.mr.rent({ candidates: [1, 2], ...image }, { onProgress });
    const names = steps.map(({ step }) => step);
    expect(names.filter((name, index) => name !== names[index - 1])).toEqual([
      'starting',
      'refused',
      'starting',
      'adopted',
      'waiting',
      'ready',
    ]);
    expect(steps.find(({ step }) => step === 'adopted')).toMatchObject({ session: uuid, node_id: 2 });
    expect(steps.at(-1)).toMatchObject({ session: uuid, info: { is_ready: true } });
    const times = steps.map(({ elapsedMs }) => elapsedMs);
    expect(times).toEqual([...times].sort((left, right) => left - right));
  });

  test('cannot disturb the rental later, either.', async () => {
    const { client, simulator } = market();
    const onProgress = async () => {
      throw new Error('of the caller');
    };
    await client.services.mr.rent({ node_id: 1, ...image }, { onProgress });
    expect(simulator.running).toHaveLength(1);
  });

  test('cannot disturb the rental.', async () => {
    const { client, simulator } = market();
    const onProgress = () => {
      throw new Error('of the caller');
    };
    await client.services.mr.rent({ node_id: 1, ...image }, { onProgress });
    expect(simulator.running).toHaveLength(1);
  });
});

describe('What is added to a call', () => {
  test('reaches the start, and headers reach every request.', async () => {
    const { client, simulator } = market();
    const seen: (string | undefined)[] = [];
    const other = market({}, { onRequest: ({ headers }) => void seen.push(headers.get('x-team') ?? undefined) });
    await other.client.services.mr.rent(
      { node_id: 1, ...image },
      { headers: { 'x-team': 'blue' }, body: { priority: 1 } },
    );
    expect(new Set(seen)).toEqual(new Set(['blue']));
    const start = other.simulator.requests.find(({ operation }) => operation === 'startMr');
    expect(start?.body).toMatchObject([{ priority: 1, node_id: 1 }]);
    expect([client.closed, simulator.requests]).toEqual([false, []]);
  });
});

describe('Wrong arguments reject, and send nothing', () => {
  const { client, simulator } = market();
  const { mr } = client.services;
  const app = { uuid: 'a-1', name: 'An app', image: 'ubuntu', ports: [], http_ports: [] };
  // What callers without types may pass.
  const wrong: [title: string, call: () => Promise<unknown>, message: RegExp][] = [
    ['no node', () => mr.rent({ ...image } as never), /either node_id or candidates/],
    ['both', () => mr.rent({ ...image, node_id: 1, candidates: [2] } as never), /node_id or candidates; both are set$/],
    ['text as a node', () => mr.rent({ ...image, node_id: '1' } as never), /^node_id is not a whole number$/],
    [
      'no candidate',
      () => mr.rent({ ...image, candidates: [] }),
      /candidates must be a non-empty array of nodes or node ids/,
    ],
    [
      'a candidate without a number',
      () => mr.rent({ ...image, candidates: [1, {}] } as never),
      /candidate 2 is neither/,
    ],
    ['nothing', () => mr.rent(undefined as never), /either node_id or candidates/],
    ['an unknown option', () => mr.rent({ ...image, node_id: 1 }, { maxSpent: 1n } as never), /did you mean maxSpend/],
    [
      'a wrong limit',
      () => mr.rent({ ...image, node_id: 1 }, { maxSpend: 5 } as never),
      /maxSpend is 5; allowed: a bigint/,
    ],
    ['no image', () => mr.rent({ node_id: 1, disk_size: 20 } as never), /image is missing/],
    ['an app without a disk size', () => mr.rent({ node_id: 1, app: { ...app, extra: {} } }), /disk_size is required/],
    [
      'a protocol without v2ray',
      () => client.services.vpn.rent({ node_id: 1, protocol: 'trojan' } as never),
      /^protocol is only supported/,
    ],
    ['no disk', () => client.services.render.rent({ node_id: 1 } as never), /disk_size is missing/],
    ['a wrong time', () => mr.rent({ ...image, node_id: 1 }, { readyTimeoutMs: -1 }), /readyTimeoutMs is -1; allowed/],
  ];

  test.each(wrong)('%s', async (_, call, message) => {
    expect((await failure(call(), OctaConfigurationError)).message).toMatch(message);
    expect(simulator.requests).toEqual([]);
  });
});

test('Strict validation does not lose sight of a session over a field that is not as promised.', async () => {
  // The simulator has a field of each kind right, so a validator of its own finds fault with everything.
  const check = () => [{ path: 'uuid', expected: 'number', received: 'text' }];
  const { client, simulator } = market({}, { validate: { mode: 'strict', check } });
  simulator.fail('startMr', { lost: 'after' });
  {
    await using session = await client.services.mr.rent({ node_id: 1, ...image });
    await failure(session.info(), OctaResponseError);
    expect(simulator.running).toEqual([session.uuid]);
  }
  expect(simulator.running).toEqual([]);
  await client.services.mr.start({ node_id: 2, ...image });
  expect((await client.sessions.stopAll()).stopped).toHaveLength(1);
});
