/** Starts of the lifecycle matrix: which session is ours, and that each order results in one. */
import { describe, expect, test } from 'vitest';
import {
  begun,
  endingOf,
  errorOf,
  type Lifecycle,
  openLifecycle,
  order,
  stopsOfOthers,
  textOf,
} from '../support/lifecycle.ts';
import type { StartAnswer } from '../support/marketplace/index.ts';

const two = { disk_size: order.disk_size, image: order.image, candidates: [9010, 9011] };

function lower(uuids: unknown): string[] {
  return [uuids]
    .flat()
    .map((uuid) => String(uuid).toLowerCase())
    .sort();
}

/** Whether the log contains a session. */
function tells({ log }: Lifecycle, uuid: string): boolean {
  return log.join('\n').toLowerCase().includes(uuid);
}

const unknownFor = (ms: number) => ({ infoLagMs: ms, listLagMs: ms, stopLagMs: ms });

describe('A lost start', () => {
  test('row 3: a session of another program that appears late is a suspect, and neither adopted nor stopped.', async () => {
    await using opened = await openLifecycle({ switches: { nextStarts: ['502-without-effect'] } });
    const { clock, market, client } = opened;
    const lags = { listLagMs: 40_000 };
    const theirs = market.startForeign({ node_id: 9010, atMs: -20_000, envs: { THEIRS: '1' }, lags });
    const error = await errorOf(client.services.mr.rent(order, { adoptionTimeoutMs: 35_000 }));
    await clock.sleep(20_000);
    expect(market.running()).toEqual([theirs.uuid]);
    expect(stopsOfOthers(market)).toBe(0);
    expect(error.outcome).toBe('unknown');
    expect(lower(error.suspects)).toEqual([theirs.uuid]);
  });

  test('row 4: an old session that one list omitted is not adopted.', async () => {
    await using opened = await openLifecycle({ switches: { nextStarts: ['502-without-effect'], emptyLists: 1 } });
    const { clock, market, client } = opened;
    const theirs = market.startForeign({ node_id: 9010, atMs: -172_800_000 });
    const error = await errorOf(client.services.mr.rent(order, { adoptionTimeoutMs: 10_000 }));
    await clock.sleep(20_000);
    expect(market.running()).toEqual([theirs.uuid]);
    expect(stopsOfOthers(market)).toBe(0);
    expect(error.outcome).toBe('unknown');
  });

  test('row 5: our session is adopted by its mark, although one from the same second is listed first.', async () => {
    await using opened = await openLifecycle({
      switches: { nextStarts: [{ answer: 'lost-after', lags: { listLagMs: 4_000 } }] },
    });
    const { market, client } = opened;
    market.switches.onAnswered = (operation) => {
      if (operation === 'startMr') market.startForeign({ node_id: 9010 });
    };
    const session = await client.services.mr.rent(order);
    expect(session.uuid.toLowerCase()).toBe(begun(market).uuid);
    expect(market.running()).toHaveLength(2);
    expect(stopsOfOthers(market)).toBe(0);
  });

  test('row 5: if variables are hidden, both new sessions are suspects, and none is stopped.', async () => {
    await using opened = await openLifecycle({
      switches: { nextStarts: [{ answer: 'lost-after', lags: { listLagMs: 4_000 } }], hideVariables: true },
    });
    const { clock, market, client } = opened;
    market.switches.onAnswered = (operation) => {
      if (operation === 'startMr') market.startForeign({ node_id: 9010 });
    };
    const error = await errorOf(client.services.mr.rent(order, { adoptionTimeoutMs: 15_000 }));
    await clock.sleep(10_000);
    expect(market.running()).toHaveLength(2);
    expect(market.sessions.flatMap(({ stops }) => stops)).toEqual([]);
    expect(error.outcome).toBe('unknown');
    expect(lower(error.suspects)).toEqual(lower(market.running()));
  });

  test('row 16: a session that is listed after 30 s is found by its mark, and returned.', async () => {
    await using opened = await openLifecycle({
      switches: { nextStarts: [{ answer: 'lost-after', lags: unknownFor(30_000) }] },
    });
    const { market, client } = opened;
    const session = await client.services.mr.rent(order);
    expect(session.uuid.toLowerCase()).toBe(begun(market).uuid);
    expect(market.running()).toEqual([begun(market).uuid]);
    expect(begun(market).stops).toEqual([]);
  });

  test('row 16: a session that begins after rent has given up is stopped by its mark, and reported.', async () => {
    await using opened = await openLifecycle({
      switches: { nextStarts: [{ answer: 'lost-after', beginDelayMs: 50_000 }] },
    });
    const { clock, market, client } = opened;
    const error = await errorOf(client.services.mr.rent(order, { adoptionTimeoutMs: 10_000 }));
    const session = begun(market);
    expect(error).toMatchObject({ outcome: 'unknown', leaseId: session.leaseId });
    expect(session.leaseId).toEqual(expect.any(String));
    await clock.until(() => session.endedAt !== undefined, 'the late session is stopped', 180_000);
    await clock.until(() => tells(opened, session.uuid), 'the late session is told', 60_000);
  });

  test('row 16: the error of a lost plain start has its lease id; its session is reported when it appears, and not stopped.', async () => {
    await using opened = await openLifecycle({
      switches: { nextStarts: [{ answer: 'lost-after', lags: unknownFor(30_000) }] },
    });
    const { clock, market, client } = opened;
    const error = await errorOf(client.services.mr.start(order));
    const session = begun(market);
    expect(error).toMatchObject({ outcome: 'unknown', leaseId: session.leaseId });
    expect(session.leaseId).toEqual(expect.any(String));
    await clock.until(() => tells(opened, session.uuid), 'the late session is told', 120_000);
    expect(session.stops).toEqual([]);
    await (await client.sessions.find(session.uuid)).stop();
    expect(market.running()).toEqual([]);
  });
});

describe('Late sessions', () => {
  test('row 16: are passed to onLateSession, and then not logged.', async () => {
    const late: unknown[] = [];
    await using opened = await openLifecycle({
      client: { onLateSession: (event: unknown) => void late.push(event) },
      switches: { nextStarts: [{ answer: 'lost-after', beginDelayMs: 20_000 }] },
    });
    const { clock, market, client } = opened;
    await errorOf(client.services.mr.rent(order, { adoptionTimeoutMs: 5_000 }));
    await clock.until(() => late.length > 0, 'the late session is told', 120_000);
    expect(textOf(late)).toContain(begun(market).uuid);
    expect(tells(opened, begun(market).uuid)).toBe(false);
  });
});

describe('A refused start that began a session', () => {
  test('row 6: after INTERNAL_ERROR the next node is tried, and the session that appears late is stopped and reported.', async () => {
    await using opened = await openLifecycle({
      switches: { nextStarts: [{ answer: 'INTERNAL_ERROR-with-effect', lags: unknownFor(10_000) }] },
    });
    const { clock, market, client } = opened;
    const session = await client.services.mr.rent(two);
    const [first, second] = [begun(market, 0), begun(market, 1)];
    expect(session.uuid.toLowerCase()).toBe(second.uuid);
    expect(second.leaseId).not.toBe(first.leaseId);
    await clock.until(() => first.endedAt !== undefined, 'the late session is stopped', 180_000);
    await clock.until(() => tells(opened, first.uuid), 'the late session is told', 60_000);
    expect(market.running()).toEqual([second.uuid]);
    expect(market.sessions).toHaveLength(2);
  });

  const refusals: StartAnswer[] = ['reason-with-effect', '400-with-effect', '409-with-effect', '422-with-effect'];
  test.each(refusals)(
    'row 19: after "%s" the session is stopped as soon as a list shows its mark, and reported.',
    async (answer) => {
      await using opened = await openLifecycle({
        switches: { nextStarts: [{ answer, lags: unknownFor(10_000) }] },
      });
      const { clock, market, client } = opened;
      const session = await client.services.mr.rent(two);
      await clock.sleep(10_000);
      await client.sessions.list();
      const first = begun(market, 0);
      await clock.until(() => first.endedAt !== undefined, 'the session is stopped', 60_000);
      await clock.until(() => tells(opened, first.uuid), 'the session is told', 60_000);
      expect(market.running()).toEqual([session.uuid.toLowerCase()]);
    },
  );

  test('row 19: after 429 no other node is tried, and the session is stopped as soon as a list shows its mark.', async () => {
    await using opened = await openLifecycle({
      switches: { nextStarts: [{ answer: '429-with-effect', lags: unknownFor(10_000) }] },
    });
    const { clock, market, client } = opened;
    await errorOf(client.services.mr.rent(two, { adoptionTimeoutMs: 5_000 }));
    expect(market.asked('startMr')).toHaveLength(1);
    await clock.sleep(10_000);
    await client.sessions.list();
    await clock.until(() => market.running().length === 0, 'the session is stopped', 60_000);
    await clock.until(() => tells(opened, begun(market).uuid), 'the session is told', 60_000);
  });

  test('row 19: a session that begins although every node refused it is stopped, though nobody reads a list.', async () => {
    await using opened = await openLifecycle({
      switches: { nextStarts: [{ answer: 'reason-with-effect', lags: unknownFor(50_000) }] },
    });
    const { clock, market, client } = opened;
    await errorOf(client.services.mr.rent(order));
    await clock.until(() => market.running().length === 0, 'the session is stopped', 180_000);
    await clock.until(() => tells(opened, begun(market).uuid), 'the session is told', 60_000);
  });

  test('row 18: of two sessions for one order, one is returned, and the other is stopped by its mark.', async () => {
    await using opened = await openLifecycle({
      switches: { nextStarts: ['two-uuids'] },
    });
    const { clock, market, client } = opened;
    const session = await client.services.mr.rent(order);
    expect(market.sessions).toHaveLength(2);
    await client.sessions.list();
    await clock.until(() => market.running().length === 1, 'one of them is stopped', 60_000);
    expect(market.running()).toEqual([session.uuid.toLowerCase()]);
  });

  test('row 18: if a proxy sends the request twice, the session that is not in the response is stopped by its mark.', async () => {
    await using opened = await openLifecycle({
      switches: { nextStarts: [{ answer: 'repeated', lags: unknownFor(50_000) }] },
    });
    const { clock, market, client } = opened;
    const session = await client.services.mr.rent(order);
    await clock.until(() => market.running().length === 1, 'one of them is stopped', 180_000);
    expect(market.running()).toEqual([session.uuid.toLowerCase()]);
  });

  test('row 18: if the first one ends at once, the other is still stopped.', async () => {
    await using opened = await openLifecycle({ switches: { nextStarts: ['repeated'] } });
    const { clock, market, client } = opened;
    const session = await client.services.mr.rent(order);
    await session.stop({ verify: true });
    expect(market.running()).toHaveLength(1);
    await clock.until(() => market.running().length === 0, 'the other is stopped', 180_000);
  });

  test('row 18: a client that is closed with its sessions stops both.', async () => {
    await using opened = await openLifecycle({ switches: { nextStarts: ['repeated'] } });
    const { market, client } = opened;
    await client.services.mr.rent(order);
    await client.close({ stopSessions: true });
    expect(market.sessions).toHaveLength(2);
    expect(market.running()).toEqual([]);
  });
});

describe('A start of several sessions for one order', () => {
  test('row 18: reports the sessions that it does not return, and stops none of them.', async () => {
    await using opened = await openLifecycle({ switches: { nextStarts: ['two-uuids'] } });
    const { clock, market, client, log } = opened;
    const started = endingOf(client.services.mr.start(order));
    await clock.until(() => started.done);
    await client.sessions.list();
    const told = () => `${started.value?.uuid} ${textOf(started.error)} ${log.join('\n')}`.toLowerCase();
    await clock.until(() => market.sessions.every(({ uuid }) => told().includes(uuid)), 'both are named', 60_000);
    expect(market.running()).toHaveLength(2);
    expect(market.asked('stop')).toEqual([]);
  });
});

test('row 35: two clients that rent on one node at once, and both lose the response, each get their own session.', async () => {
  await using opened = await openLifecycle({ switches: { nextStarts: ['lost-after', 'lost-after'] } });
  const { market, client } = opened;
  const sessions = await Promise.all([client, opened.another()].map((each) => each.services.mr.rent(order)));
  const marks = sessions.map(({ uuid, leaseId }) => [uuid.toLowerCase(), leaseId]);
  expect(new Set(marks.map(([uuid]) => uuid)).size).toBe(2);
  const known = market.sessions.map(({ uuid, leaseId }) => [uuid, leaseId]);
  expect(marks.toSorted()).toEqual(known.toSorted());
  expect(market.running()).toHaveLength(2);
});

describe('A lost start of a relay, which has no variables', () => {
  const relay = { node_id: 9539, subkind: 'wg' } as const;

  test('row 5: reports the new session as a suspect, and does not stop it.', async () => {
    await using opened = await openLifecycle({ switches: { nextStarts: ['lost-after'] } });
    const { market, client } = opened;
    const error = await errorOf(client.services.vpn.rent(relay, { adoptionTimeoutMs: 15_000 }));
    expect(lower(error.suspects)).toEqual([begun(market).uuid]);
    expect(market.asked('stop')).toEqual([]);
    expect(market.asked('startVpn')).toHaveLength(1);
  });

  test('row 5: adopts a lone suspect with adoptUnmarked.', async () => {
    await using opened = await openLifecycle({ switches: { nextStarts: ['lost-after'] } });
    const { market, client } = opened;
    const session = await client.services.vpn.rent(relay, { adoptUnmarked: true });
    expect(session.uuid.toLowerCase()).toBe(begun(market).uuid);
    expect(market.running()).toHaveLength(1);
  });

  test('row 5: adopts neither of two suspects, even with adoptUnmarked.', async () => {
    await using opened = await openLifecycle({ switches: { nextStarts: ['lost-after'] } });
    const { market, client } = opened;
    market.switches.onAnswered = (operation) => {
      if (operation === 'startVpn') market.startForeign({ node_id: 9539, service: 'vpn', kind: 'wg' });
    };
    const options = { adoptUnmarked: true, adoptionTimeoutMs: 15_000 };
    const error = await errorOf(client.services.vpn.rent(relay, options));
    expect(lower(error.suspects)).toEqual(lower(market.running()));
    expect(market.running()).toHaveLength(2);
  });
});

describe('A batch', () => {
  const orders = [9010, 9011, 9012].map((node_id) => ({ ...order, node_id }));
  /** UUIDs of the sessions, in the order of the orders. */
  const inOrder = (sessions: readonly { readonly node_id: number; readonly uuid: string }[]) =>
    orders.map(({ node_id }) => sessions.find((session) => session.node_id === node_id)?.uuid);

  const lost: StartAnswer[] = [
    'lost-after',
    'short',
    'object-for-array',
    'html',
    'empty',
    'cut-off',
    '502-with-effect',
  ];
  test.each(lost)('row 17: startMany finds each session by its mark if the response is "%s".', async (answer) => {
    await using opened = await openLifecycle({ switches: { nextStarts: [{ answer, lags: { listLagMs: 3_000 } }] } });
    const { market, client } = opened;
    const results = await client.services.mr.startMany(orders);
    expect(market.running()).toHaveLength(3);
    expect(results.map((each) => (each.status === 'started' ? each.session.uuid : undefined))).toEqual(
      inOrder(market.sessions),
    );
  });

  const ids: StartAnswer[] = ['ids-from-1', 'ids-as-text', 'ids-reversed', 'ids-all-0', 'no-ids'];
  test.each(ids)(
    'row 29: startMany returns for each order its own session if the response is "%s".',
    async (answer) => {
      await using opened = await openLifecycle({ switches: { nextStarts: [answer] } });
      const { market, client } = opened;
      const results = await client.services.mr.startMany(orders);
      expect(results.map((each) => (each.status === 'started' ? each.session.uuid : undefined))).toEqual(
        inOrder(market.sessions),
      );
    },
  );

  test('row 39: rentMany stops the others if one order is refused.', async () => {
    await using opened = await openLifecycle({ switches: { refusals: { 9011: 'Node is busy' } } });
    const { market, client } = opened;
    await errorOf(client.services.mr.rentMany(orders));
    expect(market.sessions.length).toBeGreaterThan(0);
    expect(market.running()).toEqual([]);
  });

  test('row 39: rentMany with atLeast returns the sessions that succeed.', async () => {
    await using opened = await openLifecycle({ switches: { refusals: { 9011: 'Node is busy' } } });
    const { market, client } = opened;
    const sessions = await client.services.mr.rentMany(orders, { atLeast: 2 });
    expect(lower(sessions.map(({ uuid }) => uuid))).toEqual(lower(market.running()));
    expect(sessions).toHaveLength(2);
  });
});

describe('Marks', () => {
  test('row 41: every attempt and every item has its own mark, whatever variables the caller sets.', async () => {
    await using opened = await openLifecycle({ switches: { readyAfterMs: 0 } });
    const { market, client } = opened;
    const envs = { OCTA_LEASE_ID: 'inherited', A: 'b' };
    await client.services.mr.rent({ ...order, envs });
    await client.services.mr.rent(order, { body: { envs } });
    await client.services.mr.start({ ...order, envs });
    await client.services.mr.startMany([
      { ...order, envs },
      { ...order, envs },
    ]);
    await client.services.render.start({ node_id: 9042, disk_size: 10, envs });
    const marks = market.sessions.map(({ leaseId }) => leaseId);
    expect(marks).toHaveLength(6);
    expect(new Set(marks).size).toBe(6);
    expect(marks).not.toContain('inherited');
    expect(marks).not.toContain(undefined);
    expect(market.sessions.map(({ envs: { A } }) => A)).toEqual(['b', 'b', 'b', 'b', 'b', 'b']);
    expect(envs.OCTA_LEASE_ID).toBe('inherited');
  });

  test("row 41: the caller's id marks the first attempt, and the next attempt has another id.", async () => {
    await using opened = await openLifecycle({ switches: { nextStarts: ['400-with-effect'] } });
    const { market, client } = opened;
    await client.services.mr.rent(two, { id: 'mine' });
    expect(market.sessions.map(({ leaseId }) => leaseId)).toEqual(['mine', 'mine.2']);
  });
});
