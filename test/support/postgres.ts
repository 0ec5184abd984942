/** A real PostgreSQL. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { locate } from '../../scripts/system/programs.ts';
import { makeHome, ownerNamed, type RunningServer, startServer } from './server-process.ts';

/** A running PostgreSQL with one database, whose superuser needs no password. */
export interface Postgres extends RunningServer {
  readonly url: string;
}

/** Starts an empty PostgreSQL. */
export async function startPostgres(): Promise<Postgres> {
  const programs = locate('postgres');
  // PostgreSQL refuses to run as root.
  const owner = ownerNamed('postgres', 'nobody');
  const home = makeHome('postgres', owner);
  const data = join(home.folder, 'data');
  const cluster = ['-D', data, '--username=postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];
  try {
    const initdb = promisify(execFile)(join(programs, 'initdb'), cluster, { cwd: home.folder, ...owner });
    home.guard(initdb.child, 'SIGTERM');
    await initdb;
  } catch (error) {
    home.remove();
    throw error;
  }
  const server = await startServer({
    program: join(programs, 'postgres'),
    // Enough for sixteen processes with ten connections each.
    argumentsFor: (port) => ['-D', data, '-h', '127.0.0.1', '-p', String(port), '-k', home.folder, '-N', '200'],
    home,
    ready: /database system is ready to accept connections/,
    // An immediate shutdown: like a crash, but it ends its child processes.
    signal: 'SIGQUIT',
  });
  return { ...server, url: `postgres://postgres@127.0.0.1:${server.port}/postgres` };
}
