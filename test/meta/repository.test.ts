/** The files of the repository, and its package files. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { notesOf, readChangelog } from '../../scripts/release/changelog.ts';
import { version } from '../../src/core/version.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

function textOf(name: string): string {
  return readFileSync(join(root, name), 'utf8');
}

/** Everything that is tracked or about to be; a file that was just removed is still listed. */
const tracked = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\0')
  .filter((name) => name !== '' && existsSync(join(root, name)));

const manifest = JSON.parse(textOf('package.json'));
const lock = JSON.parse(textOf('package-lock.json'));

test('The version in the source is that of the package.', () => {
  expect(version).toBe(manifest.version);
  expect(lock.packages[''].version).toBe(manifest.version);
});

test('The release notes contain the version of the package.', () => {
  expect(notesOf(readChangelog(root), manifest.version)).toMatch(/^- /m);
});

test('openapi-fetch is the only dependency, at one exact version; others are optional.', () => {
  expect(manifest.dependencies).toEqual({ 'openapi-fetch': '0.17.0' });
  expect(['bundleDependencies', 'optionalDependencies'].filter((key) => key in manifest)).toEqual([]);
  const welcome = {
    '@modelcontextprotocol/sdk': '^1.32.0',
    '@opentelemetry/api': '^1.9.0',
    '@tanstack/query-core': '^5.0.0',
    undici: '^7.10.0',
    zod: '^4.0.0',
  };
  expect(manifest.peerDependencies).toEqual(welcome);
  const optional = Object.keys(welcome).map((name) => [name, { optional: true }]);
  expect(manifest.peerDependenciesMeta).toEqual(Object.fromEntries(optional));
});

test('No file contains a registry URL.', () => {
  const here = 'test/meta/repository.test.ts';
  const registry =
    /registry\.npmjs|registry\.yarnpkg|npm\.pkg\.github|\bregistry\s*=|_authToken|\b\w+:\/\/[^\s/]*\b(?:artifactory|verdaccio|nexus)\b/i;
  const naming = tracked.filter((name) => name !== here && registry.test(textOf(name)));
  expect(naming).toEqual([]);
});

interface LockEntry {
  readonly resolved?: string;
  readonly integrity?: string;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
}

/** Each folder that is installed from a lock file of its own, and how many packages that has at least. */
const locked = [
  ['the repository', '', 100],
  ['the playground', 'playground/', 50],
] as const;

describe.each(locked)('%s', (_, folder, least) => {
  const { packages } = JSON.parse(textOf(`${folder}package-lock.json`));

  test('The lock file does not contain download URLs.', () => {
    const entries = Object.entries<LockEntry>(packages).filter(([name]) => name !== '');
    expect(entries.length).toBeGreaterThan(least);
    expect(entries.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
    // npm writes the hashes of what it fetched, so those of builds for other platforms are missing.
    const foreign = ({ optional, os, cpu }: LockEntry) => optional === true && os !== undefined && cpu !== undefined;
    const unproven = entries.filter(([, entry]) => entry.integrity === undefined && !foreign(entry));
    expect(unproven.map(([name]) => name)).toEqual([]);
  });

  test('The lock file matches the package.', () => {
    const fields = ['name', 'dependencies', 'devDependencies', 'peerDependencies', 'peerDependenciesMeta'];
    const of = (holder: Readonly<Record<string, unknown>>) => fields.map((field) => [field, holder[field]]);
    expect(of(packages[''])).toEqual(of(JSON.parse(textOf(`${folder}package.json`))));
  });

  test('Packages for development are at exact versions, and none of them is a dependency as well.', () => {
    const { dependencies, devDependencies } = JSON.parse(textOf(`${folder}package.json`));
    const tools = Object.entries<string>(devDependencies);
    expect(tools.filter(([, range]) => !/^\d+\.\d+\.\d+$/.test(range))).toEqual([]);
    expect(tools.filter(([name]) => name in dependencies)).toEqual([]);
  });
});

test('The playground has exact versions, and its TanStack Query is the version that the SDK supports.', () => {
  const { private: isPrivate, dependencies } = JSON.parse(textOf('playground/package.json'));
  expect(isPrivate).toBe(true);
  expect(Object.values<string>(dependencies).filter((range) => !/^\d+\.\d+\.\d+$/.test(range))).toEqual([]);
  expect(dependencies['@tanstack/react-query']).toBe(manifest.devDependencies['@tanstack/query-core']);
});

test('Nothing built, installed or secret is tracked.', () => {
  const unwanted = /(?:^|\/)(?:node_modules|dist|coverage|reports)\/|\.tgz$|\.log$|(?:^|\/)\.(?:npmrc|env)$|\.har$/;
  expect(tracked.filter((name) => unwanted.test(name))).toEqual([]);
});

test('Text files end with one line break, and have no others than \\n.', () => {
  const texts = tracked.filter((name) => /\.(?:ts|js|json|yaml|md)$/.test(name));
  expect(texts.filter((name) => !/[^\n]\n$/.test(textOf(name)) || textOf(name).includes('\r'))).toEqual([]);
});

describe('every script of the package runs existing files', () => {
  const scripts: [string, string][] = Object.entries(manifest.scripts);
  test.each(scripts)('%s', (_, command) => {
    const parts = command.split(' && ').map((part) => part.split(' '));
    const missing = parts.filter(([program = '', first = '', second = '']) => {
      if (program === 'npm') return !((first === 'run' ? second : first) in manifest.scripts);
      // Node itself, with tsx to read TypeScript, gets signals at first hand.
      const script = { tsx: first, node: command.split(' ').at(-1) }[program];
      const file = script ?? `node_modules/.bin/${program}`;
      return !existsSync(join(root, file));
    });
    expect(missing).toEqual([]);
  });
});

test('Only the entry points and the manifest can be imported.', () => {
  expect(Object.keys(manifest.exports)).toEqual([
    '.',
    './node',
    './otel',
    './query',
    './testing',
    './zod',
    './package.json',
  ]);
  expect(manifest.files).toEqual(['dist']);
  expect(manifest.sideEffects).toBe(false);
});
