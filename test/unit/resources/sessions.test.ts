import { describe, expect, test } from 'vitest';
import { held } from '../../../src/clock.ts';
import {
  type ListSessionsOptions,
  OctaAbortError,
  OctaAuthenticationError,
  OctaClient,
  type OctaClientOptions,
  OctaConfigurationError,
  OctaNetworkError,
  OctaNotFoundError,
  OctaPermissionError,
  OctaServiceUnavailableError,
  OctaSessionError,
  type RequestOverrides,
  type Session,
  type StopAllOptions,
} from '../../../src/index.ts';
import { SessionResource } from '../../../src/resources/services/session.ts';
import { OctaSimulator } from '../../../src/testing/index.ts';
import { failure } from '../../support/failure.ts';
import { countOf, image, market } from '../../support/market.ts';
import { jsonAnswer, recordingClient } from '../../support/recording.ts';
import { instantClock } from '../../support/transport.ts';
import { expectRequest, type Row } from './rows.ts';

const rows: readonly Row[] = [
  ['list reads the active sessions', (client) => client.sessions.list(), 'GET /sessions'],
  ['list reads recent sessions', (client) => client.sessions.list({ recent: true }), 'GET /sessions?recent=true'],
  ['list omits a false filter', (client) => client.sessions.list({ recent: false }), 'GET /sessions'],
  [
    'list sends additional parameters',
    (client) => client.sessions.list({ recent: true, query: { limit: 5n } }),
    'GET /sessions?recent=true&limit=5',
  ],
  [
    'list sends additional parameters of a second argument',
    (client) => client.sessions.list({ recent: true }, { query: { limit: 5n } }),
    'GET /sessions?recent=true&limit=5',
  ],
  ['list accepts only a second argument', (client) => client.sessions.list(undefined, { retries: 0 }), 'GET /sessions'],
];

test.each(rows)('%s', (...row) => expectRequest(row, '[]'));

describe('options of list as a second argument', () => {
  const busy = () => recordingClient(() => jsonAnswer('{}', 503), { retries: 2, clock: instantClock() });

  const counts: [title: string, given: [ListSessionsOptions, RequestOverrides?], sent: number][] = [
    ['default to those of the client', [{ recent: true }], 3],
    ['are used', [{ recent: true }, { retries: 0 }], 1],
    ['take precedence over the first argument', [{ retries: 0 }, { retries: 1 }], 2],
    ['do not replace the first argument if they are undefined', [{ retries: 0 }, { retries: undefined }], 1],
  ];
  test.each(counts)('%s', async (_, given, sent) => {
    const { client, requests } = busy();
    await failure(client.sessions.list(given[0], given[1]), OctaServiceUnavailableError);
    expect(requests).toHaveLength(sent);
  });

  test('can abort the call by a signal.', async () => {
    const { client, requests } = busy();
    const error = await failure(
      client.sessions.list({ recent: true }, { signal: AbortSignal.abort('enough') }),
      OctaAbortError,
    );
    expect([error.cause, requests]).toEqual(['enough', []]);
  });

  const wrong: [title: string, request: unknown, message: RegExp][] = [
    ['that are no object', 'now', /request options must be an object, but are of type string/],
    ['that nobody knows', { retry: 0 }, /unknown option "retry" for a request; did you mean retries\?/],
    ['that belong to the first argument', { recent: true }, /unknown option "recent" for a request/],
    ['with a wrong value', { retries: -1 }, /retries is -1; allowed: a whole number/],
  ];
  test.each(wrong)('reject %s.', async (_, request, message) => {
    const { client, requests } = busy();
    const list = client.sessions.list as (...given: unknown[]) => PromiseLike<unknown>;
    const error = await failure(list.call(client.sessions, {}, request), OctaConfigurationError);
    expect(error.message).toMatch(message);
    expect(requests).toEqual([]);
  });
});

test('Numbers of recent sessions are decoded as numbers, although the API sends text.', async () => {
  const { client } = recordingClient(() =>
    jsonAnswer('[{"uuid":"u-1","duration":"28","rx":"0","tx":"","charge_amount":31428028938060847852}]'),
  );
  expect(await client.sessions.list({ recent: true })).toEqual([
    { uuid: 'u-1', duration: 28, rx: 0, charge_amount: 31428028938060847852n },
  ]);
});

const [first, second, third] = [
  '5dd2d308-0000-4000-8000-000000000001',
  '5dd2d309-0000-4000-8000-000000000002',
  'a0000000-0000-4000-8000-000000000003',
];
const threeSessions = JSON.stringify([first, second, third].map((uuid) => ({ uuid })));

describe('find', () => {
  const finds: [title: string, prefix: string, uuid: string][] = [
    ['the session whose UUID begins with the text', 'a0', third],
    ['in any letter case, with spaces around', ' 5DD2D308 ', first],
    ['by the shortest unique beginning', '5dd2d309', second],
    ['by the whole UUID', second, second],
    ['by the whole UUID in another letter case', second.toUpperCase(), second],
  ];
  test.each(finds)('returns %s', async (_, prefix, uuid) => {
    const { client, requests } = recordingClient(() => jsonAnswer(threeSessions));
    const session = await client.sessions.find(prefix);
    expect(session).toBeInstanceOf(SessionResource);
    expect([session.uuid, requests]).toEqual([uuid, ['GET /sessions']]);
  });

  const sent: readonly Row[] = [
    ['searches recent sessions', (client) => client.sessions.find('a', { recent: true }), 'GET /sessions?recent=true'],
    ['searches active sessions', (client) => client.sessions.find('a', { recent: false }), 'GET /sessions'],
    [
      'sends additional parameters',
      (client) => client.sessions.find('a', { recent: true, query: { limit: 5 } }),
      'GET /sessions?recent=true&limit=5',
    ],
  ];
  test.each(sent)('%s', (...row) => expectRequest(row, threeSessions));

  test('returns a session that can be stopped, with its UUID in the spelling of the API', async () => {
    const { client, requests } = recordingClient(() => jsonAnswer('[{"uuid":"U-1"}]'));
    await (await client.sessions.find('u')).stop();
    expect(requests).toEqual(['GET /sessions', 'POST /services/U-1/stop']);
  });

  test.each<[prefix: string, answer: string, message: string]>([
    ['5dd2d30a', threeSessions, 'listSessions: none of the 3 sessions has a UUID that begins with "5dd2d30a"'],
    ['d308', threeSessions, 'listSessions: none of the 3 sessions has a UUID that begins with "d308"'],
    [`${first}0`, threeSessions, `listSessions: none of the 3 sessions has a UUID that begins with "${first}0"`],
    ['a', '[]', 'listSessions: none of the 0 sessions has a UUID that begins with "a"'],
  ])('throws with the size of the list if no session begins with %j', async (prefix, answer, message) => {
    const { client } = recordingClient(() => jsonAnswer(answer));
    const error = await failure(client.sessions.find(prefix), OctaNotFoundError);
    expect(error).toMatchObject({
      message,
      status: 404,
      outcome: 'rejected',
      request: { operation: 'listSessions', method: 'GET', url: 'https://api.test/sessions' },
    });
  });

  test('throws with the matching sessions if there is more than one', async () => {
    const { client } = recordingClient(() => jsonAnswer(threeSessions));
    const error = await failure(client.sessions.find('5dd2'), OctaConfigurationError);
    expect(error.message).toBe(
      `listSessions: more than one session has a UUID that begins with "5dd2": ${first}, ${second}`,
    );
  });

  test.each([[''], ['  '], [undefined], [7], [null]])('sends nothing for %j', async (prefix) => {
    const { client, requests } = recordingClient(() => jsonAnswer(threeSessions));
    // What a caller without types may pass.
    const error = await failure(client.sessions.find(prefix as string), OctaConfigurationError);
    expect(error.message).toBe('the beginning of a UUID must be a non-empty string');
    expect(requests).toEqual([]);
  });
});

const running: readonly Session[] = [
  { uuid: 'u-1', service: 'mr', node_id: 1, duration: 3_600 },
  { uuid: 'u-2', service: 'vpn', kind: 'wg', node_id: 2, duration: 60 },
  { uuid: 'u-3', service: 'render', node_id: 1, duration: 59 },
  { uuid: 'u-4', service: 'mr', node_id: 2 },
  { uuid: 'u-5', service: '', kind: 'ss' },
  { uuid: 'u-6' },
];

/** The response to the stops of some sessions: a status, or `ignored`, so that the session keeps running. */
type Refusals = Readonly<Record<string, number | 'ignored'>>;

/** A client of an account with these sessions. Stopped sessions move to the recent list. */
function accountWith(refusals: Refusals = {}, sessions = running, options: OctaClientOptions = {}) {
  const simulator = new OctaSimulator();
  const ended = new Set<string>();
  const answerTo = (method: string, path: string) => {
    if (method === 'GET') {
      const isRecent = path.includes('recent=true');
      const shown = sessions.filter(({ uuid }) => ended.has(uuid) === isRecent);
      return jsonAnswer(JSON.stringify(isRecent ? shown.map((each) => ({ ...each, finished_at: 1 })) : shown));
    }
    const uuid = path.split('/')[2] ?? '';
    const refusal = refusals[uuid] ?? 200;
    if (refusal === 404 || refusal === 200) ended.add(uuid);
    return jsonAnswer('{"message":"no"}', refusal === 'ignored' ? 200 : refusal);
  };
  const { client, requests } = recordingClient(answerTo, { clock: simulator.clock, ...options });
  const stops = () => requests.filter((request) => request.startsWith('POST')).sort();
  return { client, requests, stops, advance: (ms: number) => simulator.advance(ms) };
}

function stopsOf(...uuids: string[]): string[] {
  return uuids.map((uuid) => `POST /services/${uuid}/stop`);
}

describe('stopAll stops', () => {
  const table: [title: string, options: StopAllOptions | undefined, uuids: string[]][] = [
    ['all sessions without a filter', undefined, ['u-1', 'u-2', 'u-3', 'u-4', 'u-5', 'u-6']],
    ['sessions of a service', { service: 'mr' }, ['u-1', 'u-4']],
    ['relays, also those whose service the API omits', { service: 'vpn' }, ['u-2', 'u-5']],
    ['sessions on a node', { node_id: 1 }, ['u-1', 'u-3']],
    ['sessions that have run long enough, and not those of unknown duration', { olderThanMs: 60_000 }, ['u-1', 'u-2']],
    ['sessions that have run long enough, to the second', { olderThanMs: 60_001 }, ['u-1']],
    ['sessions of known duration, if olderThanMs is 0', { olderThanMs: 0 }, ['u-1', 'u-2', 'u-3']],
    ['sessions that meet every filter', { service: 'mr', node_id: 1, olderThanMs: 1_000 }, ['u-1']],
    ['matching sessions, if dryRun is false', { node_id: 1, dryRun: false }, ['u-1', 'u-3']],
  ];
  test.each(table)('%s', async (_, options, uuids) => {
    const { client, requests, stops } = accountWith();
    const { stopped } = await client.sessions.stopAll(options);
    expect(stopped).toEqual(running.filter(({ uuid }) => uuids.includes(uuid)));
    expect(requests[0]).toBe('GET /sessions');
    expect(stops()).toEqual(stopsOf(...uuids));
    // One look proves the ends of many sessions.
    const looks = requests.filter((request) => request === 'GET /sessions?recent=true');
    expect(looks.length).toBeGreaterThan(0);
    expect(requests).toHaveLength(1 + uuids.length + looks.length);
  });

  test.each(table)('nothing with dryRun, but returns: %s', async (_, options, uuids) => {
    const { client, requests } = accountWith();
    const { stopped } = await client.sessions.stopAll({ ...options, dryRun: true });
    expect(stopped).toEqual(running.filter(({ uuid }) => uuids.includes(uuid)));
    expect(requests).toEqual(['GET /sessions']);
  });

  test('the sessions of a list that was requested with the options of the call', async () => {
    const { client, requests } = accountWith();
    await client.sessions.stopAll({ node_id: 1, query: { team: 'a' }, timeoutMs: 1_000, dryRun: true });
    expect(requests).toEqual(['GET /sessions?team=a']);
  });

  test('nothing if the caller has aborted', async () => {
    const { client, requests } = accountWith();
    await failure(client.sessions.stopAll({ signal: AbortSignal.abort() }), OctaAbortError);
    expect(requests).toEqual([]);
  });

  test('no more after an abort, and names the sessions that keep running', async () => {
    const many = Array.from({ length: 10 }, (_, at) => ({ uuid: `u-${at}` }));
    const controller = new AbortController();
    const onRequest = ({ url }: { readonly url: string }) => {
      if (url.endsWith('/u-2/stop')) controller.abort(new Error('enough'));
    };
    const { client } = accountWith({ 'u-1': 403 }, many, { onRequest });
    const error = await failure(client.sessions.stopAll({ signal: controller.signal }), OctaSessionError);
    expect(error).toMatchObject({ running: ['u-1', 'u-8', 'u-9'], session: 'u-1' });
    expect(error.stopped).toEqual(['u-0', 'u-2', 'u-3', 'u-4', 'u-5', 'u-6', 'u-7']);
    expect(error.stopFailures.map((each) => each.error)).toMatchObject([
      { name: 'OctaPermissionError' },
      { name: 'OctaAbortError', outcome: 'not-sent' },
      { name: 'OctaAbortError', outcome: 'not-sent' },
    ]);
  });

  test('nothing if the sessions cannot be read', async () => {
    const { client, requests } = recordingClient(() => jsonAnswer('{"message":"wrong key"}', 401));
    await failure(client.sessions.stopAll(), OctaAuthenticationError);
    expect(requests).toEqual(['GET /sessions']);
  });

  test('at most eight at a time, and every one of many', async () => {
    const many = Array.from({ length: 30 }, (_, at) => ({ uuid: `u-${at}` }));
    const [stopped, crowd] = [[] as string[], new Set<string>()];
    let most = 0;
    const fetch = async (url: string, { method }: RequestInit) => {
      if (method === 'GET') {
        const isRecent = url.includes('recent=true');
        return jsonAnswer(JSON.stringify(isRecent ? stopped.map((uuid) => ({ uuid, finished_at: 1 })) : many));
      }
      most = Math.max(most, crowd.add(url).size);
      await new Promise((resolve) => setImmediate(resolve));
      crowd.delete(url);
      stopped.push(url.split('/').at(-2) ?? '');
      return jsonAnswer('{}');
    };
    const client = new OctaClient({ apiKey: 'a-key', fetch, clock: new OctaSimulator().clock, logLevel: 'silent' });
    const result = await client.sessions.stopAll();
    expect([most, stopped.toSorted(), result.stopped]).toEqual([8, many.map(({ uuid }) => uuid).toSorted(), many]);
  });

  test('sessions that the list shows only at the second look, 2 s later', async () => {
    const lists = ['[]', '[{"uuid":"u-1"}]', '[{"uuid":"u-1","finished_at":1}]'];
    const clock = instantClock();
    const answerTo = (method: string) => jsonAnswer(method === 'GET' ? (lists.shift() ?? '[]') : '{}');
    const { client, requests } = recordingClient(answerTo, { clock });
    expect((await client.sessions.stopAll()).stopped).toEqual([{ uuid: 'u-1' }]);
    expect(requests.slice(0, 3)).toEqual(['GET /sessions', 'GET /sessions', 'POST /services/u-1/stop']);
    expect(clock.waits[0]).toBe(2_000);
  });

  test('nothing if the list is still empty 2 s later', async () => {
    const { client, requests } = accountWith({}, []);
    expect(await client.sessions.stopAll()).toEqual({ stopped: [] });
    expect(requests).toEqual(['GET /sessions', 'GET /sessions']);
  });

  test('nothing after an abort between the two looks', async () => {
    const { client, simulator } = market();
    const controller = new AbortController();
    const stopping = failure(client.sessions.stopAll({ signal: controller.signal }), OctaAbortError);
    await simulator.advance(1_000);
    controller.abort();
    await stopping;
    expect(countOf(simulator, 'listSessions')).toBe(1);
  });

  test('a session that is listed twice, in both letter cases, once', async () => {
    const { client, stops } = accountWith({}, [{ uuid: 'ab-1' }, { uuid: 'AB-1' }]);
    expect((await client.sessions.stopAll()).stopped).toEqual([{ uuid: 'ab-1' }]);
    expect(stops()).toEqual(stopsOf('ab-1'));
  });
});

describe('stopAll includes sessions that this client has just started,', () => {
  const lag = { lag: { listsMs: 3_600_000 } };

  test('although no list shows it yet.', async () => {
    const { client, simulator } = market(lag);
    const { uuid } = await client.services.mr.start({ node_id: 1, ...image });
    await simulator.advance(10_000);
    const { stopped } = await client.sessions.stopAll();
    expect(stopped).toEqual([{ uuid, service: 'mr', node_id: 1, duration: expect.closeTo(12, 0) }]);
    expect(simulator.running).toEqual([]);
  });

  test('and filters them by service, node and age.', async () => {
    const { client, simulator } = market(lag);
    const machine = await client.services.mr.start({ node_id: 1, ...image });
    const node = await client.services.render.start({ node_id: 11, disk_size: 20 });
    const relay = await client.services.vpn.start({ node_id: 21, subkind: 'wg' });
    await simulator.advance(10_000);
    expect((await client.sessions.stopAll({ olderThanMs: 60_000 })).stopped).toEqual([]);
    expect((await client.sessions.stopAll({ node_id: 11 })).stopped).toMatchObject([{ uuid: node.uuid }]);
    expect((await client.sessions.stopAll({ service: 'vpn' })).stopped).toMatchObject([{ uuid: relay.uuid }]);
    expect(simulator.running).toEqual([machine.uuid]);
  });

  test('but not those of another client, or those that are over.', async () => {
    const { client, simulator } = market(lag);
    const { uuid } = await client.services.mr.start({ node_id: 1, ...image });
    const other = new OctaClient({ apiKey: 'a-key', fetch: simulator.fetch, logLevel: 'silent' });
    expect((await other.sessions.stopAll()).stopped).toEqual([]);
    await client.services.session(uuid).stop({ verify: true });
    expect((await client.sessions.stopAll()).stopped).toEqual([]);
  });
});

describe('stopAll, if a session cannot be stopped,', () => {
  test('counts one that is gone as stopped', async () => {
    const { client, stops } = accountWith({ 'u-1': 404 });
    const { stopped } = await client.sessions.stopAll({ service: 'mr' });
    expect(stopped.map(({ uuid }) => uuid)).toEqual(['u-1', 'u-4']);
    expect(stops()).toEqual(stopsOf('u-1', 'u-4'));
  });

  test('stops the others, and throws with those that keep running, and why', async () => {
    const { client, stops } = accountWith({ 'u-2': 403, 'u-5': 401 });
    const error = await failure(client.sessions.stopAll(), OctaSessionError);
    expect([...new Set(stops())]).toEqual(stopsOf('u-1', 'u-2', 'u-3', 'u-4', 'u-5', 'u-6'));
    expect(error).toMatchObject({
      message: 'stopAll: 2 of 6 sessions could not be stopped and may still cost money: u-2, u-5',
      reason: 'not-stopped',
      session: 'u-2',
      running: ['u-2', 'u-5'],
      stopped: ['u-1', 'u-3', 'u-4', 'u-6'],
      outcome: 'unknown',
      info: undefined,
    });
    expect(error.stopFailures.map(({ session }) => session)).toEqual(['u-2', 'u-5']);
    expect(error.stopFailures[0]?.error).toBeInstanceOf(OctaPermissionError);
    expect(error.stopFailures[1]?.error).toBeInstanceOf(OctaAuthenticationError);
    expect(error.cause).toBe(error.stopFailures[0]?.error);
  });

  test('throws with them in the order of the sessions, whichever fails first', async () => {
    const { clock } = new OctaSimulator();
    const turns = async () => {
      for (let turn = 0; turn < 5; turn++) await new Promise((done) => setImmediate(done));
    };
    const fetch = async (url: string, { method }: RequestInit) => {
      if (method === 'GET') return jsonAnswer(url.includes('recent') ? '[]' : JSON.stringify(running.slice(0, 2)));
      if (url.includes('u-1')) await held(clock, turns);
      return jsonAnswer(`{"message":"${url.split('/').at(-2)}"}`, 403);
    };
    const client = new OctaClient({ apiKey: 'a-key', fetch, clock, logLevel: 'silent' });
    const error = await failure(client.sessions.stopAll(), OctaSessionError);
    expect([error.session, error.running]).toEqual(['u-1', ['u-1', 'u-2']]);
    expect(error.cause).toMatchObject({ message: expect.stringContaining('u-1') });
  });

  test('counts one whose stop has succeeded as stopped, although it is still listed, and proves its end in the background', async () => {
    const { client, stops, advance } = accountWith({ 'u-1': 'ignored' });
    expect((await client.sessions.stopAll({ service: 'mr' })).stopped).toHaveLength(2);
    // Background work continues, and stops it again.
    await advance(60_000);
    expect(stops().filter((stop) => stop.includes('u-1')).length).toBeGreaterThan(1);
  });
});

describe('stopAll sends nothing', () => {
  const wrong: [options: unknown, message: string][] = [
    [{ service: '' }, 'service is the string ""; allowed: one of mr, render, vpn'],
    [{ service: 'MR' }, 'service is the string "MR"; allowed: one of mr, render, vpn'],
    [{ service: ['mr'] }, 'service is an array; allowed: one of mr, render, vpn'],
    [{ node_id: '7' }, 'node_id is the string "7"; allowed: a whole number, 0 or more'],
    [{ node_id: null }, 'node_id is null; allowed: a whole number, 0 or more'],
    [{ olderThanMs: -1 }, 'olderThanMs is -1; allowed: a number of milliseconds, 0 or more'],
    [{ olderThanMs: Number.NaN }, 'olderThanMs is NaN; allowed: a number of milliseconds, 0 or more'],
    [{ dryRun: 'yes' }, 'dryRun is the string "yes"; allowed: true or false'],
    [{ dryrun: true }, 'unknown option "dryrun" for stopAll; did you mean dryRun?'],
    [
      { recent: true },
      'unknown option "recent" for stopAll; known: signal, timeoutMs, totalTimeoutMs, retries, headers, query, body, service, node_id, olderThanMs, dryRun',
    ],
    ['mr', 'options of stopAll must be an object, but are of type string'],
  ];
  test.each(wrong)('for %o', async (options, message) => {
    const { client, requests } = accountWith();
    // What a caller without types may pass.
    const error = await failure(client.sessions.stopAll(options as StopAllOptions), OctaConfigurationError);
    expect(error.message).toBe(message);
    expect(requests).toEqual([]);
  });
});

describe('A filter of stopAll that is undefined', () => {
  // For example, from a session without node_id.
  test.each(['service', 'node_id', 'olderThanMs'])(
    'throws, because it would select all sessions: %s.',
    async (name) => {
      const { client, requests } = recordingClient(() => jsonAnswer('[{"uuid":"u-1"}]'));
      const error = await failure(client.sessions.stopAll({ [name]: undefined }), OctaConfigurationError);
      expect(error.message).toMatch(new RegExp(`^${name} of stopAll is undefined; set it, or leave it out`));
      expect(requests).toEqual([]);
    },
  );

  test('does not exist if the options are null.', async () => {
    const { client, requests } = recordingClient(() => jsonAnswer('[]'));
    // What a caller without types may pass.
    await failure(client.sessions.stopAll(null as never), OctaConfigurationError);
    expect(requests).toEqual([]);
  });
});

describe('Sessions without a UUID', () => {
  const answerTo = (method: string) => jsonAnswer(method === 'GET' ? '[{"node_id":1},{"uuid":"u-1"}]' : '{}');
  const { client, requests } = recordingClient(answerTo, { clock: new OctaSimulator().clock });

  test('are not found by find.', async () => {
    expect((await client.sessions.find('u')).uuid).toBe('u-1');
  });

  test('are not stopped by stopAll.', async () => {
    expect((await client.sessions.stopAll()).stopped).toEqual([{ uuid: 'u-1' }]);
    expect(requests).toContain('POST /services/u-1/stop');
  });
});

test('A whole UUID is found although it is the beginning of another.', async () => {
  const { client } = recordingClient(() => jsonAnswer('[{"uuid":"u-10"},{"uuid":"u-1"}]'));
  expect((await client.sessions.find('U-1')).uuid).toBe('u-1');
});

test('A session that is listed twice, in both letter cases, is found as one.', async () => {
  const { client } = recordingClient(() => jsonAnswer('[{"uuid":"ab-1"},{"uuid":"AB-1"}]'));
  expect((await client.sessions.find('ab')).uuid.toLowerCase()).toBe('ab-1');
});

describe('Finding a session', () => {
  test('claims it if its start got no response.', async () => {
    const { client, simulator } = market({}, { retries: 0 });
    simulator.fail('startMr', { lost: 'after' });
    const { leaseId } = await failure(client.services.mr.start({ node_id: 1, ...image }), OctaNetworkError);
    const [uuid = ''] = simulator.running;
    const found = await client.sessions.find(uuid);
    expect([found.leaseId, typeof leaseId]).toEqual([leaseId, 'string']);
    await client.close({ stopSessions: true });
    expect(simulator.running).toEqual([]);
  });

  test('does not claim a session with a mark of another client.', async () => {
    const { client, simulator } = market();
    const { uuid } = simulator.startForeign({ node_id: 1, envs: { OCTA_LEASE_ID: 'theirs' } });
    expect((await client.sessions.find(uuid)).leaseId).toBeUndefined();
    await client.close({ stopSessions: true });
    expect(simulator.running).toEqual([uuid]);
  });
});
