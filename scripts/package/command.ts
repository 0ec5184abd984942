/** Runs the mock of the package as a server. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Failed } from './run.ts';

/** A running `octaspace mock`; ends at the end of an `await using` scope. */
export interface Mock extends AsyncDisposable {
  readonly url: string;
  /** Its output so far: a line for each request. */
  readonly printed: () => string;
}

/** Starts the mock of the package that a project has installed, on a free port. */
export async function startMock(project: string, given: readonly string[] = []): Promise<Mock> {
  const bin = join(project, 'node_modules/.bin/octaspace');
  const mock = spawn(bin, ['mock', '--port', '0', ...given], { cwd: project, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(mock, 'exit');
  let printed = '';
  const url = await new Promise<string>((resolve, reject) => {
    mock.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      const address = /http:\/\/127\.0\.0\.1:\d+/.exec(printed)?.[0];
      if (address !== undefined) resolve(address);
    });
    mock.once('error', reject);
    mock.once('exit', () => reject(new Failed(`it ended:\n${printed}`)));
  });
  return {
    url,
    printed: () => printed,
    async [Symbol.asyncDispose]() {
      mock.kill();
      await ended;
    },
  };
}
