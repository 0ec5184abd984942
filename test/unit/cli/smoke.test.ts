import { describe, expect, test, vi } from 'vitest';
import { operations } from '../../../generated/operations.ts';
import { checks, suites } from '../../../src/cli/smoke-checks.ts';
import type { FetchLike } from '../../../src/index.ts';
import { OctaSimulator } from '../../../src/testing/index.ts';
import { runCli } from './console.ts';

const apiKey = 'k3y-that-must-not-appear-anywhere';
const uuid = '5dd2d308-db91-4bda-86ff-e512d711b363';

/** An account with one machine rented, one session that ended, and one node. */
const answers: Readonly<Record<string, string>> = {
  '/network': '{"market_price":0.104,"nodes":{"count":500}}',
  '/accounts': '{"account_uuid":"a","email":"jane@example.com","balance":1,"wallet":"0x1"}',
  '/accounts/balance': '{"balance":31428028938060847852}',
  '/apps': '[]',
  '/nodes': '[{"id":7}]',
  '/nodes/7': '{"id":7,"state":"idle"}',
  '/sessions': `[{"uuid":"${uuid}"}]`,
  '/sessions?recent=true': '[{"uuid":"ended"}]',
  [`/services/${uuid}/info`]: `{"uuid":"${uuid}","service":"mr","progress":"service configured"}`,
  [`/services/${uuid}/logs`]: '{"system":[{},{}]}',
  '/services/mr':
    '[{"node_id":1,"country":"F","city":"P","gpus":[],"net_up_mbits":1,"net_down_mbits":1,"total_price_usd":0.5}]',
  '/services/render': '[]',
  '/services/vpn': '[]',
  '/idle_jobs/7/42': '{"is_up":true}',
  '/idle_jobs/7/42/logs': '{"data":"hello"}',
};

interface Sent {
  readonly path: string;
  readonly key: string | null;
}

/** A fetch that gives these answers and remembers what it was asked. */
function answering(overrides: Readonly<Record<string, string | (() => Response)>> = {}) {
  const all: Readonly<Record<string, string | (() => Response)>> = { ...answers, ...overrides };
  const sent: Sent[] = [];
  const fetch: FetchLike = async (url, init) => {
    const path = String(url).replace('https://api.octa.computer', '');
    sent.push({ path, key: new Headers(init?.headers).get('authorization') });
    const answer = all[path];
    if (typeof answer === 'function') return answer();
    return answer === undefined ? new Response('{"error":"Not found"}', { status: 404 }) : new Response(answer);
  };
  return { fetch, sent };
}

const env = { OCTA_API_KEY: apiKey };

/** Lines of output without the times in them. */
function linesOf(stdout: string): string[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/ +\d+ ms/, ' N ms').replace(/ {2,}/g, '  '));
}

test('Every check prints one line, and a summary comes last.', async () => {
  const { fetch, sent } = answering();
  const { code, stdout, stderr } = await runCli(['smoke', '--idle-job', '7/42'], { env, fetch });
  expect(linesOf(stdout)).toEqual([
    'ok  network.get N ms  500 nodes, 0.104 USD per OCTA',
    'ok  account.get N ms  with a wallet',
    'ok  account.balance N ms  31.428 OCTA',
    'ok  apps.list N ms  0 apps',
    'ok  nodes.list N ms  1 node',
    'ok  nodes.get N ms  node 7, idle',
    'ok  sessions.list N ms  1 active session',
    'ok  sessions.recent N ms  1 recent session',
    'ok  session.info N ms  mr, service configured',
    'ok  session.logs N ms  2 system log lines',
    'ok  services.mr N ms  1 machine, from 0.5 USD per hour',
    'ok  services.render N ms  0 machines',
    'ok  services.vpn N ms  0 relays',
    'ok  idle-jobs.get N ms  running',
    'ok  idle-jobs.logs N ms  5 characters',
    '15 passed, 0 failed, 0 skipped',
  ]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(sent.map(({ path }) => path)).toEqual(Object.keys(answers));
});

test('Columns are aligned.', async () => {
  const { fetch } = answering();
  const { stdout } = await runCli(['smoke', '--suite', 'account'], { env, fetch });
  expect(stdout).toMatch(
    /^ok {4}account\.get {7,}\d+ ms {3}with a wallet\nok {4}account\.balance {3,}\d+ ms {3}31\.428 OCTA\n/,
  );
});

test('Without a key only what is public is checked, and the rest says what it needs.', async () => {
  const { fetch, sent } = answering();
  const { code, stdout } = await runCli(['smoke'], { env: {}, fetch });
  expect(code).toBe(0);
  expect(sent).toEqual([
    { path: '/network', key: null },
    { path: '/apps', key: null },
  ]);
  expect(linesOf(stdout).filter((line) => line.startsWith('skip'))).toHaveLength(13);
  expect(linesOf(stdout)).toContain('skip  account.balance  needs OCTA_API_KEY');
  expect(linesOf(stdout).at(-1)).toBe('2 passed, 0 failed, 13 skipped');
});

test('A failure is told with its class and request id, and the exit code is 1.', async () => {
  const refusal = () =>
    new Response(`{"error":"${apiKey} is no key"}`, { status: 401, headers: { 'x-request-id': 'r-1' } });
  const { fetch } = answering({ '/accounts/balance': refusal });
  const { code, stdout, stderr } = await runCli(['smoke', '--suite', 'account'], { env, fetch });
  expect(code).toBe(1);
  expect(linesOf(stdout).slice(1)).toEqual([
    'FAIL  account.balance N ms  OctaAuthenticationError: getBalance: 401: [API key] is no key (request id r-1)',
    '1 passed, 1 failed, 0 skipped',
  ]);
  expect(stdout + stderr).not.toContain(apiKey);
});

test('Drift is a note, not a failure.', async () => {
  const { fetch } = answering({
    '/network': '{"market_price":0.1,"new":1,"newer":2}',
    '/accounts/balance': '{"balance":"much"}',
  });
  const { code, stdout } = await runCli(['smoke', '--suite', 'network,account'], { env, fetch });
  expect(code).toBe(0);
  expect(linesOf(stdout).slice(0, 3)).toEqual([
    'ok  network.get N ms  0.1 USD per OCTA, drift 2 fields',
    'ok  account.get N ms  with a wallet',
    'ok  account.balance N ms  unreadable, drift 1 field',
  ]);
});

describe('what there is nothing to check with is skipped', () => {
  const broken = () => new Response('{}', { status: 403 });
  const cases: [title: string, overrides: Record<string, string | (() => Response)>, lines: string[]][] = [
    ['no node', { '/nodes': '[]' }, ['skip  nodes.get  there is no node']],
    ['no list of nodes', { '/nodes': broken }, ['skip  nodes.get  nodes.list failed']],
    [
      'no session',
      { '/sessions': '[]', '/sessions?recent=true': '[]' },
      ['skip  session.info  there is no session', 'skip  session.logs  there is no session'],
    ],
    [
      'no list of sessions',
      { '/sessions': broken, '/sessions?recent=true': '[]' },
      [
        'skip  session.info  sessions.list or sessions.recent failed',
        'skip  session.logs  sessions.list or sessions.recent failed',
      ],
    ],
    [
      'only a session that has ended',
      { '/sessions': '[]', '/services/ended/logs?recent=true': '{"system":[]}' },
      ['skip  session.info  the only session has ended'],
    ],
  ];
  test.each(cases)('%s', async (_, overrides, lines) => {
    const { fetch } = answering(overrides);
    const { stdout } = await runCli(['smoke', '--suite', 'nodes,sessions'], { env, fetch });
    expect(linesOf(stdout).filter((line) => line.startsWith('skip'))).toEqual(lines);
  });

  test('idle jobs, whose ids nobody lists', async () => {
    const { fetch, sent } = answering();
    const { code, stdout, stderr } = await runCli(['smoke', '--suite', 'idle-jobs'], { env, fetch });
    expect(linesOf(stdout)).toEqual([
      'skip  idle-jobs.get  needs --idle-job NODE/JOB, because the API does not list idle jobs',
      'skip  idle-jobs.logs  needs --idle-job NODE/JOB, because the API does not list idle jobs',
      '0 passed, 0 failed, 2 skipped',
    ]);
    const why = 'octaspace: nothing was checked: needs --idle-job NODE/JOB, because the API does not list idle jobs\n';
    expect({ code, stderr }).toEqual({ code: 1, stderr: why });
    expect(sent).toEqual([]);
  });
});

test.each([[], ['--json']])(
  'When nothing at all was checked, that is a failure, and is told why: %j',
  async (...given) => {
    const { fetch, sent } = answering();
    const { code, stderr } = await runCli(['smoke', '--suite', 'account', ...given], { env: {}, fetch });
    const message = 'nothing was checked: needs OCTA_API_KEY';
    const line = given.length === 0 ? `octaspace: ${message}` : JSON.stringify({ level: 'error', message });
    expect({ code, stderr }).toEqual({ code: 1, stderr: `${line}\n` });
    expect(sent).toEqual([]);
  },
);

describe('What the API wrote cannot forge lines', () => {
  const forged = '\u001b[2K\r\nok  all is well\u009b1A\u202e';
  const fetchOf = () => {
    const info = { uuid, service: forged, progress: 'x' };
    return answering({
      '/nodes/7': JSON.stringify({ id: 7, state: forged }),
      [`/services/${uuid}/info`]: JSON.stringify(info),
      [`/services/${uuid}/logs`]: () => new Response(JSON.stringify({ error: forged }), { status: 400 }),
    });
  };
  // What may stand in output besides text: line breaks.
  const odd = /[^\P{C}\n]/gu;

  test.each([[], ['--json']])('on the screen: %j', async (...given) => {
    const { fetch } = fetchOf();
    const { stdout } = await runCli(['smoke', '--suite', 'nodes,sessions', ...given], { env, fetch });
    expect(stdout.match(odd) ?? []).toEqual([]);
    expect(stdout).toContain('all is well\\u009b1A\\u202e');
    expect(stdout).not.toMatch(/^ok {2}all/m);
  });

  test('in the log', async () => {
    const { fetch } = answering({ '/network': `{"market_price":1,${JSON.stringify(forged)}:1}` });
    // The client reads it from the process.
    vi.stubEnv('OCTA_LOG_LEVEL', 'info');
    const loud = { ...env, OCTA_LOG_LEVEL: 'info' };
    const { stderr } = await runCli(['smoke', '--suite', 'network'], { env: loud, fetch });
    vi.unstubAllEnvs();
    expect(stderr.match(odd) ?? []).toEqual([]);
    expect(stderr).toContain('all is well');
  });
});

test.each(['100%done', '%%', '%', 'a%c3%a9'])('The log shows %j as it is.', async (name) => {
  const { fetch } = answering({ '/network': `{"market_price":1,${JSON.stringify(name)}:1}` });
  vi.stubEnv('OCTA_LOG_LEVEL', 'info');
  const loud = { ...env, OCTA_LOG_LEVEL: 'info' };
  const { stderr } = await runCli(['smoke', '--suite', 'network', '--json'], { env: loud, fetch });
  vi.unstubAllEnvs();
  const messages = linesOf(stderr).map((line) => JSON.parse(line).message);
  expect(messages).toContainEqual(expect.stringMatching(/^getNetwork: .* is not as specified \(expected .*\)$/));
  expect(messages.find((each) => each.includes('is not as specified'))).toContain(` ${name} is`);
});

test.each(suites)('The suite %s has checks of its own.', async (suite) => {
  const { fetch } = answering();
  const { stdout } = await runCli(['smoke', '--suite', suite], { env, fetch });
  const names = linesOf(stdout)
    .slice(0, -1)
    .map((line) => line.split('  ')[1]?.split(' ')[0]);
  expect(names).toEqual(checks.filter((check) => check.suite === suite).map(({ name }) => name));
});

test('--json prints the same for programs.', async () => {
  const { fetch } = answering({ '/accounts': () => new Response('{}', { status: 403 }) });
  const { code, stdout } = await runCli(['smoke', '--suite', 'account', '--json'], { env, fetch });
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toEqual({
    checks: [
      {
        name: 'account.get',
        state: 'failed',
        durationMs: expect.any(Number),
        note: 'OctaPermissionError: getAccount: 403: the response contains no message',
      },
      { name: 'account.balance', state: 'passed', durationMs: expect.any(Number), note: '31.428 OCTA', drift: 0 },
    ],
    passed: 1,
    failed: 1,
    skipped: 0,
  });
});

test('An interrupt ends the present call, skips the others, and fails.', async () => {
  const ending = new AbortController();
  const interrupt = () => {
    ending.abort();
    return new Response('{}', { status: 503 });
  };
  const { fetch, sent } = answering({ '/accounts': interrupt });
  const { code, stdout } = await runCli(['smoke', '--suite', 'account'], { env, fetch, signal: ending.signal });
  expect(code).toBe(1);
  expect(linesOf(stdout)[0]).toMatch(/^FAIL {2}account\.get N ms {2}OctaAbortError: /);
  expect(linesOf(stdout).slice(1)).toEqual(['skip  account.balance  interrupted', '0 passed, 1 failed, 1 skipped']);
  expect(sent).toHaveLength(1);
});

describe('colour', () => {
  const { fetch } = answering();
  const given = ['smoke', '--suite', 'apps,idle-jobs'];

  test('is for terminals', async () => {
    const { stdout } = await runCli(given, { env, fetch, isTTY: true });
    expect(stdout).toContain('\u001b[32mok  \u001b[0m  apps.list');
    expect(stdout).toContain('\u001b[33mskip\u001b[0m  idle-jobs.get');
  });

  test.each([
    ['a file', { env }],
    ['a terminal with NO_COLOR', { env: { ...env, NO_COLOR: '1' }, isTTY: true }],
  ])('is not for %s', async (_, io) => {
    const { stdout } = await runCli(given, { ...io, fetch });
    expect(stdout).not.toContain('\u001b');
  });
});

test('Against the simulator everything passes, and nothing but reads is sent.', async () => {
  const simulator = new OctaSimulator({ apiKey, seed: 3 });
  const { code, stdout } = await runCli(['smoke'], { env, fetch: simulator.fetch });
  expect(code).toBe(0);
  expect(linesOf(stdout).at(-1)).toMatch(/^\d+ passed, 0 failed, \d+ skipped$/);
  expect(simulator.requests.length).toBeGreaterThan(10);
  const effects = simulator.requests.map(({ operation = 'rebootNode' }) => operations[operation].effect);
  expect(new Set(effects)).toEqual(new Set(['read']));
});
