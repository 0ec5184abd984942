/** `octaspace run --simulate`: a simulated market. The command runs as a child process of this process. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { OctaClient } from '../index.ts';
import { OctaSimulator, type SimulatedCommand } from '../testing/index.ts';
import { type CommandIo, loggerTo } from './io.ts';

/** Number of machines: enough to include every GPU model of the simulator. */
const machines = 64;
/** Time until a simulated machine is ready; short, to save the user's time. Unit: ms. */
const readyAfterMs = 1_000;
/** Speed limit for reading output, so that endless output does not fill the memory. Unit: characters per ms. */
const mostPerMs = 1_024;

type Container = Parameters<SimulatedCommand>[1];

/** The variables of the command: those of this process, except the variables of the SDK, and those of the container. */
function variables({ env }: CommandIo, { envs }: Container): NodeJS.ProcessEnv {
  const own = Object.entries(env).filter(([name]) => !name.startsWith('OCTA_'));
  return { ...Object.fromEntries(own), ...envs };
}

/** Creates a folder with the files of the job, in place of the working directory of a container. */
async function workFolder(files: Container['files']): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'octaspace-run-'));
  for (const [path, content] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}

/** Splits text into lines; the last one may have no line break. */
async function* linesIn(chunks: AsyncIterable<string>): AsyncGenerator<string, void, void> {
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
    await sleep(chunk.length / mostPerMs);
  }
  if (rest !== '') yield rest;
}

/** Runs a command like the wrapper of a job in a container: with `sh`, without input, and with both outputs combined. */
function commandHere(io: CommandIo, results: readonly string[]): SimulatedCommand {
  return async function* (command, container) {
    const { files, signal } = container;
    const folder = await workFolder(files);
    // A separate process group does not get the signals of the terminal, and can be killed as a whole.
    const child = spawn('sh', ['-c', 'exec 2>&1; sh -c "$1"; exit $?', 'sh', command], {
      cwd: folder,
      env: variables(io, container),
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    const end = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // The whole group has already ended.
      }
    };
    signal.addEventListener('abort', end);
    const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    // Background processes of the command end with its machine.
    ended.then(end, () => undefined);
    try {
      yield* linesIn(child.stdout.setEncoding('utf8'));
      const [code, by] = await ended;
      for (const path of results) {
        files.delete(path);
        const content = await readFile(join(folder, path)).catch(() => undefined);
        if (content !== undefined) files.set(path, content);
      }
      return code ?? 128 + (by === null ? 0 : constants.signals[by]);
    } finally {
      signal.removeEventListener('abort', end);
      end();
      await rm(folder, { recursive: true, force: true });
    }
  };
}

/** A client of a simulated market in real time. Commands of its machines run on this computer. */
export async function simulatedClient(io: CommandIo, seed: string, results: readonly string[]): Promise<OctaClient> {
  const simulator = new OctaSimulator({
    seed,
    machines,
    readyAfterMs,
    speed: 1,
    startedAt: Date.now(),
    keepRequests: 0,
  });
  const client = new OctaClient({ apiKey: 'simulated', fetch: simulator.fetch, logger: loggerTo(io) });
  const command = commandHere(io, results);
  for (const { node_id } of await client.services.mr.available()) simulator.machine(node_id).job(command);
  return client;
}
