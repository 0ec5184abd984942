/** The servers that ledgers are tested with keep what they promise. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import pg from 'pg';
import { describe, expect, inject, test } from 'vitest';
import { startPostgres } from '../support/postgres.ts';
import { startRedis } from '../support/redis.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const skipped = inject('skippedServers');

function redisClient(url: string): Redis & AsyncDisposable {
  const client = new Redis(url);
  return Object.assign(client, { [Symbol.asyncDispose]: async () => client.disconnect() });
}

async function postgresClient(url: string): Promise<pg.Client & AsyncDisposable> {
  const client = new pg.Client(url);
  // A connection that the server breaks off is an event as well as a failed query.
  client.on('error', () => undefined);
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Has another process start a server, kills that process, and waits until nothing of the server is left. */
async function startAndDie(file: string, name: string): Promise<void> {
  const code = `
    const { ${name} } = await import(${JSON.stringify(`${root}test/support/${file}`)});
    const { port, folder } = await ${name}();
    console.log(JSON.stringify({ port, folder }));
  `;
  const given = ['--import', 'tsx', '--input-type=module', '--eval', code];
  const child = spawn(process.execPath, given, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  const early = once(child, 'close').then(([exitCode]) => Promise.reject(new Error(`it ended with ${exitCode}`)));
  const [line] = await Promise.race([once(child.stdout.setEncoding('utf8'), 'data'), early]);
  const { port, folder } = JSON.parse(line);
  expect([await accepts(port), existsSync(folder)]).toEqual([true, true]);
  child.kill('SIGKILL');
  while ((await accepts(port)) || existsSync(folder)) await sleep(50);
}

describe.skipIf(skipped.includes('redis'))('Redis', () => {
  test('keeps what it has confirmed through a crash.', async () => {
    await using server = await startRedis();
    await using client = redisClient(server.url);
    expect(await client.set('lease', 'one', 'NX')).toBe('OK');
    expect(await client.set('lease', 'two', 'NX')).toBeNull();
    await server.crash();
    await using another = redisClient(server.url);
    expect(await another.get('lease')).toBe('one');
    expect(await another.config('GET', 'appendfsync')).toEqual(['appendfsync', 'always']);
  });

  test('is gone, with its data, at the end of its scope.', async () => {
    const { port, folder } = await (async () => {
      await using server = await startRedis();
      return server;
    })();
    expect([await accepts(port), existsSync(folder)]).toEqual([false, false]);
  });

  test('is gone, with its data, when the process that started it is killed.', () =>
    startAndDie('redis.ts', 'startRedis'));
});

describe.skipIf(skipped.includes('postgres'))('PostgreSQL', () => {
  test('keeps what it has confirmed through a crash.', async () => {
    await using server = await startPostgres();
    await using client = await postgresClient(server.url);
    await client.query('CREATE TABLE leases (id text PRIMARY KEY)');
    const insert = "INSERT INTO leases VALUES ('one') ON CONFLICT DO NOTHING";
    expect((await client.query(insert)).rowCount).toBe(1);
    expect((await client.query(insert)).rowCount).toBe(0);
    await server.crash();
    await using another = await postgresClient(server.url);
    expect((await another.query('SELECT id FROM leases')).rows).toEqual([{ id: 'one' }]);
  });

  test('is gone, with its data, at the end of its scope.', async () => {
    const { port, folder } = await (async () => {
      await using server = await startPostgres();
      return server;
    })();
    expect([await accepts(port), existsSync(folder)]).toEqual([false, false]);
  });

  test('is gone, with its data, when the process that started it is killed.', () =>
    startAndDie('postgres.ts', 'startPostgres'));
});
