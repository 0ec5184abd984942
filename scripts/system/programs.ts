/** Finds programs of the operating system that tests need, and installs missing ones. */
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { demand, Failed, run } from '../package/run.ts';

/** A machine: its environment, and whether this process may install packages on it. */
export interface Machine {
  readonly env: NodeJS.ProcessEnv;
  readonly isRoot: boolean;
  /** How long to wait for another process that installs packages. Default 600. Unit: seconds. */
  readonly lockSeconds?: number;
}

const thisMachine: Machine = { env: process.env, isRoot: process.getuid?.() === 0 };

/** One program, or several of one package. */
interface Requirement {
  readonly title: string;
  /** The Debian package. */
  readonly package: string;
  /** An environment variable that names the program. */
  readonly variable?: string;
  /** The program, or the folder of the programs; undefined if it is not installed. */
  readonly find: (env: NodeJS.ProcessEnv) => string | undefined;
}

function foldersOnPath(env: NodeJS.ProcessEnv): string[] {
  return (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
}

/** The first of these programs on PATH. */
function programOnPath(env: NodeJS.ProcessEnv, ...names: readonly string[]): string | undefined {
  const paths = names.flatMap((name) => foldersOnPath(env).map((folder) => join(folder, name)));
  return paths.find((path) => existsSync(path));
}

const chromiumVariable = 'OCTA_TEST_CHROMIUM';

function findChromium(env: NodeJS.ProcessEnv): string | undefined {
  const named = env[chromiumVariable];
  if (named === undefined || named === '') return programOnPath(env, 'chromium', 'chromium-browser', 'google-chrome');
  demand(existsSync(named), `${chromiumVariable} is ${named}, which does not exist`);
  return named;
}

/** Debian keeps the server's programs of each version in a folder that is not on PATH. */
function findPostgres(env: NodeJS.ProcessEnv): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((one, other) => Number(other) - Number(one)) : [];
  const folders = [...foldersOnPath(env), ...versions.map((version) => join(debian, version, 'bin'))];
  return folders.find((folder) => ['initdb', 'postgres'].every((name) => existsSync(join(folder, name))));
}

const requirements = {
  chromium: { title: 'Chromium', package: 'chromium', variable: chromiumVariable, find: findChromium },
  redis: { title: 'Redis', package: 'redis-server', find: (env) => programOnPath(env, 'redis-server') },
  postgres: { title: 'PostgreSQL', package: 'postgresql', find: findPostgres },
} satisfies Record<string, Requirement>;

/** The programs that tests can use. */
export type Program = keyof typeof requirements;

function requirementFor(program: Program): Requirement {
  return requirements[program];
}

/** Programs that are not installed. */
export function missing(programs: readonly Program[], { env }: Machine = thisMachine): Program[] {
  return programs.filter((program) => requirementFor(program).find(env) === undefined);
}

function howToInstall(programs: readonly Program[]): string {
  const wanted = programs.map((program) => requirementFor(program));
  const titles = wanted.map(({ title }) => title).join(' and ');
  const packages = wanted.map((each) => each.package).join(' ');
  const paths = wanted.flatMap(({ title, variable }) =>
    variable === undefined ? [] : [`, or set ${variable} to the path of ${title}`],
  );
  const command = `sudo apt-get install --no-install-recommends ${packages}`;
  return `${titles} not found; install with "${command}" on Debian or Ubuntu${paths.join('')}`;
}

/** Where a program is: the program itself, or for PostgreSQL the folder of its programs. Installs nothing. */
export function locate(program: Program, { env }: Machine = thisMachine): string {
  const path = requirementFor(program).find(env);
  demand(path !== undefined, howToInstall([program]));
  return path;
}

/** The error of apt-get while another process holds one of its locks. DPkg::Lock::Timeout waits only for the locks of dpkg. */
const locked = /Could not get lock|Unable to (?:lock|acquire)/;

async function aptGet(packages: readonly string[], env: NodeJS.ProcessEnv, lockSeconds: number): Promise<void> {
  const how = { env: { ...env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' }, limitMs: 900_000 };
  const options = ['-y', '-o', `DPkg::Lock::Timeout=${lockSeconds}`];
  await run('apt-get', [...options, 'update'], how);
  await run('apt-get', [...options, 'install', '--no-install-recommends', ...packages], how);
}

/**
 * Installs the packages of all missing programs, with one update and one installation. Call it once, before test workers start; they only
 * look programs up. Throws Failed if a program is missing and cannot be installed here.
 */
export async function installMissing(programs: readonly Program[], machine: Machine = thisMachine): Promise<void> {
  const { env, isRoot, lockSeconds = 600 } = machine;
  const until = performance.now() + lockSeconds * 1_000;
  let wanted = missing(programs, machine);
  if (wanted.length === 0) return;
  demand(isRoot && programOnPath(env, 'apt-get') !== undefined, howToInstall(wanted));
  const packagesOf = () => wanted.map((program) => requirementFor(program).package);
  console.log(`Installing from Debian: ${packagesOf().join(', ')}.`);
  while (wanted.length > 0) {
    try {
      await aptGet(packagesOf(), env, lockSeconds);
      wanted = missing(wanted, machine);
      demand(wanted.length === 0, `apt-get succeeded, but ${howToInstall(wanted)}`);
    } catch (error) {
      const mayRepeat = error instanceof Failed && locked.test(error.message) && performance.now() < until;
      if (!mayRepeat) throw error;
      await sleep(1_000);
      // The other process may have installed the same packages.
      wanted = missing(wanted, machine);
    }
  }
}
