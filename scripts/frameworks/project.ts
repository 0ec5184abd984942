/** The project of a lane: the files of docs/frameworks.md, the files around them, the framework, and the packed package. */
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { freePort } from '../../test/support/raw-server.ts';
import { type Mock, startMock } from '../package/command.ts';
import type { Packed } from '../package/pack.ts';
import { quietly } from '../package/project.ts';
import { demand, Failed, root, run } from '../package/run.ts';
import { filesOf } from './recipes.ts';
import { type Server, type Start, startServer } from './server.ts';

/** Variables that prevent tools of a lane from sending reports. */
const silent = {
  CI: '1',
  DO_NOT_TRACK: '1',
  NO_UPDATE_NOTIFIER: '1',
  NEXT_TELEMETRY_DISABLED: '1',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
} as const;

/** Contents of a project. */
export interface Recipe {
  readonly name: string;
  /** The heading in docs/frameworks.md. */
  readonly section: string;
  /** The folder of test/frameworks with files that the section does not show; absent if it shows all files. */
  readonly fixture?: string;
  /** Exact versions of all packages besides the SDK. */
  readonly packages: Readonly<Record<string, string>>;
  /** The module system of the project. Default `module`. */
  readonly type?: 'commonjs' | 'module';
}

/** How a server of a lane is started. */
interface StartOptions extends Pick<Start, 'until'> {
  /** More variables. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** The project of a lane, with its own simulated API on this computer. */
export interface Project extends AsyncDisposable {
  readonly folder: string;
  readonly api: Mock;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Checks one thing, and counts it. A failure gets the title. */
  check(title: string, work: () => Promise<void>): Promise<void>;
  readonly checked: () => number;
  /** Runs a command of an installed package to its end, and returns what it printed. */
  bin(name: string, ...given: string[]): Promise<string>;
  /** Starts a server: a file of the project by Node, or a command of an installed package. `PORT` is the port. */
  start(given: (port: string) => readonly string[], how?: StartOptions): Promise<Server>;
  /** UUIDs of the sessions that run at the API. */
  running(): Promise<string[]>;
  /** A machine that can be rented. */
  machine(): Promise<number>;
}

function writeFiles(folder: string, files: ReadonlyMap<string, string>): void {
  for (const [file, code] of files) {
    const path = join(folder, file);
    if (existsSync(path)) throw new Failed(`test/frameworks has ${file}, which the page shows`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, code);
  }
}

/** Writes the sources of a lane, and installs their packages. */
async function makeFolder(folder: string, recipe: Recipe, { tarball }: Packed): Promise<void> {
  const { fixture, section, packages, type = 'module' } = recipe;
  if (fixture !== undefined) cpSync(join(root, 'test/frameworks', fixture), folder, { recursive: true });
  writeFiles(folder, filesOf(section));
  const dependencies = { ...packages, '@octaspace/sdk': `file:${tarball}` };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: recipe.name, private: true, type, dependencies }));
  await run('npm', ['install', ...quietly, '--prefer-offline'], { cwd: folder });
  for (const [name, version] of Object.entries(packages)) {
    const manifest = JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8'));
    demand(manifest.version === version, `${name} ${manifest.version} is installed instead of ${version}`);
  }
}

/** Reads a path of the API. */
async function told<Told>(api: Mock, path: string): Promise<Told> {
  const response = await fetch(`${api.url}${path}`, { headers: { authorization: 'any' } });
  demand(response.ok, `the API answered ${response.status} for ${path}`);
  return response.json();
}

/** Creates the project of a lane, and starts its API. */
export async function makeProject(folder: string, recipe: Recipe, packed: Packed): Promise<Project> {
  await makeFolder(folder, recipe, packed);
  const api = await startMock(folder, ['--seed', 'frameworks']);
  const home = join(folder, '.home');
  mkdirSync(home);
  const own = { OCTA_API_KEY: 'octa-key-of-the-frameworks', OCTA_BASE_URL: api.url };
  const env = { PATH: process.env.PATH, HOME: home, ...silent, ...own };
  const program = (name: string) => join(folder, 'node_modules/.bin', name);
  let checked = 0;
  return {
    folder,
    api,
    env,
    async check(title, work) {
      checked++;
      await work().catch((error: unknown) => {
        throw error instanceof Failed ? new Failed(`${title}: ${error.message}`) : error;
      });
    },
    checked: () => checked,
    bin: (name, ...given) => run(program(name), given, { cwd: folder, env }),
    async start(given, { variables, until } = {}) {
      const port = String(await freePort());
      const [first = '', ...others] = given(port);
      const isFile = /\.[cm]?js$/.test(first);
      return startServer({
        program: isFile ? process.execPath : program(first),
        given: isFile ? [first, ...others] : others,
        cwd: folder,
        env: { ...env, PORT: port, ...variables },
        until,
        url: `http://127.0.0.1:${port}`,
      });
    },
    running: async () => (await told<{ uuid: string }[]>(api, '/sessions')).map(({ uuid }) => uuid),
    async machine() {
      const [first] = await told<{ node_id: number }[]>(api, '/services/mr');
      if (first === undefined) throw new Failed('the API has no machine');
      return first.node_id;
    },
    [Symbol.asyncDispose]: () => api[Symbol.asyncDispose](),
  };
}
