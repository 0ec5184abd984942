/** Runs a built application as a process: starts it, sends HTTP requests, and ends it with SIGTERM. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failed } from '../package/run.ts';
import { withinLimit } from '../runtimes/limit.ts';

/** Time limit for the first response of a server, and for its end. Unit: ms. */
const limitMs = 60_000;
/** Time between two checks of a starting server. Unit: ms. */
const pollMs = 100;

/** A request to a server. */
interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A response of a server. */
interface Answered {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** A running server; killed at the end of an `await using` scope. */
export interface Server extends AsyncDisposable {
  readonly url: string;
  readonly printed: () => string;
  ask(path: string, asked?: Asked): Promise<Answered>;
  /** Sends SIGTERM, and returns how the process ended: its exit code, or the signal that ended it. */
  terminate(): Promise<number | string>;
}

/** How a server is started. */
export interface Start {
  readonly program: string;
  readonly given: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly url: string;
  /** Text that the process prints when it is ready. If absent, it is ready when it responds over HTTP. */
  readonly until?: string | undefined;
}

async function ask(url: string, { method = 'GET', headers = {}, body }: Asked = {}): Promise<Answered> {
  const init = { method, headers, ...(body === undefined ? {} : { body }) };
  const response = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(limitMs) });
  const type = response.headers.get('content-type') ?? '';
  return { status: response.status, type, text: await response.text() };
}

/** Whether a server responds, with any status. */
async function answers(url: string): Promise<boolean> {
  const answer = await fetch(url).catch(() => undefined);
  await answer?.arrayBuffer();
  return answer !== undefined;
}

/** Resolves when the condition is true. */
async function poll(isSo: () => boolean | Promise<boolean>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !(await isSo())) await sleep(pollMs);
}

/** Waits until the condition is true. Throws Failed if that takes too long. */
export async function eventually(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const waiting = new AbortController();
  await withinLimit(what, poll(isSo, waiting.signal), limitMs).finally(() => waiting.abort());
}

/** Starts a server, and waits until it responds. Throws Failed, with its output, if it ends before that. */
export async function startServer({ program, given, cwd, env, url, until }: Start): Promise<Server> {
  // It leads a process group, so that its child processes can be ended too.
  const child = spawn(program, given, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (printed += String(chunk)));
  const ended = once(child, 'close').then(
    ([code, signal]) => code ?? signal,
    (error) => (printed += error),
  );
  const kill = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // The whole group has ended.
    }
  };
  const waiting = new AbortController();
  try {
    const early = ended.then((how) => {
      throw new Failed(`the server ended with ${how}`);
    });
    const isReady = until === undefined ? () => answers(url) : () => printed.includes(until);
    await withinLimit('the start of the server', Promise.race([poll(isReady, waiting.signal), early]), limitMs);
  } catch (error) {
    kill();
    if (!(error instanceof Failed)) throw error;
    throw new Failed(`${error.message}\n${printed}`);
  } finally {
    waiting.abort();
  }
  return {
    url,
    printed: () => printed,
    ask: (path, asked) => ask(`${url}${path}`, asked),
    async terminate() {
      child.kill('SIGTERM');
      return withinLimit('the end of the server', ended, limitMs).catch(({ message }) => {
        throw new Failed(`${message}\n${printed}`);
      });
    },
    async [Symbol.asyncDispose]() {
      kill();
      await ended;
    },
  };
}
