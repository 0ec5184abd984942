/**
 * Splits the package into one file for each layer or resource. Its name makes stack traces readable, and bundlers can leave out the parts
 * that an application does not use.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import type { Plugin } from 'esbuild';
import { importsOf } from '../../test/support/imports.ts';
import { root } from '../package/run.ts';

/** The entry points that applications import. */
export const entries: Readonly<Record<string, string>> = {
  index: 'src/index.ts',
  node: 'src/node/index.ts',
  otel: 'src/otel/index.ts',
  query: 'src/query/index.ts',
  testing: 'src/testing/index.ts',
  zod: 'src/zod/index.ts',
};

/** Folders and files of the sources that entry points share. */
const parts: Readonly<Record<string, readonly string[]>> = {
  errors: ['src/errors/', 'src/readable.ts'],
  values: [
    'src/core/version.ts',
    'src/base64.ts',
    'src/wei.ts',
    'src/clock.ts',
    'src/country.ts',
    'src/disposal.ts',
    'src/nearest.ts',
    'src/utf8.ts',
  ],
  codec: ['src/codec/', 'generated/looks.ts', 'generated/plans.ts', 'generated/operations.ts'],
  transport: ['src/transport/', 'src/system-clock.ts'],
  core: ['src/core/', 'src/resources/resource.ts'],
  // The part of the leases that queries need. It has no state.
  evidence: ['evidence', 'failures', 'identity', 'readiness'].map((name) => `src/leases/${name}.ts`),
  leases: ['src/leases/', 'src/errors/session-error.ts'],
  accounts: ['src/resources/accounts.ts'],
  apps: ['src/resources/apps.ts'],
  'idle-jobs': ['src/resources/idle-jobs.ts'],
  network: ['src/resources/network.ts'],
  nodes: ['src/resources/nodes.ts'],
  sessions: ['src/resources/sessions.ts'],
  services: ['src/jobs/', 'src/resources/services/', 'src/resources/leases.ts', 'src/ssh.ts', 'src/prices.ts'],
  client: ['src/client.ts', 'src/env.ts', 'src/shared.ts'],
};

/** The places of all parts, longest first, because the longest prefix of a file is the most precise. */
const places = Object.entries(parts)
  .flatMap(([part, all]) => all.map((place) => ({ part, place })))
  .sort((one, other) => other.place.length - one.place.length);

/** The part or entry that contains a source file; undefined if every file that imports it gets a copy. */
function partOf(file: string): string | undefined {
  const [entry] = Object.entries(entries).find(([, source]) => source === file) ?? [];
  return entry ?? places.find(({ place }) => file.startsWith(place))?.part;
}

function sourceFiles(): string[] {
  return ['src', 'generated'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => posix.join(folder, name.replaceAll('\\', '/'))),
  );
}

/** Files of each part that are imported from outside of it. */
function sharedFiles(): ReadonlyMap<string, ReadonlySet<string>> {
  const shared = new Map<string, Set<string>>(Object.keys(parts).map((part) => [part, new Set()]));
  for (const file of sourceFiles()) {
    const specifiers = importsOf(file, readFileSync(join(root, file), 'utf8')).filter((each) => each.startsWith('.'));
    for (const target of specifiers.map((each) => posix.join(posix.dirname(file), each))) {
      const part = partOf(target);
      if (part !== partOf(file)) shared.get(part ?? '')?.add(target);
    }
  }
  return shared;
}

/** Writes a source for each part that exports what other parts import. Returns their paths by name. */
export function partSources(): Record<string, string> {
  const folder = join(root, 'node_modules/.cache/octaspace-parts');
  mkdirSync(folder, { recursive: true });
  const sources: Record<string, string> = {};
  for (const [part, files] of sharedFiles()) {
    const lines = [...files].sort().map((file) => `export * from '${join(root, file)}';\n`);
    const source = join(folder, `${part}.ts`);
    writeFileSync(source, lines.join(''));
    sources[part] = source;
  }
  return sources;
}

/** The path of a source file from the root of the repository; undefined for anything else. */
function sourcePath(path: string): string | undefined {
  return path.startsWith(root) ? path.slice(root.length).replaceAll('\\', '/') : undefined;
}

/** Imports of another part become imports of its file. */
export function betweenParts(extension: string): Plugin {
  return {
    name: 'between-parts',
    setup({ onResolve }) {
      onResolve({ filter: /^\.\.?\// }, ({ path, importer }) => {
        const target = sourcePath(join(dirname(importer), path));
        const part = target === undefined ? undefined : partOf(target);
        if (part === undefined || part === partOf(sourcePath(importer) ?? '')) return undefined;
        return { path: `./${part}${extension}`, external: true, sideEffects: false };
      });
    },
  };
}
