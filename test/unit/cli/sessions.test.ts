import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OctaClient } from '../../../src/index.ts';
import { fileLedger } from '../../../src/node/index.ts';
import { OctaSimulator } from '../../../src/testing/index.ts';
import { runCli } from './console.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'octaspace-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const env = { OCTA_API_KEY: 'key' };

/** An account with two sessions. */
async function account() {
  const simulator = new OctaSimulator({ latencyMs: 0, machines: [{ node_id: 41 }, { node_id: 42 }] });
  const client = new OctaClient({ apiKey: 'key', fetch: simulator.fetch });
  const uuids: string[] = [];
  for (const node_id of [41, 42]) {
    const order = { node_id, disk_size: 10, image: 'ubuntu:24.04', envs: { SECRET: 'hidden' } };
    uuids.push((await client.services.mr.start(order)).uuid);
  }
  const [first = '', second = ''] = uuids;
  const running = async () => (await client.sessions.list()).map(({ uuid }) => uuid);
  return { simulator, client, first, second, running, io: { env, fetch: simulator.fetch } };
}

describe('octaspace sessions', () => {
  test('lists what runs, and none of its variables.', async () => {
    const { io, first, second } = await account();
    const { code, stdout, stderr } = await runCli(['sessions'], io);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^UUID .*\\n${first} +mr +41 .*\\n${second} +mr +42 .*\\n$`));
    expect(stderr).toBe('octaspace: 2 sessions running\n');
    const { stdout: json } = await runCli(['sessions', '--json'], io);
    expect(JSON.parse(json)).toMatchObject([
      { uuid: first, node_id: 41, lease_id: expect.any(String) },
      { uuid: second },
    ]);
    expect(stdout + json).not.toContain('hidden');
  });

  test('reads the lease ids from the variable of the programs.', async () => {
    const { io, client } = await account();
    const order = { node_id: 41, disk_size: 10, image: 'ubuntu:24.04', envs: { OUR_LEASE: 'other' } };
    const own = new OctaClient({ apiKey: 'key', fetch: io.fetch, leaseVariable: 'OUR_LEASE' });
    await client.sessions.stopAll({ node_id: 41 });
    const { leaseId } = await own.services.mr.start(order);
    const { stdout } = await runCli(['sessions'], { ...io, env: { ...env, OCTA_LEASE_VARIABLE: 'OUR_LEASE' } });
    expect(stdout).toContain(` ${leaseId}\n`);
    expect((await runCli(['sessions'], io)).stdout).not.toContain(leaseId);
  });

  test('says that nothing runs.', async () => {
    const simulator = new OctaSimulator({ latencyMs: 0 });
    const ended = await runCli(['sessions'], { env, fetch: simulator.fetch });
    expect(ended).toEqual({ code: 0, stdout: '', stderr: 'octaspace: 0 sessions running\n' });
  });
});

describe('octaspace stop', () => {
  test('stops the sessions that are named, and no others.', async () => {
    const { io, first, second, running } = await account();
    const { code, stdout, stderr } = await runCli(['stop', first.toUpperCase()], io);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `over      ${first}\n` });
    expect(stderr).toBe('octaspace: stopping 1 session …\noctaspace: 1 session stopped\n');
    expect(await running()).toEqual([second]);
  });

  test('exits with 1 when an end could not be proven, and names the session.', async () => {
    const { io, simulator, first } = await account();
    simulator.fail('stopSession', { status: 500 }, Number.POSITIVE_INFINITY);
    const { code, stdout, stderr } = await runCli(['stop', first, '--json'], io);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject([
      { uuid: first, state: 'unproven', error: expect.stringContaining(first) },
    ]);
    const lines = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.at(-1)).toEqual({ level: 'info', message: '1 session may still run' });
    expect(stderr).not.toContain('[octaspace]');
  });
});

describe('octaspace reap', () => {
  const dead = ['--ttl', '0', '--force'];

  test('stops what the ledger names, lists what it does not, and says both.', async () => {
    const { io, first, second, running } = await account();
    const lease = { version: 1, state: 'running', service: 'mr', nodeId: 41, sentAt: 0, owner: 'gone' } as const;
    await fileLedger(folder).put({ ...lease, leaseId: 'dead', uuid: first });
    const { code, stdout, stderr } = await runCli(['reap', '--ledger', folder, ...dead], io);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `stopped     lease dead  session ${first}\nnot ours    session ${second}  node 42\n`,
    });
    expect(stderr).toMatch(/1 lease in .*; a program .* for 0 s counts as dead\noctaspace: 1 lease: 1 stopped\n$/);
    expect(await running()).toEqual([second]);
  });

  test('OCTA_LEASE_TTL_MS=0 says the same as --ttl 0 --force.', async () => {
    const { io, first, running } = await account();
    const lease = { version: 1, state: 'running', service: 'mr', nodeId: 41, sentAt: 0, owner: 'gone' } as const;
    await fileLedger(folder).put({ ...lease, leaseId: 'dead', uuid: first });
    const given = { ...io, env: { ...env, OCTA_LEASE_TTL_MS: '0' } };
    expect(await runCli(['reap', '--ledger', folder], given)).toMatchObject({ code: 0 });
    expect(await running()).not.toContain(first);
  });

  test('reports files that it cannot use, and a start that is lost.', async () => {
    const { io, simulator } = await account();
    writeFileSync(join(folder, 'lease.torn.0.json'), '{');
    const { clock } = simulator;
    const sentAt = (clock.wallNow?.() ?? clock.now()) - 1_200_000;
    const lease = { version: 1, state: 'starting', service: 'mr', nodeId: 41, owner: 'gone' } as const;
    await fileLedger(folder).put({ ...lease, leaseId: 'lost-1', sentAt });
    const { code, stdout, stderr } = await runCli(['reap', '--ledger', folder, ...dead], io);
    expect(code).toBe(3);
    expect(stdout).toContain('lost        lease lost-1  no session is known\n');
    expect(stderr).toMatch(/lease\.torn\.0\.json in the lease ledger cannot be used: it is not JSON/);
    expect(stderr).toMatch(/records of lost starts are kept for 7 days, or until --forget/);
  });

  test('exits with 3, and names the file, if a file that may be a lease cannot be used.', async () => {
    const { io } = await account();
    writeFileSync(join(folder, 'lease.zz.0.json'), '{"version":2,"leaseId":"zz","state":"running"}');
    mkdirSync(join(folder, 'lease.dir.0.json'));
    const { code, stdout, stderr } = await runCli(['reap', '--ledger', folder, '--json', ...dead], io);
    const { unusable } = JSON.parse(stdout);
    const [inDir, newer] = unusable.sort((one: { file: string }, other: { file: string }) =>
      one.file < other.file ? -1 : 1,
    );
    expect([code, unusable.length]).toEqual([3, 2]);
    expect(newer).toEqual({
      file: join(folder, 'lease.zz.0.json'),
      reason: 'other-version',
      message: expect.stringContaining('it has version 2, not 1'),
    });
    expect(inDir).toMatchObject({ file: join(folder, 'lease.dir.0.json'), reason: 'unreadable' });
    expect(stderr).toContain('0 leases; 2 files cannot be used, and may be a lease whose session still runs');
  });

  test('exits with 0 if the folder has files that cannot be leases.', async () => {
    const { io } = await account();
    mkdirSync(join(folder, 'lost+found'));
    writeFileSync(join(folder, 'beat.owner-one.json'), '{');
    const { code, stdout } = await runCli(['reap', '--ledger', folder, '--json', ...dead], io);
    expect({ code, ...JSON.parse(stdout) }).toMatchObject({ code: 0, leases: [], unusable: [] });
  });

  test.each<[given: string[], ttlMs?: string]>([
    [['--ttl', '3', '--force']],
    [['--ttl', '29.9', '--force']],
    [['--force'], '3000'],
  ])('with %j declares all programs dead, without waiting.', async (given, ttlMs) => {
    const { io, simulator, first, running } = await account();
    const lease = { version: 1, state: 'running', service: 'mr', nodeId: 41, sentAt: 0, owner: 'gone' } as const;
    await fileLedger(folder).put({ ...lease, leaseId: 'dead', uuid: first });
    const before = simulator.now;
    const { code } = await runCli(['reap', '--ledger', folder, ...given], {
      ...io,
      env: { ...env, OCTA_LEASE_TTL_MS: ttlMs },
    });
    expect({ code, isPrompt: simulator.now - before < 3_000 }).toEqual({ code: 0, isPrompt: true });
    expect(await running()).not.toContain(first);
  });

  test('exits with 1 when the API cannot be read.', async () => {
    const fetch = async () => new Response('{}', { status: 403 });
    expect(await runCli(['reap', '--ledger', folder, ...dead], { env, fetch })).toMatchObject({ code: 1 });
  });
});

test.each<[given: string[], message: RegExp]>([
  [['stop'], /missing session UUIDs; pass them, or use --all/],
  [['stop', 'abc'], /"abc" is not a session UUID/],
  [['stop', '--all', '5dd2d308-5a70-4b9c-8f52-1f1c9c1b2a3d'], /--all stops every session/],
  [['reap'], /missing --ledger/],
  [['reap', '--ledger', '/nowhere/at/all'], /which does not exist/],
  [['reap', '--ledger', '/dev/null'], /not a folder/],
  [['reap', '--ledger', '.', '--ttl', '0'], /--ttl 0 needs --force: programs write a heartbeat only every 15 seconds/],
  [['reap', '--ledger', '.', '--ttl', '29.9'], /--ttl 29.9 needs --force/],
  [['reap', '--ledger', '.', '--force'], /is only valid with a --ttl below 30/],
  [['reap', '--ledger', '.', '--ttl', '30', '--force'], /is only valid with a --ttl below 30/],
  [['reap', '--ledger', '.', '--ttl', 'soon'], /--ttl is "soon"; allowed: a number of seconds/],
])('octaspace %j is misuse.', async (given, message) => {
  const { code, stdout, stderr } = await runCli(given, { env });
  expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(message) });
});

test.each(['sessions', 'stop --all', 'reap --ledger .'])('octaspace %s needs a key.', async (given) => {
  const { code, stderr } = await runCli(given.split(' '));
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('OCTA_API_KEY is not set') });
});

test('OCTA_LEASE_TTL_MS below 30 000 needs --force.', async () => {
  const { code, stderr } = await runCli(['reap', '--ledger', '.'], { env: { ...env, OCTA_LEASE_TTL_MS: '29999' } });
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringContaining('OCTA_LEASE_TTL_MS=29999 needs --force'),
  });
});

test('OCTA_LEASE_TTL_MS must be a whole number.', async () => {
  const { code, stderr } = await runCli(['reap', '--ledger', '.'], { env: { ...env, OCTA_LEASE_TTL_MS: '1 minute' } });
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('OCTA_LEASE_TTL_MS is "1 minute"') });
});
