/** `octaspace` over sockets: the mock in this process, the whole command as a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { OctaClient } from '../../src/index.ts';
import { json, serve } from '../support/server.ts';
import { until } from '../support/until.ts';
import { runCli, start } from '../unit/cli/console.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

function urlIn(text: string): string | undefined {
  return /(?:listens at |"url":")(http:[^\s;"]+)/.exec(text)?.[1];
}

/** Starts the mock on a free port, and waits until it says where. */
async function startMock(...given: string[]) {
  const ending = new AbortController();
  const mock = start(['mock', '--port', '0', ...given], { signal: ending.signal });
  await until(() => urlIn(mock.stdout()) !== undefined);
  return { ...mock, url: urlIn(mock.stdout()) ?? '', end: () => ending.abort() };
}

describe('octaspace mock', () => {
  test('serves the simulated API, logs each request, and ends when it is told to', async () => {
    const { url, stdout, end, ended } = await startMock('--latency-ms', '1');
    const client = new OctaClient({ baseUrl: url, apiKey: 'any' });
    const [machine] = await client.services.mr.available();
    await client.services.mr.start({ node_id: machine?.node_id ?? 0, disk_size: 20, image: 'ubuntu:24.04' });
    await until(() => stdout().includes('startMr'));
    end();
    const { code, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [greeting, log] = stdout().split('Press Ctrl+C to stop.\n\n');
    expect(greeting).toContain(`\n  OCTA_BASE_URL=${url} OCTA_API_KEY=any npx --no-install octaspace smoke\n`);
    expect(
      log
        ?.replace(/ +\d+ ms/g, '  N ms')
        .replace(/\d\d:\d\d:\d\d/g, 'TIME')
        .split('\n')
        .map((line) => line.split(/ {2,}/)),
    ).toEqual([
      ['sim TIME', 'GET /services/mr', '200', 'listMrMachines', 'N ms'],
      ['sim TIME', 'POST /services/mr', '200', 'startMr', 'N ms'],
      [''],
    ]);
    await expect(fetch(`${url}/network`)).rejects.toThrow();
  });

  test('shows neither requests with --quiet, nor the key that it was given', async () => {
    const { url, stdout, end, ended } = await startMock('--quiet', '--api-key', 'only-this-one');
    expect((await fetch(`${url}/accounts`, { headers: { authorization: 'another' } })).status).toBe(401);
    expect((await fetch(`${url}/accounts`, { headers: { authorization: 'only-this-one' } })).status).toBe(200);
    end();
    await ended;
    expect(stdout()).toMatch(/OCTA_API_KEY=<the key you gave> .*\n\n.*\nPress Ctrl\+C to stop\.\n\n$/);
    expect(stdout()).not.toContain('only-this-one');
  });

  test('makes requests fail as it is told: a status for the first two starts, then one that is lost after it took effect', async () => {
    const { url, stdout, end, ended } = await startMock(
      ...[
        '--fail',
        'startMr=503:2',
        '--fail',
        'startMr=lost',
        '--fail',
        'getSessionInfo=429,headers.retry-after=7:always',
      ],
      ...['--latency-ms', '0'],
    );
    const order = { method: 'POST', headers: { authorization: 'any' }, body: '' };
    const [machine] = await new OctaClient({ baseUrl: url, apiKey: 'any' }).services.mr.available();
    order.body = JSON.stringify({ node_id: machine?.node_id, disk_size: 20, image: 'ubuntu:24.04' });
    const sent = await Promise.allSettled([1, 2, 3].map(() => fetch(`${url}/services/mr`, order)));
    expect(sent.map((each) => (each.status === 'fulfilled' ? each.value.status : 'lost')).sort()).toEqual([
      503,
      503,
      'lost',
    ]);
    const { headers } = order;
    const sessions = await (await fetch(`${url}/sessions`, { headers })).json();
    expect(sessions).toHaveLength(1);
    for (let call = 0; call < 2; call++) {
      const info = await fetch(`${url}/services/${sessions[0].uuid}/info`, { headers });
      expect([info.status, info.headers.get('retry-after')]).toEqual([429, '7']);
    }
    end();
    await ended;
    expect(stdout()).toContain('\nFault: startMr=503:2\nFault: startMr=lost\n');
    expect(stdout().match(/503 {2}startMr .* fault\n/g)).toHaveLength(2);
    expect(stdout()).toMatch(/--- {2}startMr .* failed {2}fault\n/);
  });

  test('--json prints one object per line, and marks simulated times', async () => {
    const { url, stdout, end, ended } = await startMock(
      '--json',
      '--fail',
      '*=503',
      '--speed',
      '1000',
      '--api-key',
      'GET',
    );
    const headers = { authorization: 'GET' };
    for (const path of ['/accounts', '/accounts', '/GET?a=GET']) await fetch(url + path, { headers });
    end();
    expect(await ended).toMatchObject({ code: 0, stderr: '' });
    const [listening, ...requests] = stdout()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const simulatedTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(listening).toEqual({ event: 'listening', simulatedTime, url, speed: 1000, faults: ['*=503'] });
    const request = { event: 'request', simulatedTime, method: 'GET', durationMs: expect.any(Number) };
    const accounts = { ...request, path: '/accounts', operation: 'getAccount', outcome: 'answered' };
    expect(requests).toEqual([
      { ...accounts, status: 503, processed: false, fault: { status: 503 } },
      { ...accounts, status: 200, processed: true, fault: null },
      {
        ...request,
        path: expect.not.stringContaining('GET'),
        operation: null,
        status: 404,
        outcome: 'answered',
        processed: expect.any(Boolean),
        fault: null,
      },
    ]);
  });

  test('serves the same machines for the same seed, and others for another', async () => {
    const mocks = await Promise.all(['1', '1', '2'].map((seed) => startMock('--seed', seed)));
    const clients = mocks.map(({ url }) => new OctaClient({ baseUrl: url, apiKey: 'any' }));
    const ids = await Promise.all(
      clients.map(async (client) => (await client.services.mr.available()).map(({ node_id }) => node_id).join()),
    );
    for (const { end } of mocks) end();
    await Promise.all(mocks.map(({ ended }) => ended));
    expect(ids[0]).toBe(ids[1]);
    expect(ids[0]).not.toBe(ids[2]);
  });

  test('ends with 2 when the port is taken', async () => {
    await using server = await serve((_, response) => json(response, '{}'));
    const { code, stderr } = await runCli(['mock', '--port', new URL(server.url).port]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^octaspace: cannot listen at 127\.0\.0\.1, port \d+: .*EADDRINUSE/);
  });
});

describe('octaspace smoke', () => {
  test('names a time limit that passed', async () => {
    await using server = await serve(() => undefined);
    const given = ['smoke', '--suite', 'network', '--timeout-ms', '20', '--base-url', server.url];
    const { code, stdout } = await runCli(given);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^FAIL {2}network\.get .* OctaTimeoutError: /);
  });
});

interface Spawned {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly code: Promise<unknown>;
}

function spawnCli(given: readonly string[], env: Readonly<Record<string, string>> = {}): Spawned {
  const { OCTA_API_KEY: _, OCTA_BASE_URL: __, ...rest } = process.env;
  // Node itself, not tsx around it, so that signals reach the command.
  const command = ['--import', 'tsx', join(root, 'src/cli/index.ts'), ...given];
  const child = spawn(process.execPath, command, { cwd: root, env: { ...rest, ...env } });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  const code = once(child, 'close').then(([status]) => status as unknown);
  return { child, stdout: () => stdout, stderr: () => stderr, code };
}

describe('as a process', () => {
  test('smoke checks what the mock serves, and the mock ends cleanly on signals', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const mock = spawnCli(['mock', '--port', '0']);
      await until(() => urlIn(mock.stdout()) !== undefined);
      const env = { OCTA_API_KEY: 'any-key-at-all', OCTA_BASE_URL: urlIn(mock.stdout()) ?? '' };
      const smoke = spawnCli(['smoke', '--suite', 'network,account'], env);
      expect(await smoke.code).toBe(0);
      expect(smoke.stdout()).toMatch(/\n3 passed, 0 failed, 0 skipped\n$/);
      expect(smoke.stdout() + smoke.stderr() + mock.stdout()).not.toContain('any-key-at-all');
      mock.child.kill(signal);
      expect(await mock.code).toBe(0);
      expect(mock.stderr()).toBe('');
    }
  });

  test('exits with 2 and one line for a command that does not exist, as JSON with --json', async () => {
    const [plain, json] = [spawnCli(['session']), spawnCli(['session', '--json'])];
    expect([await plain.code, await json.code, plain.stdout() + json.stdout()]).toEqual([2, 2, '']);
    const message = 'unknown command "session"; did you mean sessions?';
    expect(plain.stderr()).toBe(`octaspace: ${message}\n`);
    expect(JSON.parse(json.stderr())).toEqual({ error: { name: 'Misuse', message, exitCode: 2 } });
  });
});
