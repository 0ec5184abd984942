/** Uses the published package: an empty project, the quick start of README.md, and the mock of the package. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { blocksOf } from '../../test/support/pages.ts';
import { type Mock, startMock } from '../package/command.ts';
import { demand, Failed, run } from '../package/run.ts';
import type { Release } from './publishing.ts';
import { npm, type Rehearsal } from './rehearsal.ts';

const apiKey = 'key-of-the-rehearsal';

/** Creates an empty project and installs the package in it, as README.md says. */
export async function installInProject(rehearsal: Rehearsal, { name, version }: Release): Promise<string> {
  const project = join(rehearsal.folder, 'project');
  mkdirSync(project);
  await npm(rehearsal, project, ['init', '--yes']);
  await npm(rehearsal, project, ['install', name]);
  const { packages } = JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8'));
  const { [`node_modules/${name}`]: installed, ...others } = packages;
  demand(installed.version === version, `npm installs ${installed.version}`);
  const names = Object.keys(others)
    .filter((path) => path !== '')
    .join();
  const wanted = 'node_modules/openapi-fetch,node_modules/openapi-typescript-helpers';
  demand(names === wanted, `it also installs: ${names}`);
  return project;
}

function filesIn(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => name.replaceAll('\\', '/'));
  return names.filter((name) => statSync(join(folder, name)).isFile()).sort();
}

/** Checks that the installed files are identical to the build, and that there are no others. */
export function compareFiles(project: string, copy: string, { name }: Release): number {
  const installed = join(project, 'node_modules', name);
  const wanted = ['LICENSE', 'README.md', ...filesIn(join(copy, 'dist')).map((file) => `dist/${file}`), 'package.json'];
  const found = filesIn(installed);
  const missing = wanted.filter((file) => !found.includes(file));
  demand(missing.length === 0, `the package lacks ${missing.join(', ')}`);
  const surplus = found.filter((file) => !wanted.includes(file));
  demand(surplus.length === 0, `the package also contains ${surplus.join(', ')}`);
  const differs = (file: string) => !readFileSync(join(copy, file)).equals(readFileSync(join(installed, file)));
  const changed = found.filter(differs);
  demand(changed.length === 0, `the package has different contents in ${changed.join(', ')}`);
  return found.length;
}

/** The program in the section "Quick start". */
export function quickStartOf(readme: string): string {
  const [, section] = /^## Quick start\n(.*?)^## /ms.exec(readme) ?? [];
  if (section === undefined) throw new Failed('README.md has no section "Quick start"');
  const pieces = blocksOf('README.md', section).filter((block) => block.language === 'ts');
  demand(pieces.length > 0, 'the quick start of README.md has no program');
  return pieces.map(({ code }) => code).join('');
}

const tsconfig = {
  compilerOptions: {
    strict: true,
    module: 'nodenext',
    target: 'es2022',
    lib: ['es2022', 'esnext.disposable'],
    types: ['node'],
    noEmit: true,
  },
  include: ['*.mts'],
};

/** Compiles the quick start of the published README. */
export async function compileQuickStart(rehearsal: Rehearsal, project: string, { name }: Release): Promise<void> {
  await npm(rehearsal, project, ['install', '--save-dev', 'typescript', '@types/node', 'tsx']);
  const readme = readFileSync(join(project, 'node_modules', name, 'README.md'), 'utf8');
  writeFileSync(join(project, 'quick-start.mts'), quickStartOf(readme));
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(tsconfig));
  await npm(rehearsal, project, ['exec', '--no', '--', 'tsc']);
}

const afterwards = `
import { OctaClient, toJson } from '@octaspace/sdk';
const client = OctaClient.fromEnv();
console.log(toJson({ running: await client.sessions.list(), ended: await client.sessions.list({ recent: true }) }));
`;

/** A session as the second program prints it. */
interface Ended {
  readonly charge_amount?: string;
}

/** Checks that after the quick start, the account has one ended session with a charge. */
function checkAccount(printed: string): string {
  const { running, ended }: { running: unknown[]; ended: Ended[] } = JSON.parse(printed);
  demand(running.length === 0, `sessions left running: ${JSON.stringify(running)}`);
  demand(ended.length === 1, `${ended.length} sessions have ended, not one`);
  const charge = BigInt(ended[0]?.charge_amount ?? 0);
  demand(charge > 0n, `the session has cost ${charge} Wei`);
  return `${charge} Wei`;
}

/** How many successful requests of this kind the mock received. */
function timesAsked(mock: Mock, operation: string): number {
  return mock
    .printed()
    .split('\n')
    .filter((line) => new RegExp(`\\b2\\d\\d +${operation} `).test(line)).length;
}

/** Runs the quick start against the mock: it rents, prints the address, and stops. Returns the charge of the session. */
export async function runQuickStart({ signal }: Rehearsal, project: string): Promise<string> {
  // The clock of the mock runs fast.
  await using mock = await startMock(project, ['--api-key', apiKey, '--speed', '30']);
  const env = { PATH: process.env.PATH, OCTA_API_KEY: apiKey, OCTA_BASE_URL: mock.url, NODE_NO_WARNINGS: '1' };
  const where = { cwd: project, env, signal, limitMs: 60_000 };
  const printed = await run(process.execPath, ['--import', 'tsx', 'quick-start.mts'], where);
  const wanted = /^ssh -p \d+ root@\d+\.\d+\.\d+\.\d+\n\d+(?:\.\d+)? OCTA so far\n$/;
  demand(wanted.test(printed), `the quick start prints something else:\n${printed}`);
  const asked = ['startMr', 'stopSession'].map((operation) => timesAsked(mock, operation));
  demand(asked.join() === '1,1', `starts and stops: ${asked.join(' and ')}\n${mock.printed()}`);
  writeFileSync(join(project, 'afterwards.mjs'), afterwards);
  return checkAccount(await run(process.execPath, ['afterwards.mjs'], where));
}
