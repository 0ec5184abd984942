/** The publishing side of a rehearsal. */
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { demand, root, run } from '../package/run.ts';
import { pendingIn } from '../release/changesets.ts';
import { npm, type Rehearsal } from './rehearsal.ts';

/** Dependencies of our package, and packages of a new TypeScript project. */
const seeds = [
  ...['openapi-fetch', 'openapi-typescript-helpers', 'typescript', '@types/node', 'undici-types'],
  ...['tsx', 'esbuild', `@esbuild/${process.platform}-${process.arch}`],
];

/** A package and its version. */
export interface Release {
  readonly name: string;
  readonly version: string;
}

function releaseIn(folder: string): Release {
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return { name, version };
}

/** Publishes installed packages of this checkout, so that npm finds them in the registry. */
export async function seed(rehearsal: Rehearsal): Promise<string> {
  const folder = join(rehearsal.folder, 'seeds');
  mkdirSync(folder);
  const installed = seeds.map((name) => join(root, 'node_modules', name));
  const packed = await npm(rehearsal, folder, ['pack', '--json', '--ignore-scripts', ...installed]);
  const files: { filename: string }[] = JSON.parse(packed);
  for (const { filename } of files) {
    await npm(rehearsal, folder, ['publish', '--ignore-scripts', '--provenance=false', `./${filename}`]);
  }
  return installed.map((each) => Object.values(releaseIn(each)).join(' ')).join(', ');
}

/** Runs git in the copy of the checkout, with the settings of the rehearsal alone. */
function git({ registry, signal }: Rehearsal, cwd: string, given: readonly string[]): Promise<string> {
  return run('git', given, { cwd, env: registry.env, signal });
}

/** Copies tracked and new files into another repository, so that this checkout does not change. */
export async function copyCheckout(rehearsal: Rehearsal): Promise<string> {
  const { folder, signal } = rehearsal;
  const copy = join(folder, 'checkout');
  const listing = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const listed = await run('git', listing, { cwd: root, signal });
  const files = listed.split('\0').filter((name) => name !== '' && existsSync(join(root, name)));
  for (const file of files) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(root, file), join(copy, file));
  }
  await git(rehearsal, copy, ['init', '--quiet', '--initial-branch=main']);
  await git(rehearsal, copy, ['add', '--all']);
  await git(rehearsal, copy, ['commit', '--quiet', '--message=Rehearse']);
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

/** Makes the next version if there are changesets, as the pull request of the release workflow does. */
export async function settleVersion(rehearsal: Rehearsal, copy: string): Promise<Release> {
  if (pendingIn(copy).length > 0) await npm(rehearsal, copy, ['run', 'version']);
  return releaseIn(copy);
}

/** The metadata of a package in the registry. */
interface Published {
  readonly versions: Readonly<Record<string, { readonly gitHead?: string }>>;
  readonly 'dist-tags': Readonly<Record<string, string>>;
}

async function publishedAs({ registry, signal }: Rehearsal, name: string): Promise<Published> {
  const response = await fetch(`${registry.url}/${name.replace('/', '%2f')}`, { signal });
  demand(response.ok, `the registry answers ${response.status} when it is asked for ${name}`);
  return response.json();
}

/** Publishes with the command of the release workflow, and checks the result in the registry and in git. */
export async function publish(rehearsal: Rehearsal, copy: string, { name, version }: Release): Promise<void> {
  const printed = await npm(rehearsal, copy, ['run', 'release']);
  const { versions, 'dist-tags': tags } = await publishedAs(rehearsal, name);
  demand(Object.keys(versions).join() === version, `versions published: ${Object.keys(versions)}\n${printed}`);
  demand(JSON.stringify(tags) === JSON.stringify({ latest: version }), `tags published: ${JSON.stringify(tags)}`);
  const { gitHead } = versions[version] ?? {};
  const head = (await git(rehearsal, copy, ['rev-parse', 'HEAD'])).trim();
  // The release workflow tags the commit that npm reports.
  demand(gitHead === head, `npm tells that ${gitHead} was published, not ${head}`);
  const tagged = (await git(rehearsal, copy, ['tag', '--list'])).trim();
  demand(tagged === `v${version}`, `git has the tags ${tagged}, not v${version}`);
}

/** Checks that publishing again does nothing, because the workflow publishes after every merge. */
export async function publishAgain(rehearsal: Rehearsal, copy: string, { name, version }: Release): Promise<void> {
  await npm(rehearsal, copy, ['run', 'release']);
  const { versions } = await publishedAs(rehearsal, name);
  demand(Object.keys(versions).join() === version, `versions published: ${Object.keys(versions)}`);
}
