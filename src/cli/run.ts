/** The commands of `octaspace`. */
import { isOctaError, OctaConfigurationError, version } from '../index.ts';
import { readableLine } from '../readable.ts';
import { Misuse } from './arguments.ts';
import { exitCodes, type Io, writeLines } from './io.ts';
import { mock, mockUsage } from './mock.ts';
import { reap, reapUsage } from './reap.ts';
import { sessions, sessionsUsage } from './sessions.ts';
import { smoke, smokeUsage } from './smoke.ts';
import { stop, stopUsage } from './stop.ts';

/** One command. */
interface Command {
  readonly usage: string;
  readonly run: (given: readonly string[], io: Io) => Promise<number>;
}

const commands = new Map<string, Command>([
  ['smoke', { usage: smokeUsage, run: smoke }],
  ['sessions', { usage: sessionsUsage, run: sessions }],
  ['stop', { usage: stopUsage, run: stop }],
  ['reap', { usage: reapUsage, run: reap }],
  ['mock', { usage: mockUsage, run: mock }],
]);

const usage = `octaspace ${version}

  octaspace smoke      checks that the API can be read, and changes nothing
  octaspace sessions   lists the sessions that run, and what they cost
  octaspace stop       stops sessions, and waits until each is proven to be over
  octaspace reap       stops the sessions of programs that are dead, by their ledger
  octaspace mock       runs a simulated API on this computer

  octaspace <command> --help    options of a command
  octaspace --version           this version

Exit code: 0 ok, 1 something failed, 2 misuse; of reap also 3, something is unresolved.`;

function complain({ stderr }: Io, message: string, help: string): number {
  writeLines(stderr, `octaspace: ${readableLine(message)}`, '', help);
  return exitCodes.misused;
}

async function runCommand({ usage: help, run }: Command, given: readonly string[], io: Io): Promise<number> {
  if (given.some((argument) => argument === '--help' || argument === '-h')) {
    writeLines(io.stdout, help);
    return exitCodes.ok;
  }
  try {
    return await run(given, io);
  } catch (error) {
    if (error instanceof Misuse) return complain(io, error.message, help);
    if (!isOctaError(error)) throw error;
    writeLines(io.stderr, `octaspace: ${readableLine(error.message)}`);
    return error instanceof OctaConfigurationError ? exitCodes.misused : exitCodes.failed;
  }
}

/** Runs a command line, without the name of the program. Gives the exit code. */
export async function run([name, ...given]: readonly string[], io: Io): Promise<number> {
  if (name === '--help' || name === '-h') {
    writeLines(io.stdout, usage);
    return exitCodes.ok;
  }
  if (name === '--version') {
    writeLines(io.stdout, version);
    return exitCodes.ok;
  }
  const command = commands.get(name ?? '');
  if (command !== undefined) return runCommand(command, given, io);
  const allowed = [...commands.keys(), '--help', '--version'].join(', ');
  const problem = name === undefined ? 'a command is needed' : `there is no ${JSON.stringify(name)}`;
  return complain(io, `${problem}; allowed: ${allowed}`, usage);
}
