/** `npm run drift -- --live` against a server that departs from the spec, with values that must not leak. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { operations } from '../../generated/operations.ts';
import * as plans from '../../generated/plans.ts';
import { checkLive, hasDrift, hasFailed, type Section } from '../../scripts/drift/live.ts';
import { stepsOf } from '../../scripts/drift/observe.ts';
import { assertReadOnly, leftOut, probes } from '../../scripts/drift/probes.ts';
import { liveReport } from '../../scripts/drift/report.ts';
import { isFieldName, safeKey, shapeText, withoutSecrets } from '../../scripts/drift/sanitise.ts';
import { fieldsOf } from '../../src/codec/plan.ts';
import { formsOf } from '../../src/core/rows.ts';
import { json, serve, type TestServer } from '../support/server.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const apiKey = `9f${'0123456789abcdef'.repeat(4)}`.slice(0, 64);
const uuid = '5dd2d308-db91-4bda-86ff-e512d711b363';
const ended = '0e7d1c1a-1111-4bda-86ff-e512d711b363';

/** Values that must not appear in a report. */
const secrets = [
  apiKey,
  uuid,
  ended,
  'jane@example.com',
  '203.0.113.7',
  'hunter2',
  'MY_PASSWORD',
  'jane',
  '0x52908400098527886E0F',
  '31428028938060847852',
];

const machine = '"node_id":9010,"country":"France","city":"Paris","gpus":[],"net_up_mbits":1';

/** Answers by path, digit for digit. */
const answers: Readonly<Record<string, string>> = {
  '/network':
    '{"market_price":0.1,"blockchain":{"height":1,"era":"Vega"},"marketplace":{"gpus":{"NVIDIA RTX 4090":{"avg_price":"cheap"}}}}',
  '/accounts': `{"account_uuid":"${uuid}","email":"jane@example.com","balance":31428028938060847852,"wallet":17,"last_login":{"ip":"203.0.113.7","at":1776161866303}}`,
  '/accounts/balance': `{"currency":"OCTA","owner":"jane@example.com","key":"${apiKey}"}`,
  '/apps': `[{"uuid":"${uuid}","name":"a","image":"a","ports":"[1]","http_ports":"[]","envs":{"MY_PASSWORD":"hunter2"}}]`,
  '/nodes': '[{"id":1,"ip":"203.0.113.7"},{"id":2,"score":4.5},{"id":3},{"id":4}]',
  '/nodes/1': '{"id":1,"features":["a",7]}',
  '/nodes/2': '{"id":2,"features":[]}',
  '/nodes/3': '{"id":3}',
  '/services/mr': `[{${machine},"net_down_mbits":1},{${machine}}]`,
  '/services/render': '{"machines":[]}',
  '/services/vpn': '[]',
  '/sessions': `[{"uuid":"${uuid}","container_id":["7f3b","9d01"],"users":{"${uuid}":{"role":"admin"},"jane@example.com":{"role":"guest"}}}]`,
  '/sessions?recent=true': `[{"uuid":"${ended}","duration":"28"}]`,
  [`/services/${uuid}/info`]: `{"uuid":"${uuid}","user_envs":{"MY_PASSWORD":"hunter2"}}`,
  [`/services/${uuid}/logs`]: '{"system":[{"ts":1776161866508,"msg":"jane","level":"info"}]}',
  [`/services/${ended}/logs?recent=true`]: '{"system":[]}',
};

function serveAnswers(overrides: Readonly<Record<string, string>> = {}): Promise<TestServer> {
  const all: Readonly<Record<string, string>> = { ...answers, ...overrides };
  return serve(({ path }, response) => {
    const text = all[path];
    json(response, text ?? '{"error":"Session of jane@example.com not found"}', text === undefined ? 404 : 200);
  });
}

function sectionOf(sections: readonly Section[], title: string): Section {
  const found = sections.find((each) => each.title === title);
  if (found === undefined) throw new Error(`no section ${title}`);
  return found;
}

/** The differences of a section: kind, place, promise, and what came. */
function driftOf(section: Section): string[] {
  return section.drift.map(
    ({ kind, place, expected, shapes }) =>
      `${kind} ${place} ${expected}: ${[...shapes].map(([shape, times]) => `${shape} ${times}`).join(', ')}`,
  );
}

describe('the live API', () => {
  let server: TestServer;
  let sections: Section[];
  let report: string;

  beforeAll(async () => {
    server = await serveAnswers();
    sections = await checkLive({ apiKey, baseUrl: server.url, retries: 0, keys: true });
    report = liveReport(sections, { address: server.url, at: new Date(0), apiKey, source: 'sha256 12' });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const cases: [title: string, drift: string[]][] = [
    ['getNetwork', ['mistyped marketplace.gpus{}.avg_price number: string(5) 1']],
    [
      'getAccount',
      [
        'mistyped wallet string: integer(2 digits) 1',
        'unknown last_login nothing: object{at,ip} 1',
        'unknown last_login.at nothing: integer(13 digits) 1',
        'unknown last_login.ip nothing: string(11, ip) 1',
      ],
    ],
    [
      'getBalance',
      [
        'missing balance wei: absent 1',
        'unknown owner nothing: string(16, email) 1',
        'unknown key nothing: string(64, hex) 1',
      ],
    ],
    ['listApps', []],
    ['listNodes', ['unknown [].score nothing: absent 3, number 1']],
    ['getNode', ['mistyped features[] string: string(1) 1, integer(1 digit) 1']],
    ['listMrMachines', ['missing [].net_down_mbits mbits: integer(1 digit) 1, absent 1']],
    ['listVpnNodes', []],
    [
      'listSessions (active)',
      [
        'unknown [].users nothing: object(2 keys) 1',
        'unknown [].users{} nothing: object{role} 2',
        'unknown [].users{}.role nothing: string(5) 2',
      ],
    ],
    ['listSessions (recent)', []],
    ['getSessionInfo', []],
    ['getSessionLogs', ['unknown system[].level nothing: string(4) 1']],
  ];
  test.each(cases)('%s: every difference with its shapes', (title, drift) => {
    expect(driftOf(sectionOf(sections, title))).toEqual(drift);
  });

  test('a response of another form is drift', () => {
    const { unreadable, errors } = sectionOf(sections, 'listRenderMachines');
    expect(unreadable).toBe(true);
    expect([...errors]).toEqual([['OctaResponseError: expected RenderMachine[], but the response is an object', 1]]);
  });

  test('errors are reported by class and status', () => {
    const { statuses, errors, calls } = sectionOf(sections, 'getSessionInfo');
    expect({ calls, statuses: [...statuses], errors: [...errors] }).toEqual({
      calls: 2,
      statuses: [
        ['200', 1],
        ['404', 1],
      ],
      errors: [['OctaNotFoundError 404', 1]],
    });
  });

  test('fields without a specified type are also shown', () => {
    const untyped = sections.flatMap((section) =>
      section.untyped.map(({ place, shapes }) => [place, ...shapes.keys()]),
    );
    expect(untyped).toEqual([['blockchain.era', 'string(4)']]);
  });

  test('only the first nodes and sessions are read, and only reads are sent', () => {
    expect(server.received.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /network',
      'GET /accounts',
      'GET /accounts/balance',
      'GET /apps',
      'GET /nodes',
      'GET /nodes/1',
      'GET /nodes/2',
      'GET /nodes/3',
      'GET /services/mr',
      'GET /services/render',
      'GET /services/vpn',
      'GET /sessions',
      'GET /sessions?recent=true',
      `GET /services/${uuid}/info`,
      `GET /services/${ended}/info?recent=true`,
      `GET /services/${ended.toUpperCase()}/info?recent=true`,
      `GET /services/${uuid}/logs`,
      `GET /services/${ended}/logs?recent=true`,
    ]);
  });

  test.each(secrets)('the report does not contain %s', (secret) => {
    expect(report.toLowerCase()).not.toContain(secret.toLowerCase());
    expect(report).not.toContain(server.url.replace('http://', ''));
  });

  test('the report is Markdown with a section per operation', () => {
    expect(report).toContain('- Result: 13 checked, 9 with drift, 2 with errors, 4 skipped\n');
    expect(report).toContain(
      [
        '## listNodes',
        '',
        '`GET /nodes`: 1 call, status 200, 4 items, **drift**.',
        '',
        '| drift | field | promised | came |',
        '| --- | --- | --- | --- |',
        '| unknown | `[].score` | nothing | absent ×3, number |',
        '',
      ].join('\n'),
    );
    expect(report).toContain(
      '## getIdleJob\n\n`GET /idle_jobs/{node_id}/{job_id}`: skipped, no call lists the ids of idle jobs.\n',
    );
  });
});

test('Without a key, only public operations are read, and the rest is reported as skipped.', async () => {
  await using server = await serveAnswers();
  const sections = await checkLive({ apiKey: undefined, baseUrl: server.url, retries: 0, keys: false });
  expect(server.received.map(({ path, headers }) => [path, headers.authorization])).toEqual([['/network', undefined]]);
  expect(sections.filter(({ calls }) => calls > 0).map(({ title }) => title)).toEqual(['getNetwork']);
  expect(sectionOf(sections, 'listApps').skipped).toBe('needs OCTA_API_KEY');
});

test('An unreachable API is a failure, and not drift.', async () => {
  const { url } = await serveAnswers().then(async (server) => {
    await server[Symbol.asyncDispose]();
    return server;
  });
  const sections = await checkLive({ apiKey: undefined, baseUrl: url, retries: 0, keys: false });
  expect([hasDrift(sections), hasFailed(sections)]).toEqual([false, true]);
  expect([...sectionOf(sections, 'getNetwork').errors]).toEqual([['OctaConnectionError', 1]]);
});

describe('names of people', () => {
  const people: Readonly<Record<string, string>> = {
    '/accounts/balance':
      '{"balance":1,"shared":{"alice":1,"bobsmith":2},"team":{"john-doe":{"age":5}},"seats":[{"carol":1}]}',
    '/network': '{"market_price":1,"blockchain":{"height":1,"era":{"dave":1}}}',
    '/accounts': '{"account_uuid":{"erin":1},"email":"","balance":1}',
  };
  const names = ['alice', 'bobsmith', 'john-doe', 'carol', 'dave', 'erin'];

  async function reportOf(keys: boolean) {
    await using server = await serveAnswers(people);
    const sections = await checkLive({ apiKey, baseUrl: server.url, retries: 0, keys });
    const report = liveReport(sections, { address: server.url, at: new Date(0), apiKey, source: 'sha256 12' });
    return { sections, report };
  }

  test('that are keys below an unspecified field are not shown, nor what is below them', async () => {
    const { sections, report } = await reportOf(false);
    expect(driftOf(sectionOf(sections, 'getBalance'))).toEqual([
      'unknown shared nothing: object(2 keys) 1',
      'unknown team nothing: object(1 key) 1',
      'unknown seats nothing: array(1) 1',
      'unknown seats[] nothing: object(1 key) 1',
    ]);
    expect(driftOf(sectionOf(sections, 'getAccount'))).toEqual(['mistyped account_uuid string: object(1 key) 1']);
    expect(names.filter((name) => report.includes(name))).toEqual([]);
  });

  test('are shown with --keys, which says that they may be personal', async () => {
    const { sections, report } = await reportOf(true);
    expect(driftOf(sectionOf(sections, 'getBalance'))).toContain('unknown team.john-doe nothing: object{age} 1');
    expect(names.filter((name) => !report.includes(name))).toEqual([]);
  });
});

test('Issues that only schemas find are also reported: ranges, fractions and forms.', async () => {
  await using server = await serveAnswers({
    '/services/mr': `[{${machine},"net_down_mbits":1,"gpu":3}]`,
    '/nodes': '[{"id":1.5},{"id":2},{"id":2.5}]',
    '/services/vpn': '[{"node_id":1,"country":"F","city":"P","net_down_mbits":-12,"net_up_mbits":1}]',
    '/accounts': `{"account_uuid":5,"email":"","balance":1}`,
  });
  const sections = await checkLive({ apiKey, baseUrl: server.url, retries: 0, keys: false });
  const found = ['listMrMachines', 'listNodes', 'listVpnNodes', 'getAccount'].map((id) =>
    driftOf(sectionOf(sections, id)),
  );
  expect(found).toEqual([
    ['invalid [].gpu object or string: integer(1 digit) 1'],
    ['invalid [].id whole number: number 2, integer(1 digit) 1'],
    ['invalid [].net_down_mbits at least 0: integer(2 digits, negative) 1'],
    ['mistyped account_uuid string: integer(1 digit) 1'],
  ]);
});

describe('only reads', () => {
  test('every operation that reads is called, or left out for a reason', () => {
    const reads = Object.entries(operations)
      .filter(([, { effect }]) => effect === 'read')
      .map(([id]) => id);
    const known = new Set([...probes.map(({ operation }) => operation), ...Object.keys(leftOut)]);
    expect([...known].sort()).toEqual(reads.sort());
  });

  test.each([
    ['rebootNode', 'GET'],
    ['stopSession', 'POST'],
    ['startMr', 'POST'],
    ['getNode', 'POST'],
    ['GET /services/{uuid}/stop', 'GET'],
  ])('%s %s is refused before it is sent', (operation, method) => {
    expect(() => assertReadOnly(operation, method)).toThrow('does more than read');
  });
});

describe('shapes', () => {
  const cases: [value: unknown, want: string][] = [
    [undefined, 'absent'],
    [null, 'null'],
    [true, 'boolean'],
    [7, 'integer(1 digit)'],
    [-12, 'integer(2 digits, negative)'],
    [1e21, 'integer(22 digits)'],
    [0.5, 'number'],
    [31428028938060847852n, 'integer(20 digits)'],
    ['', 'string(0)'],
    ['running', 'string(7)'],
    [uuid, 'string(36, uuid)'],
    ['jane@example.com', 'string(16, email)'],
    ['203.0.113.7', 'string(11, ip)'],
    ['2001:db8::1', 'string(11, ip)'],
    ['https://a.example/b', 'string(19, url)'],
    ['trojan://a', 'string(10, url)'],
    ['2026-04-15T00:00:00Z', 'string(20, date-time)'],
    ['2026-8-10', 'string(9, date)'],
    ['28', 'string(2, digits)'],
    ['0.5', 'string(3, number)'],
    ['[22]', 'string(4, JSON)'],
    [apiKey, 'string(64, hex)'],
    ['0xabc123', 'string(8, hex)'],
    ['H4sIAN6R2GkAA8tIzcnJVyjPL8pJAQCFEUoNCwAAAA==', 'string(44, base64)'],
    [[1, 2, 3], 'array(3)'],
    [{ b: 1, a: 2 }, 'object{a,b}'],
    [{}, 'object{}'],
    [{ [uuid]: 1 }, 'object(1 key)'],
    [{ 'jane@example.com': 1, b: 2 }, 'object(2 keys)'],
    [
      Object.fromEntries(
        Array.from('abcdefghijklmnopqrstuvwxyzäabcdefghijkl', (letter, at) => [`${letter}${'x'.repeat(at)}`, at]),
      ),
      'object(39 keys)',
    ],
  ];
  test.each(cases.map(([value, want]) => [want, value] as const))('%s', (want, value) => {
    expect(shapeText(value, true)).toBe(want);
  });

  test('have no keys unless they are requested', () => {
    expect(shapeText({ alice: 1, bobsmith: 2 }, false)).toBe('object(2 keys)');
    expect(shapeText({}, false)).toBe('object(0 keys)');
  });

  test.each([
    'node_id',
    'net_down_mbits',
    'multi-gpu-worker',
    'mmROI',
    's_avg_d',
    'frames_24h',
    'ipv4',
    'isReady',
    'x',
  ])('%s is the name of a field', (key) => {
    expect(isFieldName(key)).toBe(true);
    expect(safeKey(key)).toBe(key);
  });

  test('every field of the spec has such a name', () => {
    const fields = Object.values(plans).flatMap((plan) => Object.keys(fieldsOf(plan)));
    expect(fields.filter((field) => !isFieldName(field))).toEqual([]);
  });

  test.each([
    uuid,
    'jane@example.com',
    '203.0.113.7',
    'deadbeefcafe',
    '2026-8-10',
    'NVIDIA RTX 4090',
    'MY_PASSWORD',
    '22',
    '',
    'a.b',
    apiKey,
    `a${'b'.repeat(40)}`,
  ])('%s is not', (key) => {
    expect(isFieldName(key)).toBe(false);
    expect(safeKey(key)).toBe(`(key of ${key.length} characters)`);
  });

  test('a report is searched again for text that looks like a value', () => {
    const text = `a ${uuid}, jane@example.com, 203.0.113.7, ${apiKey.slice(0, 40)}, my-key`;
    expect(withoutSecrets(text, 'my-key')).toBe('a [removed], [removed], [removed], [removed], [removed]');
  });
});

describe('places of paths that onDrift gives', () => {
  const [network] = formsOf(operations.getNetwork);
  test.each([
    ['market_price', {}, [{ field: 'market_price' }]],
    [
      'marketplace.gpus.RTX 4.5 [a].b.count',
      { marketplace: { gpus: { 'RTX 4.5 [a].b': {} } } },
      [{ field: 'marketplace' }, { field: 'gpus' }, 'values', { field: 'count' }],
    ],
    ['a.b', { 'a.b': 1, a: {} }, [{ field: 'a.b' }]],
    ['', {}, []],
    ['nowhere', {}, undefined],
  ])('%s', (path, value, want) => {
    if (network === undefined) throw new Error('no form');
    expect(stepsOf(path, value, network)).toEqual(want);
  });
});

describe('npm run drift -- --live', () => {
  function runLive(given: readonly string[], env: Readonly<Record<string, string>>) {
    const command = [join(root, 'node_modules/tsx/dist/cli.mjs'), join(root, 'scripts/drift.ts'), '--live', ...given];
    const { OCTA_API_KEY: _, OCTA_BASE_URL: __, ...rest } = process.env;
    return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
      execFile(process.execPath, command, { cwd: root, env: { ...rest, ...env } }, (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
      });
    });
  }

  test('writes the report to a file and exits with 1', async () => {
    await using server = await serveAnswers();
    const folder = mkdtempSync(join(tmpdir(), 'octaspace-drift-'));
    const file = join(folder, 'report.md');
    const { code, stdout, stderr } = await runLive(['--base-url', server.url, '--out', file], { OCTA_API_KEY: apiKey });
    const report = readFileSync(file, 'utf8');
    rmSync(folder, { recursive: true });
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toBe(`13 checked, 9 with drift, 2 with errors, 4 skipped; the report is in ${file}\n`);
    expect(report).toMatch(/^# Drift of the live API\n/);
    expect(secrets.filter((secret) => report.includes(secret))).toEqual([]);
  });

  test('sends nothing if the report cannot be written', async () => {
    await using server = await serveAnswers();
    const file = join(root, 'no-such-folder', 'report.md');
    const { code, stdout, stderr } = await runLive(['--base-url', server.url, '--out', file], { OCTA_API_KEY: apiKey });
    expect({ code, stdout, sent: server.received.length }).toEqual({ code: 2, stdout: '', sent: 0 });
    expect(stderr).toContain(`ENOENT: no such file or directory, open '${file}'`);
  });

  test.skipIf(!existsSync('/dev/full'))('prints the report when it cannot be written', async () => {
    await using server = await serveAnswers();
    const { code, stdout, stderr } = await runLive(['--base-url', server.url, '--out', '/dev/full'], {});
    expect(code).toBe(2);
    expect(stdout).toMatch(/^# Drift of the live API\n/);
    expect(stderr).toContain('ENOSPC');
  });

  test('exits with 0 when nothing differs, and prints the report', async () => {
    await using server = await serveAnswers({ '/network': '{"market_price":0.1}' });
    const { code, stdout } = await runLive([], { OCTA_BASE_URL: server.url });
    expect(code).toBe(0);
    expect(stdout).toContain('- Result: 1 checked, 0 with drift, 0 with errors, 16 skipped\n');
  });

  test('exits with 2 when nothing could be read', async () => {
    await using server = await serve((_, response) => json(response, '{}', 403));
    const { code, stdout } = await runLive(['--base-url', server.url], {});
    expect(code).toBe(2);
    expect(stdout).toContain('Errors: OctaPermissionError 403.');
  });

  test('exits with 2 for an invalid address', async () => {
    const { code, stderr } = await runLive(['--base-url', 'ftp://a'], {});
    expect(code).toBe(2);
    expect(stderr).toMatch(/baseUrl/);
  });
});
