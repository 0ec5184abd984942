/** Database servers for tests: a process on a free port of 127.0.0.1, with its data in a temporary folder. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The user that a server runs as. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** How a server is started and stopped. */
export interface ServerPlan {
  readonly program: string;
  readonly argumentsFor: (port: number) => readonly string[];
  /** The folder of its data, from `makeFolder`; deleted with the server. */
  readonly folder: string;
  /** What it prints once it accepts connections. */
  readonly ready: RegExp;
  /** Ends it at once, without writing anything more. */
  readonly signal: 'SIGKILL' | 'SIGQUIT';
  /** The user of this process when left out. */
  readonly owner?: Owner | undefined;
}

/** A running server. It stops, and its data is deleted, at the end of an `await using` scope or with this process. */
export interface RunningServer extends AsyncDisposable {
  readonly port: number;
  readonly folder: string;
  /** Kills the server, and starts it again on the same port with the data that it had stored. */
  crash(): Promise<void>;
}

/** The first of some users that exists; undefined unless this process is root's and may choose. */
export function ownerNamed(...names: readonly string[]): Owner | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (name: string, flag: '-u' | '-g') =>
    Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  for (const name of names) {
    try {
      return { uid: idOf(name, '-u'), gid: idOf(name, '-g') };
    } catch {
      // There is no such user.
    }
  }
  throw new Error(`none of the users ${names.join(', ')} exists`);
}

/** Makes a temporary folder that belongs to the server's user. */
export function makeFolder(name: string, owner?: Owner): string {
  const folder = mkdtempSync(join(tmpdir(), `octaspace-${name}-`));
  if (owner !== undefined) chownSync(folder, owner.uid, owner.gid);
  return folder;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Waits for the end of its input, which comes with the end of this process; then ends the server and deletes its data. */
const guard = `
  read _
  kill -s "$1" "$2"
  for _ in $(seq 50); do kill -0 "$2" || break; sleep 0.1; done
  rm -rf "$3"
`;

/** Has the server ended with this process, however that ends. */
function guardServer(server: ChildProcess, { signal, folder }: ServerPlan): void {
  const given = ['-c', guard, 'guard', signal.replace('SIG', ''), String(server.pid), folder];
  // In a session of its own, so that Ctrl+C in the terminal does not end it before it has cleaned up.
  const child = spawn('/bin/sh', given, { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  server.once('exit', () => {
    child.kill('SIGKILL');
    child.stdin.destroy();
  });
}

/** Starts the server, and resolves when it accepts connections. */
async function launch(plan: ServerPlan, port: number): Promise<ChildProcess> {
  const { program, argumentsFor, folder: cwd, ready, owner } = plan;
  const env = { PATH: process.env.PATH, LC_ALL: 'C' };
  const child = spawn(program, argumentsFor(port), { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], ...owner });
  await once(child, 'spawn');
  guardServer(child, plan);
  let output = '';
  await new Promise<void>((resolve, reject) => {
    const read = (chunk: string) => {
      output += chunk;
      if (ready.test(output)) resolve();
    };
    child.stdout.setEncoding('utf8').on('data', read);
    child.stderr.setEncoding('utf8').on('data', read);
    child.once('close', (code, signal) => reject(new Error(`${program} ended with ${code ?? signal}:\n${output}`)));
  });
  return child;
}

/** Another process may take a free port before the server does. */
async function launchOnFreePort(plan: ServerPlan, attempts = 5): Promise<[child: ChildProcess, port: number]> {
  const port = await freePort();
  try {
    return [await launch(plan, port), port];
  } catch (error) {
    const isTaken = error instanceof Error && /address already in use/i.test(error.message);
    if (!isTaken || attempts === 1) throw error;
    return launchOnFreePort(plan, attempts - 1);
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}

/** Starts a server. */
export async function startServer(plan: ServerPlan): Promise<RunningServer> {
  const { folder, signal } = plan;
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  try {
    let [child, port] = await launchOnFreePort(plan);
    return {
      port,
      folder,
      async crash() {
        await end(child, signal);
        child = await launch(plan, port);
      },
      async [Symbol.asyncDispose]() {
        await end(child, signal);
        removeFolder();
      },
    };
  } catch (error) {
    removeFolder();
    throw error;
  }
}
