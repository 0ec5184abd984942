/** close() of a `nodeFetch()`, and the end of a process that has one. */
import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { OctaConfigurationError } from '../../src/index.ts';
import { nodeFetch } from '../../src/node/index.ts';
import { clientFor } from '../support/calls.ts';
import { failure, rejection } from '../support/failure.ts';
import { httpAnswer, serveRaw } from '../support/raw-server.ts';
import { serve } from '../support/server.ts';
import { until } from '../support/until.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const repeatable = { repeatable: true };

describe('After close()', () => {
  test('new requests are refused.', async () => {
    const send = nodeFetch();
    await send.close();
    const error = await failure(send('http://api.test/'), OctaConfigurationError);
    expect(error.message).toBe('this nodeFetch() is closed; create a new one');
    expect(error.outcome).toBe('not-sent');
  });

  test('requests in progress and waiting ones finish, then every connection is closed.', async () => {
    const sockets: Socket[] = [];
    let open = 0;
    await using server = await serveRaw(({ socket, nth }) => {
      sockets.push(socket);
      open++;
      socket.once('close', () => open--);
      if (nth > 1) socket.write(httpAnswer('{}'));
    });
    const send = nodeFetch({ maxConnections: 1 });
    const [first, waiting] = [send(server.url, {}, repeatable), send(server.url, {}, repeatable)];
    await until(() => sockets.length === 1);
    const events: string[] = [];
    const closed = send.close().then(() => events.push('closed'));
    await failure(send(server.url), OctaConfigurationError);
    sockets[0]?.write(httpAnswer('{}'));
    for (const one of [first, waiting]) events.push(await (await one).text());
    await closed;
    expect([events, send.stats().origins]).toEqual([['{}', '{}', 'closed'], []]);
    await until(() => open === 0);
  });

  test('a body that is being read is read to its end.', async () => {
    const sockets: Socket[] = [];
    await using server = await serveRaw(({ socket }) => {
      sockets.push(socket);
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nhalf');
    });
    const send = nodeFetch();
    const response = await send(server.url, {}, repeatable);
    const closed = send.close();
    sockets[0]?.write('half');
    expect(await response.text()).toBe('halfhalf');
    await closed;
  });

  test('a body that is not read is cancelled after a while.', async () => {
    await using server = await serve((_, response) => response.end(Buffer.alloc(2 * 1024 * 1024, 'x')));
    const send = nodeFetch({ closeTimeoutMs: 50 });
    const response = await send(server.url, {}, repeatable);
    await send.close();
    expect(send.stats().origins).toEqual([]);
    expect(await rejection(response.text())).toMatchObject({ code: 'OCTA_CLOSED' });
  });

  test.each<[string, (response: Response) => Promise<string>]>([
    ['text', (response) => response.text()],
    ['stream', (response) => new Response(response.body).text()],
  ])('a body that is read is read to its end, however slowly the server sends it (%s).', async (_, read) => {
    const sockets: Socket[] = [];
    await using server = await serveRaw(({ socket }) => {
      sockets.push(socket);
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\n');
    });
    const send = nodeFetch({ closeTimeoutMs: 20 });
    const text = read(await send(server.url, {}, repeatable));
    const closed = send.close();
    for (const piece of ['ab', 'cd', 'ef', 'gh']) {
      // Longer than nobody may read.
      await new Promise((resolve) => setTimeout(resolve, 50));
      sockets[0]?.write(piece);
    }
    expect(await text).toBe('abcdefgh');
    await closed;
  });

  test('a body that arrives later is also cancelled after a while.', async () => {
    const sockets: Socket[] = [];
    await using server = await serveRaw(({ socket }) => sockets.push(socket));
    const send = nodeFetch({ closeTimeoutMs: 20 });
    const answered = send(server.url, {}, repeatable);
    await until(() => sockets.length === 1);
    const closed = send.close();
    await new Promise((resolve) => setTimeout(resolve, 60));
    sockets[0]?.write(httpAnswer('x'.repeat(200_000)));
    expect((await answered).status).toBe(200);
    await closed;
  });

  test('a client with unread responses is closed after a while.', async () => {
    await using server = await serve((_, response) => response.end(Buffer.alloc(2 * 1024 * 1024, 'x')));
    const client = clientFor(server, { fetch: nodeFetch({ closeTimeoutMs: 50 }) });
    const { signal } = new AbortController();
    const answers = await Promise.all([1, 2].map((id) => client.nodes.downloadLogs(id, { signal }).asResponse()));
    await client.close();
    await Promise.all(answers.map((answer) => rejection(answer.text())));
  });

  test('a second call waits for the same end.', async () => {
    const send = nodeFetch();
    expect(send.close()).toBe(send.close());
    await send.close();
  });

  test('which is also called at the end of a scope.', async () => {
    let escaped: ReturnType<typeof nodeFetch>;
    {
      await using send = nodeFetch();
      escaped = send;
    }
    await failure(escaped('http://api.test/'), OctaConfigurationError);
  });
});

/** Runs a script that has `send` and `url`; resolves with what it printed when it has ended by itself. */
async function printedBy(script: string, url: string): Promise<string> {
  const code = `
    import { nodeFetch } from './src/node/index.ts';
    const url = ${JSON.stringify(url)};
    const send = nodeFetch();
    ${script}
  `;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', code], { cwd: root });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  }
  const status = await new Promise((resolve) => child.once('close', resolve));
  return `${printed}${status}`;
}

describe('A process ends by itself', () => {
  test.each([
    ['when nothing was ever sent', 'console.log(typeof send);', 'function\n0'],
    [
      'although connections idle',
      'console.log(await (await send(url, {}, { repeatable: true })).text(), send.stats().origins[0].idle);',
      '{} 1\n0',
    ],
    [
      'after close()',
      'await (await send(url, {}, { repeatable: true })).text(); await send.close(); console.log("closed");',
      'closed\n0',
    ],
    [
      'not before an answer has come',
      'send(url + "/late").then(async (late) => console.log(await late.text()));',
      '{}\n0',
    ],
  ])('%s.', async (_, script, printed) => {
    await using server = await serveRaw(({ socket, head }) => {
      setTimeout(() => socket.write(httpAnswer('{}')), head.includes('/late') ? 100 : 0);
    });
    expect(await printedBy(script, server.url)).toBe(printed);
  });
});
