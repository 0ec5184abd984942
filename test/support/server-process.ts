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

/** A temporary folder for a server's data. It is deleted by `remove`, or when this process ends, however it ends. */
export interface Home {
  readonly folder: string;
  readonly owner: Owner | undefined;
  /** Ends a process by a signal when this process ends. */
  guard(child: ChildProcess, signal: NodeJS.Signals): void;
  remove(): void;
}

/** How a server is started and stopped. */
export interface ServerPlan {
  readonly program: string;
  readonly argumentsFor: (port: number) => readonly string[];
  readonly home: Home;
  /** Text that it prints once it accepts connections. */
  readonly ready: RegExp;
  /** The signal that ends it at once, without further writes. */
  readonly signal: 'SIGKILL' | 'SIGQUIT';
}

/** A running server. It stops, and its data is deleted, at the end of an `await using` scope or with this process. */
export interface RunningServer extends AsyncDisposable {
  readonly port: number;
  readonly folder: string;
  /** Kills the server, and starts it again on the same port with the data that it had stored. */
  crash(): Promise<void>;
}

/** The first of some users that exists; undefined unless this process runs as root. */
export function ownerNamed(...names: readonly string[]): Owner | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (name: string, flag: '-u' | '-g') =>
    Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  for (const name of names) {
    try {
      return { uid: idOf(name, '-u'), gid: idOf(name, '-g') };
    } catch {
      // This user does not exist.
    }
  }
  throw new Error(`none of the users ${names.join(', ')} exists`);
}

/**
 * Reads lines until this process ends, which closes its input. Each line is a signal and a process id, or empty if that process has
 * ended. Then it sends the last signal, and deletes the folder.
 */
const guardScript = `
  while read -r signal pid; do last="$signal $pid"; done
  set -- "$1" $last
  if [ $# = 3 ]; then
    kill -s "$2" "$3"
    for _ in $(seq 50); do kill -0 "$3" || break; sleep 0.1; done
  fi
  rm -rf "$1"
`;

/** Creates a temporary folder that belongs to the server's user, by default the user of this process. */
export function makeHome(name: string, owner?: Owner): Home {
  const folder = mkdtempSync(join(tmpdir(), `octaspace-${name}-`));
  if (owner !== undefined) chownSync(folder, owner.uid, owner.gid);
  // In its own session, so that Ctrl+C in the terminal does not end it before it has cleaned up.
  const guard = spawn('/bin/sh', ['-c', guardScript, 'guard', folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.stdin.on('error', () => undefined);
  return {
    folder,
    owner,
    guard(child, signal) {
      guard.stdin.write(`${signal.replace('SIG', '')} ${child.pid}\n`);
      child.once('exit', () => guard.stdin.write('\n'));
    },
    remove() {
      guard.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  // The address of a server that listens on a port has this type.
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Starts the server, and resolves when it accepts connections. */
async function launch(plan: ServerPlan, port: number): Promise<ChildProcess> {
  const { program, argumentsFor, home, ready, signal } = plan;
  const { folder: cwd, owner } = home;
  const env = { PATH: process.env.PATH, LC_ALL: 'C' };
  const child = spawn(program, argumentsFor(port), { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], ...owner });
  await once(child, 'spawn');
  home.guard(child, signal);
  let output = '';
  await new Promise<void>((resolve, reject) => {
    const read = (chunk: string) => {
      output += chunk;
      if (ready.test(output)) resolve();
    };
    child.stdout.setEncoding('utf8').on('data', read);
    child.stderr.setEncoding('utf8').on('data', read);
    child.once('close', (code, by) => reject(new Error(`${program} ended with ${code ?? by}:\n${output}`)));
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
  const { home, signal } = plan;
  try {
    let [child, port] = await launchOnFreePort(plan);
    return {
      port,
      folder: home.folder,
      async crash() {
        await end(child, signal);
        child = await launch(plan, port);
      },
      async [Symbol.asyncDispose]() {
        await end(child, signal);
        home.remove();
      },
    };
  } catch (error) {
    home.remove();
    throw error;
  }
}
