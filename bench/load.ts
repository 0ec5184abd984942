/** Load for the benchmarks: a server in another process, and many calls at once. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A server in another process; it ends at the end of an `await using` scope. */
export interface OtherServer extends AsyncDisposable {
  readonly url: string;
}

/** Starts the server of `server.ts`, which is bundled next to this. */
export async function otherServer(): Promise<OtherServer> {
  const child = fork(fileURLToPath(new URL('server.mjs', import.meta.url)), { execArgv: [] });
  const [port]: unknown[] = await once(child, 'message');
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}

/** Runs `work` `count` times, `atOnce` at a time. */
export async function inParallel(count: number, atOnce: number, work: () => Promise<unknown>): Promise<void> {
  let left = count;
  const worker = async () => {
    while (left-- > 0) await work();
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
