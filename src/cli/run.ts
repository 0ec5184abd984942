/** The commands of `octaspace`. */
import { version } from '../index.ts';
import { didYouMean } from '../nearest.ts';
import { hasOption, Misuse } from './arguments.ts';
import { type CommandIo, exitCodes, type Io, tell, writeLines } from './io.ts';
import { job, jobUsage } from './job.ts';
import { mcp } from './mcp/command.ts';
import { mcpUsage } from './mcp/settings.ts';
import { mock, mockUsage } from './mock.ts';
import { reap, reapUsage } from './reap.ts';
import { report } from './report.ts';
import { sessions, sessionsUsage } from './sessions.ts';
import { smoke, smokeUsage } from './smoke.ts';
import { stop, stopUsage } from './stop.ts';

/** One command. */
interface Command {
  readonly usage: string;
  readonly run: (given: readonly string[], io: CommandIo) => Promise<number>;
  /** Exit code after a failure. Default: that of every command. */
  readonly failed?: number;
  /** Whether the process must wait for the command to clean up, even if stdout is closed. Default false. */
  readonly hasToEndFirst?: boolean;
}

const commands = new Map<string, Command>([
  ['smoke', { usage: smokeUsage, run: smoke }],
  ['run', { usage: jobUsage, run: job, failed: exitCodes.jobFailed, hasToEndFirst: true }],
  ['sessions', { usage: sessionsUsage, run: sessions }],
  ['stop', { usage: stopUsage, run: stop }],
  ['reap', { usage: reapUsage, run: reap }],
  ['mock', { usage: mockUsage, run: mock }],
  ['mcp', { usage: mcpUsage, run: mcp, hasToEndFirst: true }],
]);

const usage = `octaspace ${version}

  octaspace smoke      checks that the API responds as expected, and changes nothing
  octaspace run        runs a command on a rented machine, and stops the machine
  octaspace sessions   lists the running sessions, and what they cost
  octaspace stop       stops sessions, and waits until each is proven over
  octaspace reap       stops the sessions that dead programs left in a ledger
  octaspace mock       runs a simulated API on this computer
  octaspace mcp        lets agents find, rent and stop machines, over the Model Context Protocol

  octaspace help COMMAND   prints the options of a command; so do octaspace COMMAND --help and -h
  octaspace --version      prints the version; so does -v

With --json, every command writes only JSON: results to stdout, everything else to stderr, one object per line.
Exit code: 0 success, 1 failure, 2 misuse; reap also exits with 3 if a lease is unresolved. run exits with the exit
code of its command, or with 125 if something else failed.`;

function commandOf(name: string): Command {
  const command = commands.get(name);
  if (command !== undefined) return command;
  throw new Misuse(`unknown command ${JSON.stringify(name)}; ${didYouMean(name, [...commands.keys(), 'help'])}`);
}

function help([name, ...more]: readonly string[], { stdout }: Io): number {
  if (more.length > 0) throw new Misuse(`unexpected argument ${JSON.stringify(more[0])}; help takes one command`);
  writeLines(stdout, name === undefined ? usage : commandOf(name).usage);
  return exitCodes.ok;
}

/** Runs an option that is given instead of a command. */
function runOption(option: string, io: Io): number {
  if (['--help', '-h'].includes(option)) return help([], io);
  if (['--version', '-v'].includes(option)) {
    writeLines(io.stdout, version);
    return exitCodes.ok;
  }
  if (option === '--json') throw new Misuse('missing command; write it before --json, as in octaspace smoke --json');
  const advice = didYouMean(option.replace(/^-+/, ''), ['help', 'version'], (each) => `--${each}`);
  throw new Misuse(`unknown option ${JSON.stringify(option)} for octaspace; ${advice}`);
}

async function dispatch([name, ...given]: readonly string[], io: CommandIo): Promise<number> {
  if (name === undefined) {
    tell(io, 'missing command');
    writeLines(io.stderr, '', usage);
    return exitCodes.misused;
  }
  if (name.startsWith('-')) return runOption(name, io);
  if (name === 'help')
    return help(
      given.filter((each) => each !== '--json'),
      io,
    );
  const command = commandOf(name);
  if (hasOption(given, '--help', '-h')) return help([name], io);
  return command.run(given, io);
}

/** What a failure means for a command: its exit code, and whether the process must wait for it. */
export function endingOf([name = '']: readonly string[]): Required<Pick<Command, 'failed' | 'hasToEndFirst'>> {
  const { failed = exitCodes.failed, hasToEndFirst = false } = commands.get(name) ?? {};
  return { failed, hasToEndFirst };
}

/** Runs a command line, without the name of the program. Returns the exit code. */
export async function run(given: readonly string[], surroundings: Io): Promise<number> {
  const io: CommandIo = { ...surroundings, json: hasOption(given, '--json') };
  try {
    return await dispatch(given, io);
  } catch (error) {
    return report(error, io, endingOf(given).failed);
  }
}
