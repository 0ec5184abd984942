/** Programs that run beside the tests. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../../..', import.meta.url));

/** A running program, with its URL. */
export interface Running extends AsyncDisposable {
  readonly url: string;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

/** Starts a script by Node in the repository, and waits for the URL that it prints. */
export async function start(
  given: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<Running> {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: '1', ...variables };
  const child = spawn(process.execPath, [...given], { cwd: repository, env, stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  return await new Promise((resolve, reject) => {
    // Keep the listener: a program fails if its output is not read.
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      printed += chunk;
      const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(printed) ?? [];
      if (url !== undefined) resolve({ url, [Symbol.asyncDispose]: () => end(child) });
    });
    child.once('error', reject);
    child.once('close', () => reject(new Error(`the program ended without a URL: ${printed}`)));
  });
}
