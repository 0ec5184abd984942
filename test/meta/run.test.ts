/** How the scripts run programs. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { Failed, run, type Surroundings } from '../../scripts/package/run.ts';

describe('a program that is run', () => {
  const node = (code: string, where: Surroundings = {}) => run(process.execPath, ['--eval', code], where);

  test('gives what it prints.', async () => {
    expect(await node('console.log("said")')).toBe('said\n');
  });

  test('fails with its command, its exit code and its output.', async () => {
    const failed = node('console.log("said"); console.error("complained"); process.exitCode = 3');
    await expect(failed).rejects.toThrow(/--eval [\s\S]+ ended with 3\nsaid\ncomplained$/);
  });

  test('fails with the signal that has ended it.', async () => {
    await expect(node('process.kill(process.pid, "SIGTERM")')).rejects.toThrow(/ ended with SIGTERM$/);
  });

  test('fails if it does not exist.', async () => {
    const missing = run('/no/such/program', ['--version']);
    await expect(missing).rejects.toThrow(/^\/no\/such\/program --version does not start: .*ENOENT/);
    await expect(missing).rejects.toBeInstanceOf(Failed);
  });

  test('ends when it takes too long, and its output is reported.', async () => {
    const endless = run('sh', ['-c', 'echo said; exec sleep 60'], { limitMs: 1_000 });
    await expect(endless).rejects.toThrow(/ did not end within 1 s\nsaid$/);
  });

  test('ends when it takes too long, even if a child process keeps its output open.', async () => {
    const endless = run('sh', ['-c', 'sleep 60 & echo $!; wait'], { limitMs: 1_000 });
    const { message }: Error = await endless.then(String, (error) => error);
    const [, left] = / did not end within 1 s\n(\d+)$/.exec(message) ?? [];
    // The program led no group, so what it has started is left.
    expect(process.kill(Number(left), 'SIGKILL')).toBe(true);
  });

  test('ends with all its child processes when it is interrupted.', async () => {
    const interruption = new AbortController();
    const { signal } = interruption;
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    // A server that listens on a port has an address of this form.
    const { port } = server.address() as AddressInfo;
    const stays = `require('node:net').connect(${port}, '127.0.0.1').on('error', () => {})`;
    const running = node(
      `require('node:child_process').spawnSync(process.execPath, ['--eval', ${JSON.stringify(stays)}])`,
      { signal },
    );
    const [socket]: Socket[] = await once(server, 'connection');
    socket?.on('error', () => undefined).resume();
    const gone = new Promise((resolve) => socket?.once('close', resolve));
    interruption.abort(new Error('interrupted'));
    await expect(running).rejects.toThrow('interrupted');
    await gone;
    server.close();
    await expect(node('', { signal })).rejects.toThrow('interrupted');
  });
});
