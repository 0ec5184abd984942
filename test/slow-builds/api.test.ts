/** `npm run api`, its checks and `npm run version`, on packages and repositories of their own in temporary folders. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { outOfStep, untold, untoldSince } from '../../scripts/api/check.ts';
import { reportsOf } from '../../scripts/api/reports.ts';
import { changelogPage } from '../../scripts/docs/changelog.ts';
import { writeBaseline } from '../../scripts/release/baseline.ts';
import { addNotes, notesOf } from '../../scripts/release/changelog.ts';
import { changesetIn } from '../../scripts/release/changesets.ts';
import { foldIntoVersion, nextVersion } from '../../scripts/release/version.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

type Files = Readonly<Record<string, string>>;

function write(folder: string, files: Files): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

function read(folder: string, name: string): string {
  return readFileSync(join(folder, name), 'utf8');
}

const manifest = {
  name: '@octaspace/sdk',
  version: '0.1.0',
  type: 'module',
  exports: {
    '.': { import: { types: './dist/index.d.ts', default: './dist/index.js' } },
    './more': { types: './dist/more.d.ts', default: './dist/more.js' },
    './package.json': './package.json',
  },
};

/** The declarations of a package: one file that holds them, one that passes them on, and one that borrows. */
const declarations: Files = {
  'dist/index.d.cts': [
    '/** Hidden, but seen through what is exported. */',
    'interface Behind {\n    readonly depth: number;\n}',
    'interface Unseen {\n    readonly never: true;\n}',
    '/** What is exported. */',
    'declare class Client {\n    get(options?: Behind): Promise<string>;\n}',
    'declare const version: string;',
    'export { Client, version };',
  ].join('\n\n'),
  'dist/index.d.ts': "export * from './index.cjs';",
  'dist/more.d.ts': "import { Client } from './index.js';\nexport declare function more(client: Client): void;",
};

function folderWith(files: Files): string {
  const folder = mkdtempSync(join(tmpdir(), 'octaspace-meta-'));
  folders.push(folder);
  write(folder, { 'package.json': JSON.stringify(manifest), ...files });
  return folder;
}

function changeset(bump: string, note = 'Something new.'): string {
  return `---\n"@octaspace/sdk": ${bump}\n---\n\n${note}\n`;
}

/** A repository with reports, those of its last release. */
function released(): string {
  const folder = folderWith({ 'api/index.api.md': 'first\n', 'api/more.api.md': 'export const more: number;\n' });
  writeBaseline(folder, '0.1.0');
  return folder;
}

describe('reports', () => {
  test('Each entry point has one, through files that pass on, with what its exports refer to and nothing else.', () => {
    const reports = reportsOf(folderWith(declarations));
    expect([...reports.keys()]).toEqual(['index.api.md', 'more.api.md']);
    const index = reports.get('index.api.md') ?? '';
    expect(index).toContain('# What `@octaspace/sdk` exports\n');
    expect(index).toContain('\nexport class Client {\n    get(options?: Behind): Promise<string>;\n}\n');
    expect(index).toContain('\ninterface Behind {\n    readonly depth: number;\n}\n');
    expect(index).toContain('\nexport const version: string;\n');
    expect(index).not.toContain('Unseen');
    expect(reports.get('more.api.md')).toContain('\nexport function more(client: Client): void;\n');
  });

  test('What an entry point imports from another by name is left to the report of that one.', () => {
    const text = "import { Client } from '@octaspace/sdk';\nexport declare function more(client: Client): void;";
    const more = reportsOf(folderWith({ ...declarations, 'dist/more.d.ts': text })).get('more.api.md');
    expect(more).toMatch(
      /```ts\nimport \{ Client \} from '@octaspace\/sdk';\n\nexport function more\(client: Client\): void;\n```/,
    );
  });

  test('They do not change with comments, indentation, the order of declarations, or names of files.', () => {
    const parts = (declarations['dist/index.d.cts'] ?? '').split('\n\n');
    const untold = parts.filter((part) => !part.startsWith('/**'));
    const chunk = ['/** Told anew. */', ...untold.slice(0, -1).reverse(), untold.at(-1)]
      .join('\n')
      .replaceAll('    ', '\t');
    const moved = { ...declarations, 'dist/chunk.d.cts': chunk, 'dist/index.d.cts': "export * from './chunk.cjs';" };
    expect(reportsOf(folderWith(moved))).toEqual(reportsOf(folderWith(declarations)));
  });

  test('Declarations that do not compile are an error, not a report.', () => {
    const broken = { ...declarations, 'dist/more.d.ts': 'export declare const more: Nothing;' };
    expect(() => reportsOf(folderWith(broken))).toThrow(/^cannot create a report of .\/dist\/more\.d\.ts: .*"Nothing"/);
  });
});

describe('a report that is out of step with the build', () => {
  const builtWith = (more: string) =>
    new Map([
      ['index.api.md', 'first\n'],
      ['more.api.md', more],
    ]);

  test('is shown with its first differences, and with what to run.', () => {
    const folder = released();
    expect(outOfStep(folder, builtWith('export const more: number;\n'))).toEqual([]);
    expect(outOfStep(folder, builtWith('export const more: string;\n'))).toEqual([
      'api/more.api.md does not match the exports of the build:\n@@ -1 +1 @@\n-export const more: number;\n+export const more: string;',
      'Run: npm run api',
    ]);
  });

  test('is not shown at full length.', () => {
    const [problem = ''] = outOfStep(released(), builtWith('export {};\n'.repeat(100)));
    expect(problem.split('\n').length).toBe(32);
    expect(problem).toMatch(/\n… and 72 lines more$/);
  });

  test('may be missing, or be about an entry point that is gone.', () => {
    const folder = released();
    rmSync(join(folder, 'api/more.api.md'));
    write(folder, { 'api/gone.api.md': 'old\n' });
    expect(outOfStep(folder, builtWith('export const more: number;\n'))).toEqual([
      'api/gone.api.md belongs to an entry point that package.json does not export',
      'api/more.api.md is missing',
      'Run: npm run api',
    ]);
  });
});

describe('what has changed since the release', () => {
  test('has to be told of in a changeset.', () => {
    const folder = released();
    expect(untold(folder)).toEqual([]);
    write(folder, { 'api/more.api.md': 'other\n', 'api/new.api.md': 'new\n' });
    expect(untold(folder)).toEqual([
      'The exports have changed since 0.1.0 (more.api.md, new.api.md), but there is no changeset. Run: npm run changeset',
    ]);
    write(folder, { '.changeset/README.md': changeset('minor'), '.changeset/empty.md': '---\n---\n\nNothing.\n' });
    expect(untold(folder)).toHaveLength(1);
    write(folder, { '.changeset/news.md': changeset('minor') });
    expect(untold(folder)).toEqual([]);
  });

  test('may be that an entry point is gone.', () => {
    const folder = released();
    rmSync(join(folder, 'api/more.api.md'));
    expect(untold(folder)).toHaveLength(1);
  });

  test('is told of by changesets that say how much it counts.', () => {
    expect(changesetIn(changeset('patch', 'Mended.\n\nIn two lines.'), 'a.md', manifest.name)).toEqual({
      path: 'a.md',
      bump: 'patch',
      note: 'Mended.\n\nIn two lines.',
    });
    expect(changesetIn('---\n---\n\nNothing.\n', 'a.md', manifest.name)).toBeUndefined();
    expect(changesetIn(changeset('none'), 'a.md', manifest.name)).toBeUndefined();
    expect(() => changesetIn(changeset('huge'), 'a.md', manifest.name)).toThrow(
      'a.md: huge is not major, minor or patch',
    );
    expect(() => changesetIn('Only words.\n', 'a.md', manifest.name)).toThrow('a.md is not a changeset');
  });
});

function git(folder: string, ...given: readonly string[]): void {
  const who = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', '-c', 'commit.gpgsign=false'];
  execFileSync('git', [...who, ...given], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
}

function commit(folder: string, files: Files): void {
  write(folder, files);
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '--message', 'Change');
}

/** A repository on a branch that left `main` where it stands. */
function branched(files: Files = {}): string {
  const folder = folderWith({ 'api/index.api.md': 'first\n', '.changeset/of-others.md': changeset('minor'), ...files });
  git(folder, 'init', '--quiet', '--initial-branch', 'main');
  commit(folder, {});
  git(folder, 'checkout', '--quiet', '-b', 'branch');
  return folder;
}

describe('a branch that changes reports', () => {
  const untoldOf = (files: Files) => {
    const folder = branched();
    commit(folder, files);
    return untoldSince(folder, 'main');
  };
  const complaint = ['This branch changes api/index.api.md and has no changeset. Run: npm run changeset'];
  const changed = { 'api/index.api.md': 'second\n' };

  test('has to bring a changeset of its own.', () => {
    expect(untoldOf(changed)).toEqual(complaint);
    expect(untoldOf({ ...changed, '.changeset/empty.md': '---\n---\n\nNothing.\n' })).toEqual(complaint);
    expect(untoldOf({ ...changed, '.changeset/own.md': changeset('minor') })).toEqual([]);
  });

  test('is told apart from one that changes something else.', () => {
    expect(untoldOf({ 'src/index.ts': 'export {};\n', 'api/released.json': '{}\n' })).toEqual([]);
  });

  test('does not answer for what happened on the other branch since.', () => {
    const folder = branched();
    commit(folder, { 'src/index.ts': 'export {};\n' });
    git(folder, 'checkout', '--quiet', 'main');
    commit(folder, changed);
    git(folder, 'checkout', '--quiet', 'branch');
    expect(untoldSince(folder, 'main')).toEqual([]);
  });

  test('has to say what it left.', () => {
    expect(() => untoldSince(branched(), 'no-such-branch')).toThrow('no-such-branch');
  });
});

const changelog = '# @octaspace/sdk\n\n## 0.1.0\n\nThe first.\n\n## 0.0.9\n\n- Older.\n';

/** A repository with everything that has a version. */
function versioned(files: Files = {}): string {
  const lock = {
    name: manifest.name,
    version: '0.1.0',
    packages: { '': { version: '0.1.0' }, other: { version: '0.1.0' } },
  };
  const folder = branched({
    'CHANGELOG.md': changelog,
    'package-lock.json': JSON.stringify(lock),
    'src/core/version.ts': "/** The version. */\nexport const version: string = '0.1.0';\n",
    ...files,
  });
  cpSync(join(root, '.changeset/config.json'), join(folder, '.changeset/config.json'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

function versionsIn(folder: string): unknown[] {
  const lock = JSON.parse(read(folder, 'package-lock.json'));
  const source = /'(.*)'/.exec(read(folder, 'src/core/version.ts'))?.[1];
  const [released, { version }] = ['api/released.json', 'package.json'].map((name) => JSON.parse(read(folder, name)));
  return [version, lock.version, lock.packages[''].version, source, released.version, lock.packages.other.version];
}

describe('npm run version', () => {
  test('makes the version that changesets ask for, everywhere, and a new baseline.', () => {
    const folder = versioned();
    expect(nextVersion(folder)).toBe('0.2.0');
    expect(versionsIn(folder)).toEqual(['0.2.0', '0.2.0', '0.2.0', '0.2.0', '0.2.0', '0.1.0']);
    expect(notesOf(read(folder, 'CHANGELOG.md'), '0.2.0')).toContain('Something new.');
    expect(existsSync(join(folder, '.changeset/of-others.md'))).toBe(false);
    expect(untold(folder)).toEqual([]);
  });

  test('folds changesets into a version that is prepared.', () => {
    const folder = versioned({ '.changeset/second.md': changeset('patch', 'Two\nlines.') });
    expect(foldIntoVersion(folder)).toBe('0.1.0');
    expect(versionsIn(folder)).toEqual(Array(6).fill('0.1.0'));
    const wanted = 'The first.\n\n### Further changes\n\n- Something new.\n- Two\n  lines.';
    expect(notesOf(read(folder, 'CHANGELOG.md'), '0.1.0')).toBe(wanted);
    expect(untold(folder)).toEqual([]);
    expect(() => foldIntoVersion(folder)).toThrow('.changeset/ has no changesets to release');
  });

  test('does not fold into a version that is released.', () => {
    const folder = versioned();
    git(folder, 'tag', 'v0.1.0');
    expect(() => foldIntoVersion(folder)).toThrow(
      '0.1.0 is already released (the tag v0.1.0 exists). Run without --fold',
    );
    expect(read(folder, 'CHANGELOG.md')).toBe(changelog);
  });
});

describe('CHANGELOG.md', () => {
  test('gives the notes of one version.', () => {
    expect(notesOf(changelog, '0.1.0')).toBe('The first.');
    expect(notesOf(changelog, '0.0.9')).toBe('- Older.');
    expect(() => notesOf(changelog, '0.0.1')).toThrow('CHANGELOG.md has no section "## 0.0.1"');
    expect(() => notesOf('\n## 1.0.0\n\n## 0.9.0\n', '1.0.0')).toThrow('CHANGELOG.md has no notes for 1.0.0');
  });

  test('takes further notes at the end of a version, again and again.', () => {
    const once = addNotes(changelog, '0.1.0', ['One.']);
    const twice = addNotes(once, '0.1.0', ['Two.']);
    const wanted = changelog.replace('The first.', 'The first.\n\n### Further changes\n\n- One.\n- Two.');
    expect(twice).toBe(wanted);
    expect(addNotes(changelog, '0.0.9', ['Late.'])).toBe(`${changelog}\n### Further changes\n\n- Late.\n`);
  });

  test('is a page of the site, before which stands what changesets tell and no release holds yet.', () => {
    const page = (files: Files) => changelogPage(folderWith({ 'CHANGELOG.md': changelog, ...files }));
    const silent = {
      '.changeset/README.md': 'About changesets.\n',
      '.changeset/empty.md': '---\n---\n',
      '.changeset/none.md': changeset('none', 'Nothing that users see.'),
    };
    const past = changelog.slice('# @octaspace/sdk\n'.length);
    expect(page(silent)).toBe(`# Changelog\n\n\n${past}`);
    const coming = '## Not released yet\n\n- Two\n  lines.\n';
    expect(page({ ...silent, '.changeset/news.md': changeset('minor', 'Two\nlines.') })).toBe(
      `# Changelog\n\n${coming}\n${past}`,
    );
  });
});
