/** A real Redis, which writes to disk before it responds. */
import { locate } from '../../scripts/system/programs.ts';
import { makeHome, type RunningServer, startServer } from './server-process.ts';

/** A running Redis, without a password. */
export interface Redis extends RunningServer {
  readonly url: string;
}

/** Starts an empty Redis. */
export async function startRedis(): Promise<Redis> {
  const program = locate('redis');
  const home = makeHome('redis');
  const storage = ['--dir', home.folder, '--appendonly', 'yes', '--appendfsync', 'always', '--save', ''];
  const server = await startServer({
    program,
    argumentsFor: (port) => ['--bind', '127.0.0.1', '--port', String(port), ...storage],
    home,
    ready: /Ready to accept connections/,
    signal: 'SIGKILL',
  });
  return { ...server, url: `redis://127.0.0.1:${server.port}` };
}
