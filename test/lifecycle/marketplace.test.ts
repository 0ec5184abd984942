/** The switches of the marketplace that the other tests of this folder use. */
import { describe, expect, test } from 'vitest';
import { askerOf, item } from '../support/marketplace/ask.ts';
import {
  fastClock,
  type MarketplaceOptions,
  type StartAnswer,
  serveMarketplace,
} from '../support/marketplace/index.ts';

async function open(options: Omit<MarketplaceOptions, 'clock'> = {}) {
  const clock = fastClock(100);
  const market = await serveMarketplace({ clock, ...options });
  const ask = askerOf(market);
  const start = async (...items: object[]) => ask('POST', '/services/mr', items.length > 0 ? items : [item]);
  return { clock, market, ask, start, [Symbol.asyncDispose]: () => market[Symbol.asyncDispose]() };
}

/** A marketplace with one session of a client. */
async function openWithOne(options: Omit<MarketplaceOptions, 'clock'> = {}) {
  const opened = await open(options);
  await opened.start();
  const [session] = opened.market.sessions;
  if (session === undefined) throw new Error('nothing was started');
  return { ...opened, session, uuid: session.uuid };
}

describe('The clock', () => {
  test('runs faster than the real one, including timers and the wall clock.', async () => {
    const clock = fastClock(1_000, { wallStart: 5_000 });
    await clock.sleep(60_000);
    expect(clock.now()).toBeGreaterThanOrEqual(60_000);
    expect(clock.wallNow()).toBeGreaterThanOrEqual(65_000);
  });

  test('calls timers in the order in which they are due, however long they are.', async () => {
    const clock = fastClock(1e9);
    const called: string[] = [];
    clock.setTimer(() => called.push('month'), 30 * 86_400_000);
    clock.setTimer(() => called.push('day'), 86_400_000);
    clock.clearTimer(clock.setTimer(() => called.push('cleared'), 1));
    await clock.sleep(31 * 86_400_000);
    expect(called).toEqual(['day', 'month']);
  });

  test('does not count the time in which the process could not run, unless it is set to.', () => {
    const [skipping, counting] = [fastClock(1), fastClock(1, { stalls: 'count' })];
    for (const end = performance.now() + 50; performance.now() < end; );
    expect(skipping.now()).toBeLessThan(20);
    expect(counting.now()).toBeGreaterThanOrEqual(49);
  });

  test('can jump only its wall clock, as after a suspend, and can freeze so that all timers are due at once.', async () => {
    const clock = fastClock(1, { wallStart: 0 });
    clock.jump(3_600_000);
    expect(clock.now()).toBeLessThan(3_600_000);
    expect(clock.wallNow()).toBeGreaterThanOrEqual(3_600_000);
    const due = clock.sleep(15_000);
    clock.freeze(15_000);
    await due;
    expect(clock.now()).toBeGreaterThanOrEqual(15_000);
  });
});

describe('A marketplace without faults', () => {
  test('requires a key for everything except the network.', async () => {
    await using market = await serveMarketplace({ clock: fastClock(100) });
    expect((await fetch(`${market.url}/network`)).status).toBe(200);
    expect((await fetch(`${market.url}/sessions`)).status).toBe(401);
  });

  test('has catalogues, an account, and amounts with all of their digits.', async () => {
    await using opened = await open({ machines: [{ node_id: 1, city: 'Berlin' }] });
    const { ask } = opened;
    expect(JSON.parse((await ask('GET', '/services/mr')).text)).toMatchObject([{ node_id: 1, city: 'Berlin' }]);
    expect(JSON.parse((await ask('GET', '/services/vpn')).text)).toHaveLength(2);
    expect(JSON.parse((await ask('GET', '/services/render')).text)).toHaveLength(1);
    expect((await ask('GET', '/accounts')).text).toContain('"balance":123456789012345678901234,');
    expect((await ask('GET', '/accounts/balance')).text).toBe('{"balance":123456789012345678901234}');
    expect((await ask('GET', '/nothing')).status).toBe(404);
  });

  test('has sessions from their start to their end.', async () => {
    await using opened = await open();
    const { ask, clock, market, start } = opened;
    const envs = { OCTA_LEASE_ID: 'lease-1', A: 'b' };
    const { text } = await start({ ...item, envs, ports: [22, 80], http_ports: [8080] });
    const [session] = market.sessions;
    const uuid = session?.uuid ?? '';
    expect(text).toBe(`[{"uuid":"${uuid}","id":0}]`);
    expect(session).toMatchObject({ owner: 'client', leaseId: 'lease-1', endedAt: undefined, stops: [] });
    expect(await ask.info(uuid)).toMatchObject({ uuid, is_ready: false, user_envs: envs, node_id: 9010 });
    await clock.sleep(4_000);
    const ready = await ask.info(uuid);
    expect(ready).toMatchObject({ is_ready: true, ssh_direct: { host: '203.0.113.7' }, container_id: [1] });
    expect(Object.keys(Object(ready.ports_matrix))).toEqual(['22', '80']);
    const urls: Record<string, string> = Object(ready.urls);
    expect(await (await fetch(urls['8080'] ?? '')).text()).toBe('hello');
    expect(await ask.list()).toMatchObject([{ uuid, user_envs: envs }]);
    expect(await ask.list('?recent=true')).toEqual([]);
    expect(market.running()).toEqual([uuid]);
    expect(await ask.stop(uuid)).toBe(200);
    expect(market.running()).toEqual([]);
    expect(await ask.stop(uuid)).toBe(404);
    expect(session?.stops.map(({ hadEffect }) => hadEffect)).toEqual([true, false]);
    expect((await ask.info(uuid)).status).toBe(404);
    const [recent] = await ask.list('?recent=true');
    expect(recent).toMatchObject({ uuid, rx: '0', termination_reason: 0 });
    expect(typeof recent?.duration).toBe('string');
    expect(Number(recent?.finished_at)).toBeGreaterThan(Number(recent?.started_at));
    expect(market.asked('stop').map(({ status }) => status)).toEqual([200, 404]);
  });

  test('starts several machines, relays and render nodes, and refuses nodes that it does not have.', async () => {
    await using opened = await open({ switches: { refusals: { 9011: 'Node is busy' } } });
    const { ask, clock, market, start } = opened;
    const items = [item, { ...item, id: 1, node_id: 9011 }, { ...item, id: 2, node_id: 1 }];
    expect(JSON.parse((await start(...items)).text)).toEqual([
      { uuid: market.sessions[0]?.uuid, id: 0 },
      { id: 1, reason: 'Node is busy', status: 1 },
      { id: 2, reason: 'Node not found', status: 1 },
    ]);
    expect((await ask('POST', '/services/vpn', { node_id: 1 })).status).toBe(400);
    expect((await ask('POST', '/services/render', { node_id: 9042, disk_size: 1 })).status).toBe(201);
    const vpn = JSON.parse((await ask('POST', '/services/vpn', { node_id: 9539, subkind: 'http_proxy' })).text);
    await clock.sleep(3_000);
    expect(await ask.info(vpn.uuid)).toMatchObject({ service: 'vpn', kind: 'http_proxy', config: { port: 8080 } });
  });

  test('has sessions of other programs, which can be older than the marketplace and end by themselves.', async () => {
    await using opened = await open();
    const { ask, clock, market } = opened;
    const old = market.startForeign({ node_id: 9010, atMs: -172_800_000, envs: { THEIRS: '1' } });
    const short = market.startForeign({ node_id: 9010, service: 'vpn', kind: 'wg', lastsMs: 5_000 });
    market.startForeign({ node_id: 9010, atMs: 60_000 });
    expect(market.running('foreign')).toEqual([old.uuid, short.uuid]);
    expect(market.running('client')).toEqual([]);
    const [listed] = await ask.list();
    expect(listed).toMatchObject({ user_envs: { THEIRS: '1' } });
    expect(Number(listed?.duration)).toBeGreaterThanOrEqual(172_800);
    await clock.sleep(6_000);
    expect(market.running()).toEqual([old.uuid]);
    market.end(old.uuid, 7);
    expect((await ask.list('?recent=true')).map((each) => each.termination_reason)).toEqual([7, 0]);
  });
});

describe('Time lags', () => {
  test('hide the beginning and the end of a session.', async () => {
    const switches = {
      infoLagMs: 20_000,
      listLagMs: 20_000,
      stopLagMs: 20_000,
      recentLagMs: 20_000,
      listEndLagMs: 20_000,
    };
    await using opened = await openWithOne({ switches });
    const { ask, clock, market, uuid } = opened;
    expect([(await ask.info(uuid)).status, await ask.list(), await ask.stop(uuid)]).toEqual([404, [], 404]);
    expect(market.running()).toEqual([uuid]);
    await clock.sleep(20_000);
    expect([(await ask.info(uuid)).status, (await ask.list()).length, await ask.stop(uuid)]).toEqual([200, 1, 200]);
    expect([(await ask.list()).length, await ask.list('?recent=true')]).toEqual([1, []]);
    await clock.sleep(20_000);
    expect([await ask.list(), (await ask.list('?recent=true')).length]).toEqual([[], 1]);
  });

  test('can differ from session to session.', async () => {
    await using opened = await open({ switches: { nextStarts: [{ lags: { listLagMs: 60_000 } }] } });
    const { ask, market, start } = opened;
    await start();
    const theirs = market.startForeign({ node_id: 9010 });
    expect((await ask.list()).map(({ uuid }) => uuid)).toEqual([theirs.uuid]);
  });

  test('hide an established session for a while.', async () => {
    await using opened = await openWithOne();
    const { ask, clock, market, uuid } = opened;
    market.partition(uuid, 20_000);
    expect([(await ask.info(uuid)).status, await ask.list(), await ask.stop(uuid)]).toEqual([404, [], 404]);
    await clock.sleep(20_000);
    expect([(await ask.info(uuid)).status, (await ask.list()).length, market.running()]).toEqual([200, 1, [uuid]]);
  });
});

describe('A start', () => {
  const began: [answer: StartAnswer, status: number | 'drop', began: number, text: RegExp | undefined][] = [
    ['lost-after', 'drop', 2, undefined],
    ['lost-before', 'drop', 0, undefined],
    ['502-with-effect', 502, 2, undefined],
    ['502-without-effect', 502, 0, undefined],
    ['INTERNAL_ERROR-with-effect', 500, 2, /INTERNAL_ERROR/],
    ['INTERNAL_ERROR-without-effect', 500, 0, /INTERNAL_ERROR/],
    ['429-with-effect', 429, 2, undefined],
    ['400-with-effect', 400, 2, undefined],
    ['reason-with-effect', 200, 2, /^\[\{"id":0,"reason":"[^"]+","status":1\},\{"id":1,/],
    ['reason-without-effect', 200, 0, /"reason"/],
    ['empty', 200, 2, /^$/],
    ['empty-list', 200, 2, /^\[\]$/],
    ['html', 200, 2, /^<html>/],
    ['cut-off', 200, 2, /^\[.*[^\]]$/],
    ['short', 200, 2, /^\[\{"uuid":"[^"]+","id":0\}\]$/],
    ['object-for-array', 200, 2, /^\{"uuid":"[^"]+","id":0\}$/],
    ['two-uuids', 200, 3, /^(?:.*"uuid"){3}.*"id":0\}\]$/],
    ['repeated', 200, 4, /^(?:[^u]*"uuid"[^u]*){2}$/],
    ['ids-from-1', 200, 2, /"id":1\}.*"id":2\}/],
    ['ids-as-text', 200, 2, /"id":"0"\}.*"id":"1"\}/],
    ['ids-all-0', 200, 2, /"id":0\}.*"id":0\}/],
    ['no-ids', 200, 2, /^\[\{"uuid":"[^"]+"\},/],
    ['ids-reversed', 200, 2, /"id":1\}.*"id":0\}/],
  ];
  test.each(began)(
    'with the response "%s" has status %s, begins %i sessions, and affects one request only.',
    async (answer, status, sessions, text) => {
      await using opened = await open({ switches: { nextStarts: [answer] } });
      const { market, start } = opened;
      const items = [item, { ...item, id: 1 }];
      const answered = await start(...items);
      expect(answered.status).toBe(status);
      if (text !== undefined) expect(answered.text).toMatch(text);
      expect(market.running('client')).toHaveLength(sessions);
      expect((await start()).status).toBe(200);
    },
  );

  test('can have a late response, and a late beginning.', async () => {
    const nextStarts = [{ answerDelayMs: 10_000, beginDelayMs: 30_000 }];
    await using opened = await open({ switches: { nextStarts } });
    const { ask, clock, market, start } = opened;
    await start();
    const [asked] = market.requests;
    expect(Number(asked?.answeredAt) - Number(asked?.at)).toBeGreaterThanOrEqual(10_000);
    const uuid = market.sessions[0]?.uuid ?? '';
    expect([market.running(), (await ask.info(uuid)).status, await ask.stop(uuid)]).toEqual([[], 404, 404]);
    await clock.sleep(20_000);
    expect([market.running(), (await ask.info(uuid)).status]).toEqual([[uuid], 200]);
  });
});

describe('A stop', () => {
  test('can have a late response, with its effect at once or with the response.', async () => {
    await using opened = await open({ switches: { stopDelayMs: 6_000 } });
    const { ask, clock, market, start } = opened;
    for (const effect of ['request', 'answer'] as const) {
      market.switches.stopEffect = effect;
      await start();
      const uuid = market.running()[0] ?? '';
      const stopped = ask.stop(uuid);
      await clock.until(() => market.sessions.at(-1)?.stops.length === 1);
      expect(market.running()).toHaveLength(effect === 'request' ? 0 : 1);
      expect([await stopped, market.running()]).toEqual([200, []]);
    }
  });

  test('can succeed without effect, for a while or for ever.', async () => {
    await using opened = await openWithOne({ switches: { stopIgnoredForMs: 20_000 } });
    const { ask, clock, market, uuid } = opened;
    expect([await ask.stop(uuid), market.running()]).toEqual([200, [uuid]]);
    await clock.sleep(20_000);
    market.switches.stopIgnoredForMs = Number.POSITIVE_INFINITY;
    expect([await ask.stop(uuid), market.running()]).toEqual([200, [uuid]]);
    market.switches.stopIgnoredForMs = 20_000;
    expect([await ask.stop(uuid), market.running()]).toEqual([200, []]);
  });

  test('can return 404 although the session keeps running.', async () => {
    await using opened = await openWithOne({ switches: { stop404WhileRunning: true } });
    const { ask, market, uuid, session } = opened;
    expect([await ask.stop(uuid), market.running()]).toEqual([404, [uuid]]);
    expect(session.stops).toMatchObject([{ status: 404, hadEffect: false }]);
  });

  test('follows a script.', async () => {
    await using opened = await openWithOne();
    const { ask, market, uuid, session } = opened;
    market.switches.nextStops = [
      { answer: '429', retryAfterSeconds: 30 },
      { answer: '504' },
      { answer: 'drop' },
      { answer: '404' },
    ];
    const { headers } = await ask('POST', `/services/${uuid}/stop`);
    expect(headers.get('retry-after')).toBe('30');
    expect([await ask.stop(uuid), await ask.stop(uuid), await ask.stop(uuid), market.running()]).toEqual([
      504,
      'drop',
      404,
      [uuid],
    ]);
    market.switches.nextStops = [{ answer: '504-with-effect' }];
    expect([await ask.stop(uuid), market.running()]).toEqual([504, []]);
    expect(session.stops.map(({ status }) => status)).toEqual([429, 504, 0, 404, 504]);
  });
});

describe('Lists and info', () => {
  test('can use either spelling of UUIDs, and accept only one.', async () => {
    const uuidCase = { start: 'upper', list: 'lower', info: 'upper', paths: 'upper' } as const;
    await using opened = await open({ switches: { uuidCase } });
    const { ask, market, start } = opened;
    const { text } = await start();
    const uuid = market.sessions[0]?.uuid ?? '';
    expect(text).toContain(uuid.toUpperCase());
    expect((await ask.list())[0]?.uuid).toBe(uuid);
    expect((await ask.info(uuid)).status).toBe(404);
    expect((await ask.info(uuid.toUpperCase())).uuid).toBe(uuid.toUpperCase());
  });

  test('can be empty once, or whenever a test decides.', async () => {
    await using opened = await openWithOne({ switches: { emptyLists: 1 } });
    const { ask, market } = opened;
    expect([(await ask.list()).length, (await ask.list()).length]).toEqual([0, 1]);
    market.switches.emptyLists = ({ recent, nth }) => !recent && nth === 2;
    expect([(await ask.list()).length, (await ask.list()).length]).toEqual([0, 1]);
  });

  test('can show running sessions in the recent list, show sessions twice, or omit ended ones.', async () => {
    const switches = { recentHoldsRunning: 'zero-end', listTwice: true, nodeIdAsText: true } as const;
    await using opened = await openWithOne({ switches });
    const { ask, market, uuid } = opened;
    expect(await ask.list('?recent=true')).toMatchObject([{ uuid, finished_at: 0 }, { uuid }]);
    market.switches.recentHoldsRunning = 'without-end';
    expect((await ask.list('?recent=true'))[0]).not.toHaveProperty('finished_at');
    expect(await ask.list()).toMatchObject([{ node_id: '9010' }, { node_id: '9010' }]);
    market.end(uuid);
    market.switches.recentForgets = true;
    expect(await ask.list('?recent=true')).toEqual([]);
  });

  test('can hide variables, and sessions of other views.', async () => {
    await using opened = await open({ switches: { hideVariables: true, views: true } });
    const { ask, market, start } = opened;
    await ask('POST', '/services/mr', [{ ...item, envs: { A: 'b' } }], { 'x-view': 'one' });
    await start();
    const [one] = await ask.list('', { 'x-view': 'one' });
    expect([one?.uuid, one?.user_envs]).toEqual([market.sessions[0]?.uuid, undefined]);
    expect((await ask.list())[0]?.uuid).toBe(market.sessions[1]?.uuid);
  });

  test('can show readiness in several ways, and before there is an address.', async () => {
    const switches = { readyAfterMs: 0, addressAfterMs: 60_000, readyBy: 'flag', siteAfterMs: 60_000 } as const;
    await using opened = await open({ switches });
    const { ask, clock, market, start } = opened;
    await start({ ...item, ports: [22], http_ports: [80] });
    const uuid = market.running()[0] ?? '';
    const info = await ask.info(uuid);
    expect(info).toMatchObject({ is_ready: true, progress: 'almost there' });
    expect(info).not.toHaveProperty('ssh_direct');
    market.switches.readyBy = 'progress';
    expect(await ask.info(uuid)).not.toHaveProperty('is_ready');
    expect((await fetch(`${market.url}/site/${uuid}/80`)).status).toBe(502);
    await clock.sleep(60_000);
    expect(await ask.info(uuid)).toHaveProperty('ssh_direct.port');
    expect((await fetch(`${market.url}/site/${uuid}/80`)).status).toBe(200);
  });

  test('can still return a session that has ended.', async () => {
    await using opened = await openWithOne({ switches: { infoAfterEnd: '410' } });
    const { ask, clock, market, uuid } = opened;
    await clock.sleep(5_000);
    market.end(uuid);
    expect((await ask.info(uuid)).status).toBe(410);
    market.switches.infoAfterEnd = '200-still';
    const before = await ask.info(uuid);
    await clock.sleep(5_000);
    expect(await ask.info(uuid)).toEqual(before);
    market.switches.infoAfterEnd = '200-counting';
    expect(Number((await ask.info(uuid)).duration)).toBeGreaterThan(Number(before.duration));
    market.switches.infoAfterEnd = '200-with-end';
    expect(Number((await ask.info(uuid)).finished_at)).toBeGreaterThan(Number(before.started_at));
  });
});

describe('Amounts and times', () => {
  const charges: [charge: NonNullable<MarketplaceOptions['switches']>['charge'], text: RegExp][] = [
    ['normal', /"charge_amount":[1-9]\d{15,},/],
    ['negative', /"charge_amount":-[1-9]\d{15,},/],
    ['huge', /"charge_amount":10{40},/],
    ['text', /"charge_amount":"[1-9]\d{15,}",/],
    ['float', /"charge_amount":[1-9]\d{15,}\.5,/],
    ['absent', /^(?!.*charge_amount)/],
  ];
  test.each(charges)('can be "%s" in charge_amount.', async (charge, text) => {
    await using opened = await openWithOne({ switches: { ...(charge === undefined ? {} : { charge }) } });
    const { ask, clock, uuid } = opened;
    await clock.sleep(3_000);
    expect((await ask('GET', `/services/${uuid}/info`)).text).toMatch(text);
  });

  test('can fall every 20 s.', async () => {
    await using opened = await openWithOne({ switches: { charge: 'falling-back' } });
    const { ask, clock, uuid } = opened;
    const seen: number[] = [];
    for (let look = 0; look < 8; look++) {
      seen.push(Number((await ask.info(uuid)).charge_amount));
      await clock.sleep(3_000);
    }
    expect(seen).not.toEqual(seen.toSorted((a, b) => a - b));
  });

  test('can be in several forms, from a wrong clock.', async () => {
    await using opened = await openWithOne({ switches: { serverClockOffsetMs: 7_200_000, duration: 'absent' } });
    const { ask, clock, market, uuid } = opened;
    const { headers } = await ask('GET', '/sessions');
    expect(Date.parse(headers.get('date') ?? '') - clock.wallNow()).toBeGreaterThan(7_000_000);
    const { started_at: ms, ...rest } = await ask.info(uuid);
    expect(rest).not.toHaveProperty('duration');
    market.switches.startedAt = 's';
    expect((await ask.info(uuid)).started_at).toBe(Math.round(Number(ms) / 1_000));
    market.switches.startedAt = 'iso';
    expect((await ask.info(uuid)).started_at).toBe(new Date(Number(ms)).toISOString());
    market.switches.startedAt = 'absent';
    expect(await ask.info(uuid)).not.toHaveProperty('started_at');
  });
});

describe('Logs', () => {
  test('have a line each second, and are available after the end only with recent.', async () => {
    await using opened = await openWithOne({ switches: { logLines: 3 } });
    const { ask, clock, market, uuid } = opened;
    await clock.sleep(3_000);
    expect(await ask.lines(uuid)).toEqual(['line 0', 'line 1', 'line 2']);
    market.end(uuid);
    expect((await ask('GET', `/services/${uuid}/logs`)).status).toBe(404);
    const { text } = await ask('GET', `/services/${uuid}/logs?recent=true`);
    expect(JSON.parse(text).system.map(({ msg }: { msg: string }) => msg)).toEqual([
      'Container started\n',
      'Container stopped\n',
    ]);
  });

  test('can be out of order.', async () => {
    await using opened = await openWithOne({ switches: { logLines: 10 } });
    const { ask, clock, market, uuid } = opened;
    await clock.sleep(10_000);
    const inOrder = await ask.lines(uuid);
    const as = async (containerLog: typeof market.switches.containerLog) => {
      market.switches.containerLog = containerLog;
      return ask.lines(uuid);
    };
    expect(await as('newest-first')).toEqual(inOrder.toReversed());
    const first = await as('shuffled');
    expect(first).not.toEqual(await as('shuffled'));
    expect(first.toSorted()).toEqual(inOrder.toSorted());
    expect((await as('re-stamped'))[0]).toMatch(/^\[\d+\] line 0$/);
    expect(await as('inserted')).toEqual(['line 0', 'inserted line', ...inOrder.slice(1)]);
    expect(await as('rotated')).toEqual(inOrder.slice(-5));
    expect((await as('huge')).join('\n').length).toBeGreaterThan(10_000_000);
  });
});

describe('Faults of requests', () => {
  test('return a status or drop the connection, a number of times, for one session if it is set.', async () => {
    await using opened = await openWithOne();
    const { ask, market, start, uuid } = opened;
    market.fail('info', 404, 1, uuid);
    market.fail('stop', 'drop', 2);
    market.fail('startMr', 503);
    const theirs = market.startForeign({ node_id: 9010 });
    expect([
      (await ask.info(theirs.uuid)).status,
      (await ask.info(uuid)).status,
      (await ask.info(uuid)).status,
    ]).toEqual([200, 404, 200]);
    expect([await ask.stop(uuid), await ask.stop(uuid), market.running('client')]).toEqual(['drop', 'drop', [uuid]]);
    expect([(await start()).status, market.running('client')]).toEqual([503, [uuid]]);
  });

  test('hold a response until it is released.', async () => {
    await using opened = await open();
    const { market, start } = opened;
    using latch = market.hold('startMr');
    const started = start();
    await latch.reached;
    expect([market.running().length, market.requests[0]?.status]).toEqual([1, undefined]);
    latch.release();
    expect((await started).status).toBe(200);
  });

  test('are reported as soon as a response is being sent.', async () => {
    await using opened = await open();
    const { ask, market } = opened;
    const answered: string[] = [];
    market.switches.onAnswered = (operation) => answered.push(operation);
    await ask.list();
    expect(answered).toEqual(['sessions']);
  });
});
