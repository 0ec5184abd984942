/** `maxTotalSpend`: the limit for all sessions of a client. */
import { describe, expect, test } from 'vitest';
import {
  OctaClient,
  type OctaClientOptions,
  OctaConfigurationError,
  OctaSessionError,
  type SessionResource,
} from '../../../src/index.ts';
import { failure } from '../../support/failure.ts';
import { countOf, image, market, secretiveMarket } from '../../support/market.ts';

const octa = 10n ** 18n;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

function limited(maxTotalSpend: OctaClientOptions['maxTotalSpend'], options: Parameters<typeof market>[0] = {}) {
  return market(options, { maxTotalSpend });
}

async function refusalOf(work: Promise<unknown>): Promise<OctaSessionError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof OctaSessionError && error.reason === 'total-spend') return error;
  throw new Error(`not refused: ${String(error)}`);
}

async function ended(session: SessionResource): Promise<SessionResource> {
  await session.stop({ verify: true });
  return session;
}

describe('A start that could exceed it is refused before anything is sent', () => {
  test('by rent, with the figures.', async () => {
    const { simulator, client } = limited(10n * octa);
    await client.services.mr.rent({ node_id: 1, ...image }, { maxSpend: 6n * octa });
    const { requests } = simulator;
    const sent = requests.filter(({ method, operation }) => method === 'POST' || operation === 'listMrMachines').length;
    const starts = countOf(simulator, 'startMr');
    const error = await refusalOf(client.services.mr.rent({ node_id: 2, ...image }, { maxSpend: 5n * octa }));
    expect(simulator.requests.filter(({ method }) => method === 'POST')).toHaveLength(sent);
    expect(countOf(simulator, 'startMr')).toBe(starts);
    expect(error).toMatchObject({ outcome: 'not-sent', session: '', running: [] });
    const { spent, reserved, ...rest } = error.totalSpend ?? expect.fail();
    expect(spent + reserved).toBe(6n * octa);
    expect(rest).toEqual({
      limit: 10n * octa,
      windowMs: 24 * hourMs,
      left: 4n * octa,
      wanted: 5n * octa,
      freesInMs: undefined,
    });
    expect(error.message).toBe(
      'not started, because its cost could exceed maxTotalSpend: 4 of 10 OCTA in 24 hours are left, and it needs 5; end a session, or set a lower maxSpend',
    );
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({ reason: 'total-spend' });
  });

  test.each([
    ['rent', (client: OctaClient) => client.services.mr.rent({ node_id: 1, ...image }, { maxSpend: 3n * octa })],
    [
      'rentMany',
      (client: OctaClient) =>
        client.services.mr.rentMany(
          [1, 2].map((node_id) => ({ node_id, ...image })),
          { maxSpend: 2n * octa },
        ),
    ],
    [
      'run',
      (client: OctaClient) =>
        client.services.mr.run({ node_id: 1, ...image, command: 'true' }, { maxSpend: 3n * octa }).result,
    ],
    [
      'rent of a render node',
      (client: OctaClient) => client.services.render.rent({ node_id: 11, disk_size: 20 }, { maxSpend: 3n * octa }),
    ],
    ['rent of a relay', (client: OctaClient) => client.services.vpn.rent({ node_id: 21 }, { maxSpend: 3n * octa })],
  ])('by %s.', async (_, begin) => {
    const { simulator, client } = limited(2n * octa);
    await refusalOf(begin(client));
    expect(simulator.requests).toEqual([]);
    expect(await client.leases.spending()).toMatchObject({ spent: 0n, reserved: 0n, left: 2n * octa });
  });

  test.each([
    ['start', (client: OctaClient) => client.services.mr.start({ node_id: 2, ...image })],
    ['startMany', (client: OctaClient) => client.services.mr.startMany([{ node_id: 2, ...image }])],
    ['start of a render node', (client: OctaClient) => client.services.render.start({ node_id: 11, disk_size: 20 })],
    ['start of a relay', (client: OctaClient) => client.services.vpn.start({ node_id: 21 })],
  ])('by %s.', async (_, begin) => {
    const { simulator, client } = limited(2n * octa);
    await client.services.mr.rent({ node_id: 1, ...image }, { maxSpend: 2n * octa });
    const posts = () => simulator.requests.filter(({ method }) => method === 'POST').length;
    const before = posts();
    await refusalOf(Promise.resolve(begin(client)));
    expect(posts()).toBe(before);
  });
});

describe('A start reserves what its session may cost', () => {
  test('so that rentals at the same time share it.', async () => {
    const { simulator, client } = limited(5n * octa);
    const rentals = [1, 2, 3].map((node_id) => client.services.mr.rent({ node_id, ...image }, { maxSpend: 2n * octa }));
    const ends = await Promise.allSettled(rentals);
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(simulator.running).toHaveLength(2);
  });

  test('the whole rest without maxSpend, and a guard enforces it.', async () => {
    const { simulator, client } = limited(octa / 10n);
    const session = await client.services.mr.rent({ node_id: 1, ...image }, { maxDurationMs: 240 * hourMs });
    expect((await client.leases.spending()).left).toBe(0n);
    await simulator.advance(hourMs);
    expect(session.guards).toEqual([]);
    expect(simulator.running).toEqual([]);
    expect(simulator.spent <= octa / 10n).toBe(true);
    expect((await client.leases.spending()).spent).toBe(simulator.spent);
  });

  test('an equal share of it for each session of rentMany and startMany.', async () => {
    const items = [1, 2].map((node_id) => ({ node_id, ...image }));
    const many = limited(4n * octa);
    const [first, second] = await many.client.services.mr.rentMany(items);
    expect([first, second].map((each) => each?.guards[0]?.limits.maxSpend)).toEqual([2n * octa, 2n * octa]);
    const plain = limited(4n * octa);
    const results = await plain.client.services.mr.startMany(items);
    const guards = results.flatMap((each) => (each.status === 'started' ? each.session.guards : []));
    expect(guards.map(({ limits }) => limits.maxSpend)).toEqual([2n * octa, 2n * octa]);
  });

  test('also for a plain start, and a new guard replaces a released one.', async () => {
    const { simulator, client } = limited(octa / 10n);
    const session = await client.services.mr.start({ node_id: 1, ...image });
    session.guards[0]?.release();
    expect(session.guards).toHaveLength(1);
    await simulator.advance(hourMs);
    expect(session.guards).toEqual([]);
    expect(simulator.running).toEqual([]);
    expect(simulator.spent <= octa / 10n).toBe(true);
  });

  test('and releases it if the API refuses, or nothing could be sent.', async () => {
    const { simulator, client } = limited(2n * octa);
    simulator.machine(1).refuse('busy', 3);
    await expect(client.services.mr.start({ node_id: 1, ...image })).rejects.toThrow('busy');
    await expect(client.services.mr.rent({ node_id: 1, ...image }, { maxSpend: octa })).rejects.toThrow('busy');
    await expect(
      client.services.mr.rent({ node_id: 2, ...image }, { signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ outcome: 'not-sent' });
    expect((await client.leases.spending()).left).toBe(2n * octa);
    await client.services.mr.rent({ candidates: [1, 2], ...image }, { maxSpend: 2n * octa });
  });

  test('and keeps it while the outcome is unknown, until its session must have been over for a window.', async () => {
    const { simulator, client } = limited({ amount: 2n * octa, windowMs: hourMs });
    simulator.fail('startMr', { lost: 'before' });
    await expect(client.services.mr.start({ node_id: 1, ...image })).rejects.toMatchObject({ outcome: 'unknown' });
    expect(await client.leases.spending()).toMatchObject({ reserved: 2n * octa, left: 0n });
    await simulator.advance(hourMs);
    const error = await refusalOf(client.services.mr.rent({ node_id: 2, ...image }, { maxSpend: octa }));
    await simulator.advance(error.totalSpend?.freesInMs ?? expect.fail());
    await client.services.mr.rent({ node_id: 2, ...image }, { maxSpend: octa });
  });

  test('and guards the session of a plain start that appears late.', async () => {
    const { simulator, client } = limited(octa / 2n);
    simulator.fail('startMr', { lost: 'after' });
    await client.services.mr.start({ node_id: 1, ...image }).catch(() => undefined);
    await simulator.advance(minuteMs);
    expect(simulator.running).toHaveLength(1);
    await simulator.advance(hourMs);
    expect(simulator.running).toEqual([]);
    expect(simulator.spent <= octa / 2n).toBe(true);
  });
});

describe('An ended session', () => {
  test('counts with its exact charge for a window, and then no longer.', async () => {
    const { simulator, client } = limited({ amount: 2n * octa, windowMs: hourMs });
    const { mr } = client.services;
    await ended(await mr.rent({ node_id: 1, ...image }, { maxSpend: 2n * octa }));
    expect(await client.leases.spending()).toEqual({
      limit: 2n * octa,
      windowMs: hourMs,
      spent: simulator.spent,
      reserved: 0n,
      left: 2n * octa - simulator.spent,
    });
    const error = await refusalOf(mr.rent({ node_id: 1, ...image }, { maxSpend: 2n * octa }));
    const { freesInMs = 0 } = error.totalSpend ?? {};
    expect(freesInMs).toBeGreaterThan(hourMs - minuteMs);
    expect(error.message).toMatch(/enough is free in 60 minutes$/);
    await simulator.advance(freesInMs - 1);
    await refusalOf(mr.rent({ node_id: 1, ...image }, { maxSpend: 2n * octa }));
    await simulator.advance(1);
    await mr.rent({ node_id: 1, ...image }, { maxSpend: 2n * octa });
  });

  test('counts with the reserved amount if the API does not report its charge.', async () => {
    const { simulator, client } = limited(2n * octa, { lies: { noCharge: 1 } });
    const session = await client.services.mr.rent({ node_id: 1, ...image }, { maxSpend: octa });
    await simulator.advance(hourMs);
    expect(session.guards).toEqual([]);
    expect(simulator.running).toEqual([]);
    expect((await client.leases.spending()).spent).toBe(octa);
  });

  test.each(['charges', 'sessions'] as const)(
    'counts with its exact charge once the API reports it, after it had left out %s.',
    async (hidden) => {
      const { simulator, hiding, client } = secretiveMarket({ maxTotalSpend: 2n * octa });
      const session = await client.services.mr.rent({ node_id: 1, ...image }, { maxSpend: 2n * octa });
      hiding.hidden = hidden;
      await ended(session);
      expect(await client.leases.spending()).toMatchObject({ spent: 2n * octa, reserved: 0n, left: 0n });
      await refusalOf(client.services.mr.rent({ node_id: 2, ...image }, { maxSpend: octa }));
      hiding.hidden = undefined;
      await client.services.mr.rent({ node_id: 2, ...image }, { maxSpend: octa });
      const { spent, reserved } = await client.leases.spending();
      expect(spent + reserved).toBe(octa + (simulator.sessions[0]?.chargeWei ?? 0n));
    },
  );

  test('counts as before if the API cannot be asked for its charge.', async () => {
    const { simulator, hiding, client } = secretiveMarket({ maxTotalSpend: 2n * octa });
    const session = await client.services.mr.rent({ node_id: 1, ...image }, { maxSpend: octa });
    hiding.hidden = 'charges';
    await ended(session);
    simulator.fail('listSessions', { status: 503 }, Number.POSITIVE_INFINITY);
    expect(await client.leases.spending()).toMatchObject({ spent: octa, reserved: 0n });
  });
});

test('A running session counts with its charge so far, and the rest of its reserved amount.', async () => {
  const { simulator, client } = limited(2n * octa);
  const session = await client.services.mr.rent({ node_id: 1, ...image }, { maxSpend: octa });
  await simulator.advance(5 * minuteMs);
  const { spent, reserved, left } = await client.leases.spending();
  expect(spent > 0n && spent <= simulator.spent).toBe(true);
  expect([spent + reserved, left]).toEqual([octa, octa]);
  await session.stop();
});

test('A session without maxSpend is not started with less than a hundredth of the limit.', async () => {
  const { simulator, client } = limited(10n * octa);
  const { mr } = client.services;
  await mr.rent({ node_id: 1, ...image }, { maxSpend: 10n * octa - octa / 10n + 1n });
  const { message, totalSpend } = await refusalOf(mr.rent({ node_id: 2, ...image }));
  expect(message).toContain('0.1 of 10 OCTA in 24 hours are left, and it needs 0.1');
  expect(totalSpend).toMatchObject({ left: octa / 10n - 1n, wanted: octa / 10n });
  await refusalOf(mr.start({ node_id: 2, ...image }));
  expect(simulator.sessions).toHaveLength(1);
  await mr.rent({ node_id: 2, ...image }, { maxSpend: octa / 20n });
});

test('A session without maxSpend that is stopped at the limit is told the name of that limit.', async () => {
  const { simulator, client } = limited(octa / 100n, { readyAfterMs: 3_600_000 });
  const error = await failure(
    client.services.mr.rent({ node_id: 1, ...image }, { readyTimeoutMs: 7_200_000 }),
    OctaSessionError,
  );
  expect(error.message).toMatch(/was stopped at its limit \(maxTotalSpend\)$/);
  expect(simulator.running).toEqual([]);
});

test('A session without a known charge is stopped, unless unknownCharge is warn.', async () => {
  const { simulator, client } = limited(2n * octa, { lies: { noCharge: 1 } });
  const { mr } = client.services;
  await mr.rent({ node_id: 1, ...image }, { maxSpend: octa });
  await mr.rent({ node_id: 2, ...image }, { maxSpend: octa, unknownCharge: 'warn' });
  await simulator.advance(10 * minuteMs);
  expect(simulator.sessions.map(({ state }) => state)).toEqual(['ended', 'ready']);
});

const someWei = 'a bigint of Wei, 1n or more';
const either = `allowed: ${someWei}, or { amount, windowMs } with such a bigint and a number of milliseconds above 0`;
test.each([
  [0n, `maxTotalSpend is 0n; ${either}`],
  [-1n, `maxTotalSpend is -1n; ${either}`],
  [5, `maxTotalSpend is 5; ${either}`],
  ['5', `maxTotalSpend is the string "5"; ${either}`],
  [null, `maxTotalSpend is null; ${either}`],
  [{}, `amount of maxTotalSpend is missing; allowed: ${someWei}`],
  [{ amount: 0n }, `amount of maxTotalSpend is 0n; allowed: ${someWei}`],
  [{ amount: 5n, windowMs: 0 }, 'windowMs of maxTotalSpend is 0; allowed: a number of milliseconds above 0'],
  [{ amount: 5n, window: 5 }, 'unknown option "window" for maxTotalSpend; did you mean windowMs?'],
])('%o is refused as maxTotalSpend.', (maxTotalSpend, message) => {
  const options = { maxTotalSpend } as unknown as OctaClientOptions;
  expect(() => new OctaClient(options)).toThrow(new OctaConfigurationError({ message }));
});

test('Without it, spending throws.', async () => {
  await expect(market().client.leases.spending()).rejects.toThrow(
    'this method requires a client with the option `maxTotalSpend`',
  );
});
