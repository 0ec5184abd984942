import { describe, expect, test } from 'vitest';
import {
  OctaAbortError,
  OctaAuthenticationError,
  OctaConfigurationError,
  OctaNotFoundError,
  OctaPermissionError,
  OctaSessionError,
  type Session,
  type StopAllOptions,
} from '../../../src/index.ts';
import { SessionResource } from '../../../src/resources/services/session.ts';
import { stopAll } from '../../../src/resources/sweep.ts';
import { failure } from '../../support/failure.ts';
import { jsonAnswer, recordingClient } from '../../support/recording.ts';
import { instantClock } from '../../support/transport.ts';
import { expectRequest, type Row } from './rows.ts';

const rows: readonly Row[] = [
  ['list reads the active sessions', (client) => client.sessions.list(), 'GET /sessions'],
  ['list reads recent sessions', (client) => client.sessions.list({ recent: true }), 'GET /sessions?recent=true'],
  ['list leaves out a false filter', (client) => client.sessions.list({ recent: false }), 'GET /sessions'],
  [
    'list sends what the caller adds',
    (client) => client.sessions.list({ recent: true, query: { limit: 5n } }),
    'GET /sessions?recent=true&limit=5',
  ],
];

test.each(rows)('%s', (...row) => expectRequest(row, '[]'));

test('Numbers of recent sessions are numbers, although the API sends text.', async () => {
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
    ['the session whose uuid begins so', 'a0', third],
    ['in any case, with spaces around', ' 5DD2D308 ', first],
    ['by as much as it takes', '5dd2d309', second],
    ['by the whole uuid', second, second],
    ['by the whole uuid in another case', second.toUpperCase(), second],
  ];
  test.each(finds)('gives %s', async (_, prefix, uuid) => {
    const { client, requests } = recordingClient(() => jsonAnswer(threeSessions));
    const session = await client.sessions.find(prefix);
    expect(session).toBeInstanceOf(SessionResource);
    expect([session.uuid, requests]).toEqual([uuid, ['GET /sessions']]);
  });

  const sent: readonly Row[] = [
    [
      'looks among recent sessions',
      (client) => client.sessions.find('a', { recent: true }),
      'GET /sessions?recent=true',
    ],
    ['looks among active sessions', (client) => client.sessions.find('a', { recent: false }), 'GET /sessions'],
    [
      'sends what the caller adds',
      (client) => client.sessions.find('a', { recent: true, query: { limit: 5 } }),
      'GET /sessions?recent=true&limit=5',
    ],
  ];
  test.each(sent)('%s', (...row) => expectRequest(row, threeSessions));

  test('gives a session that can be stopped, by its uuid as the API has it', async () => {
    const { client, requests } = recordingClient(() => jsonAnswer('[{"uuid":"U-1"}]'));
    await (await client.sessions.find('u')).stop();
    expect(requests).toEqual(['GET /sessions', 'POST /services/U-1/stop']);
  });

  test.each<[prefix: string, answer: string, message: string]>([
    ['5dd2d30a', threeSessions, 'listSessions: "5dd2d30a": none of the 3 sessions has a uuid that begins so'],
    ['d308', threeSessions, 'listSessions: "d308": none of the 3 sessions has a uuid that begins so'],
    [`${first}0`, threeSessions, `listSessions: "${first}0": none of the 3 sessions has a uuid that begins so`],
    ['a', '[]', 'listSessions: "a": none of the 0 sessions has a uuid that begins so'],
  ])('says what it looked through when no session begins with %j', async (prefix, answer, message) => {
    const { client } = recordingClient(() => jsonAnswer(answer));
    const error = await failure(client.sessions.find(prefix), OctaNotFoundError);
    expect(error).toMatchObject({
      message,
      status: 404,
      outcome: 'rejected',
      request: { operation: 'listSessions', method: 'GET', url: 'https://api.test/sessions' },
    });
  });

  test('lists the sessions that begin so when there is more than one', async () => {
    const { client } = recordingClient(() => jsonAnswer(threeSessions));
    const error = await failure(client.sessions.find('5dd2'), OctaConfigurationError);
    expect(error.message).toBe(`listSessions: "5dd2": 2 sessions begin so: ${first}, ${second}`);
  });

  test.each([[''], ['  '], [undefined], [7], [null]])('sends nothing for %j', async (prefix) => {
    const { client, requests } = recordingClient(() => jsonAnswer(threeSessions));
    // What a caller without types may pass.
    const error = await failure(client.sessions.find(prefix as string), OctaConfigurationError);
    expect(error.message).toBe('the beginning of a uuid is needed, as text');
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

/** A client of an account with these sessions, where stops of some end in errors. */
function accountWith(refusals: Readonly<Record<string, number>> = {}) {
  const answerTo = (method: string, path: string) => {
    if (method === 'GET') return jsonAnswer(JSON.stringify(running));
    const status = refusals[path.split('/')[2] ?? ''] ?? 200;
    return jsonAnswer(status === 200 ? '{}' : `{"message":"no ${status}"}`, status);
  };
  const { client, requests } = recordingClient(answerTo, { clock: instantClock() });
  const stops = () => requests.filter((request) => request.startsWith('POST')).sort();
  return { client, requests, stops };
}

function stopsOf(...uuids: string[]): string[] {
  return uuids.map((uuid) => `POST /services/${uuid}/stop`);
}

describe('stopAll stops', () => {
  const table: [title: string, options: StopAllOptions | undefined, uuids: string[]][] = [
    ['everything, when it is not said what', undefined, ['u-1', 'u-2', 'u-3', 'u-4', 'u-5', 'u-6']],
    ['what is of a service', { service: 'mr' }, ['u-1', 'u-4']],
    ['relays, also those whose service the API leaves out', { service: 'vpn' }, ['u-2', 'u-5']],
    ['what is on a node', { node_id: 1 }, ['u-1', 'u-3']],
    ['what has been running for as long, not what does not say', { olderThanMs: 60_000 }, ['u-1', 'u-2']],
    ['what has been running for as long, to the second', { olderThanMs: 60_001 }, ['u-1']],
    ['what says how long it has been running, for no time', { olderThanMs: 0 }, ['u-1', 'u-2', 'u-3']],
    ['what meets every filter', { service: 'mr', node_id: 1, olderThanMs: 1_000 }, ['u-1']],
    ['what is meant, when not told to leave it', { node_id: 1, dryRun: false }, ['u-1', 'u-3']],
  ];
  test.each(table)('%s', async (_, options, uuids) => {
    const { client, requests, stops } = accountWith();
    const { stopped } = await client.sessions.stopAll(options);
    expect(stopped).toEqual(running.filter(({ uuid }) => uuids.includes(uuid)));
    expect(requests[0]).toBe('GET /sessions');
    expect(stops()).toEqual(stopsOf(...uuids));
    expect(requests).toHaveLength(1 + uuids.length);
  });

  test.each(table)('with dryRun nothing, but says: %s', async (_, options, uuids) => {
    const { client, requests } = accountWith();
    const { stopped } = await client.sessions.stopAll({ ...options, dryRun: true });
    expect(stopped).toEqual(running.filter(({ uuid }) => uuids.includes(uuid)));
    expect(requests).toEqual(['GET /sessions']);
  });

  test('what is there by a list that was asked for with the options of the call', async () => {
    const { client, requests } = accountWith();
    await client.sessions.stopAll({ node_id: 1, query: { team: 'a' }, timeoutMs: 1_000, dryRun: true });
    expect(requests).toEqual(['GET /sessions?team=a']);
  });

  test('nothing when the caller has given up', async () => {
    const { client, requests } = accountWith();
    await failure(client.sessions.stopAll({ signal: AbortSignal.abort() }), OctaAbortError);
    expect(requests).toEqual([]);
  });

  test('no more once the caller gives up, and names what runs on', async () => {
    const controller = new AbortController();
    const stop = async (uuid: string) => {
      if (uuid === 'u-2') controller.abort(new Error('enough'));
    };
    const work = stopAll({ active: async () => running, stop }, { signal: controller.signal });
    const error = await failure(work, OctaSessionError);
    expect(error).toMatchObject({ running: ['u-3', 'u-4', 'u-5', 'u-6'], stopped: ['u-1', 'u-2'] });
    expect(error.cause).toMatchObject({ name: 'OctaAbortError', outcome: 'not-sent' });
  });

  test('nothing when the sessions cannot be read', async () => {
    const { client, requests } = recordingClient(() => jsonAnswer('{"message":"wrong key"}', 401));
    await failure(client.sessions.stopAll(), OctaAuthenticationError);
    expect(requests).toEqual(['GET /sessions']);
  });

  test('at most eight at a time, and every one of many', async () => {
    const many = Array.from({ length: 30 }, (_, at) => ({ uuid: `u-${at}` }));
    const [stopped, crowd] = [[] as string[], new Set<string>()];
    let most = 0;
    const stop = async (uuid: string) => {
      most = Math.max(most, crowd.add(uuid).size);
      await new Promise((resolve) => setImmediate(resolve));
      crowd.delete(uuid);
      stopped.push(uuid);
    };
    const result = await stopAll({ active: async () => many, stop });
    expect([most, stopped, result.stopped]).toEqual([8, many.map(({ uuid }) => uuid), many]);
  });
});

describe('stopAll, when a session cannot be stopped,', () => {
  test('takes one that is gone for stopped', async () => {
    const { client, stops } = accountWith({ 'u-1': 404 });
    const { stopped } = await client.sessions.stopAll({ service: 'mr' });
    expect(stopped.map(({ uuid }) => uuid)).toEqual(['u-1', 'u-4']);
    expect(stops()).toEqual(stopsOf('u-1', 'u-4'));
  });

  test('stops the others, and says which ones go on, and why', async () => {
    const { client, stops } = accountWith({ 'u-2': 403, 'u-5': 401 });
    const error = await failure(client.sessions.stopAll(), OctaSessionError);
    expect([...new Set(stops())]).toEqual(stopsOf('u-1', 'u-2', 'u-3', 'u-4', 'u-5', 'u-6'));
    expect(error).toMatchObject({
      message: 'stopAll: 2 of 6 sessions could not be stopped, and may cost money on: u-2, u-5',
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

  test('says so in the order of the sessions, whichever fails first', async () => {
    const stop = async (uuid: string) => {
      if (uuid === 'u-1') await new Promise((resolve) => setImmediate(resolve));
      throw new Error(uuid);
    };
    const error = await failure(stopAll({ active: async () => running.slice(0, 2), stop }), OctaSessionError);
    expect([error.session, error.running, error.cause]).toEqual(['u-1', ['u-1', 'u-2'], new Error('u-1')]);
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
    [{ dryrun: true }, 'options of stopAll know no "dryrun"; did you mean dryRun?'],
    [
      { recent: true },
      'options of stopAll know no "recent"; known: signal, timeoutMs, totalTimeoutMs, retries, headers, query, body, service, node_id, olderThanMs, dryRun',
    ],
    ['mr', 'options of stopAll are of type string; an object is needed'],
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
  // As when a session does not say which node it is on.
  test.each(['service', 'node_id', 'olderThanMs'])('is refused, because it would mean all: %s.', async (name) => {
    const { client, requests } = recordingClient(() => jsonAnswer('[{"uuid":"u-1"}]'));
    const error = await failure(client.sessions.stopAll({ [name]: undefined }), OctaConfigurationError);
    expect(error.message).toMatch(new RegExp(`^${name} is undefined; leave it out`));
    expect(requests).toEqual([]);
  });

  test('is none where null stands for the options.', async () => {
    const { client, requests } = recordingClient(() => jsonAnswer('[]'));
    // What a caller without types may pass.
    await failure(client.sessions.stopAll(null as never), OctaConfigurationError);
    expect(requests).toEqual([]);
  });
});

describe('Sessions without a uuid', () => {
  const { client, requests } = recordingClient((method) =>
    jsonAnswer(method === 'GET' ? '[{"node_id":1},{"uuid":"u-1"}]' : '{}'),
  );

  test('are none that find finds.', async () => {
    expect((await client.sessions.find('u')).uuid).toBe('u-1');
  });

  test('are left alone by stopAll.', async () => {
    expect((await client.sessions.stopAll()).stopped).toEqual([{ uuid: 'u-1' }]);
    expect(requests).toContain('POST /services/u-1/stop');
  });
});

test('A whole uuid is found although it is the beginning of another.', async () => {
  const { client } = recordingClient(() => jsonAnswer('[{"uuid":"u-10"},{"uuid":"u-1"}]'));
  expect((await client.sessions.find('U-1')).uuid).toBe('u-1');
});
