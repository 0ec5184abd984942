/** Dependencies go one way: a file imports from its own layer and from lower ones that its layer may know. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { importsOf } from '../support/imports.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Layer {
  /** A folder, or a file. */
  readonly place: string;
  readonly rank: number;
  /** Ranks that it may import besides its own; for all of them see the table below. */
  readonly below: readonly number[];
}

const layers: readonly Layer[] = [
  { place: 'generated/', rank: 0, below: [] },
  { place: 'src/readable.ts', rank: 0.5, below: [] },
  { place: 'src/nearest.ts', rank: 0.5, below: [] },
  { place: 'src/errors/', rank: 1, below: [0, 0.5] },
  { place: 'src/wei.ts', rank: 1, below: [] },
  { place: 'src/utf8.ts', rank: 0.5, below: [] },
  { place: 'src/base64.ts', rank: 1, below: [0.5] },
  { place: 'src/clock.ts', rank: 1, below: [] },
  { place: 'src/country.ts', rank: 1, below: [] },
  { place: 'src/disposal.ts', rank: 1, below: [] },
  { place: 'src/prices.ts', rank: 1.5, below: [0, 1] },
  { place: 'src/system-clock.ts', rank: 1.5, below: [1] },
  { place: 'src/node/durable-files.ts', rank: 1.5, below: [] },
  { place: 'src/codec/', rank: 2, below: [0, 0.5, 1] },
  { place: 'src/ssh.ts', rank: 2, below: [0, 1] },
  { place: 'src/transport/', rank: 3, below: [0.5, 1] },
  { place: 'src/core/', rank: 4, below: [0, 0.5, 1, 1.5, 2, 3] },
  { place: 'src/leases/', rank: 4.5, below: [0, 1, 4] },
  { place: 'src/jobs/', rank: 4.7, below: [1, 4, 4.5] },
  { place: 'src/resources/', rank: 5, below: [0, 1, 1.5, 4, 4.5, 4.7] },
  { place: 'src/env.ts', rank: 6, below: [0, 1, 2, 3, 4, 4.5, 5] },
  { place: 'src/client.ts', rank: 7, below: [0, 1, 2, 3, 4, 4.5, 5, 6] },
  { place: 'src/shared.ts', rank: 8, below: [0, 1, 2, 3, 4, 4.5, 5, 6, 7] },
  { place: 'src/index.ts', rank: 9, below: [0, 1, 2, 3, 4, 4.5, 4.7, 5, 6, 7, 8] },
  { place: 'src/node/leases/', rank: 8.5, below: [0.5, 1, 1.5, 4, 4.5, 7] },
  { place: 'src/node/', rank: 9, below: [0.5, 1, 3, 6, 8.5] },
  { place: 'src/otel/', rank: 9, below: [4] },
  { place: 'src/query/', rank: 9, below: [1, 4.5, 5] },
  { place: 'src/testing/', rank: 9, below: [0, 0.5, 1, 2] },
  { place: 'src/zod/', rank: 9, below: [0, 1] },
  { place: 'src/cli/', rank: 10, below: [0, 0.5, 1.5, 9] },
];

/** Packages that a file may import. */
const packages: Readonly<Record<string, readonly string[]>> = {
  'src/core/api.ts': ['openapi-fetch'],
  'generated/zod.ts': ['zod/mini'],
  'generated/zod-answers.ts': ['zod/mini'],
  'src/otel/instrument.ts': ['@opentelemetry/api'],
  'src/otel/instruments.ts': ['@opentelemetry/api'],
  'src/query/query.ts': ['@tanstack/query-core'],
  'src/query/types.ts': ['@tanstack/query-core'],
  'src/zod/issues.ts': ['zod/mini'],
  'src/zod/options.ts': ['zod/mini'],
};

/** Whether a file may import a package, or a module of Node. */
function mayImport(file: string, name: string): boolean {
  const ofNode = file.startsWith('src/node/') && (name === 'undici' || name.startsWith('node:'));
  const ofCommand = file.startsWith('src/cli/') && name.startsWith('node:');
  // Types alone, or the package would hold itself twice: then declarations refer to those of the main entry.
  const ofEntry = /^src\/(otel|query|testing|zod)\//.test(file) && name === '@octaspace/sdk';
  const ofMcp = file.startsWith('src/cli/mcp/') && (name === 'zod' || name.startsWith('@modelcontextprotocol/sdk/'));
  return ofNode || ofCommand || ofMcp || ofEntry || (packages[file]?.includes(name) ?? false);
}

function layerOf(file: string): Layer | undefined {
  return layers.find(({ place }) => (place.endsWith('/') ? file.startsWith(place) : file === place));
}

/** What is wrong with one import; undefined when nothing is. */
function problemWith(file: string, specifier: string): string | undefined {
  const layer = layerOf(file);
  if (layer === undefined) return `${file} belongs to no layer`;
  if (!specifier.startsWith('.')) {
    return mayImport(file, specifier) ? undefined : `${file} imports ${specifier}`;
  }
  if (!specifier.endsWith('.ts')) return `${file} imports ${specifier} without its ending`;
  const target = posix.join(posix.dirname(file), specifier);
  const to = layerOf(target);
  if (to === undefined) return `${file} imports ${target}, which belongs to no layer`;
  // Two layers of the same rank do not know each other.
  const allowed =
    to === layer || layer.below.includes(to.rank) || (file === 'src/wei.ts' && to.place === 'src/errors/');
  return allowed ? undefined : `${file} imports ${target}`;
}

const files = ['generated', 'src'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => posix.join(folder, name.replaceAll('\\', '/'))),
);
const imports = new Map(files.map((file) => [file, importsOf(file, readFileSync(join(root, file), 'utf8'))]));

describe('every file imports only what its layer allows', () => {
  test.each(files)('%s', (file) => {
    const problems = (imports.get(file) ?? []).map((specifier) => problemWith(file, specifier));
    expect(
      [problemWith(file, `./${file.split('/').at(-1)}`), ...problems].filter((each) => each !== undefined),
    ).toEqual([]);
  });
});

test('Every layer has files, and every imported file exists.', () => {
  expect(layers.filter(({ place }) => !files.some((file) => file.startsWith(place)))).toEqual([]);
  const missing = [...imports].flatMap(([file, specifiers]) =>
    specifiers
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => posix.join(posix.dirname(file), specifier))
      .filter((target) => !files.includes(target)),
  );
  expect(missing).toEqual([]);
});

const entries = [
  'index.ts',
  'node/index.ts',
  'otel/index.ts',
  'query/index.ts',
  'testing/index.ts',
  'zod/index.ts',
  'cli/index.ts',
  'node/leases/reaper.ts',
].map((name) => `src/${name}`);

test('Every file is reachable from an entry point.', () => {
  const reached = new Set(entries);
  for (const file of reached) {
    for (const specifier of imports.get(file) ?? []) {
      if (specifier.startsWith('.')) reached.add(posix.join(dirname(file), specifier));
    }
  }
  expect(files.filter((file) => !reached.has(file))).toEqual([]);
});

test('Only the command imports its server for agents, which loads its packages only when it runs.', () => {
  const reached = new Set(entries.filter((entry) => entry !== 'src/cli/index.ts'));
  for (const file of reached) {
    for (const specifier of imports.get(file) ?? []) {
      if (specifier.startsWith('.')) reached.add(posix.join(dirname(file), specifier));
    }
  }
  expect([...reached].filter((file) => file.startsWith('src/cli/'))).toEqual([]);
  const statically = /^import (?!type )[^;]*from '(?:@modelcontextprotocol|zod)/m;
  const served = files.filter((file) => file.startsWith('src/cli/mcp/'));
  expect(served.filter((file) => statically.test(readFileSync(join(root, file), 'utf8')))).toEqual([]);
});

describe('the check itself', () => {
  const wrong: [title: string, file: string, specifier: string][] = [
    ['a lower layer imports a higher one', 'src/errors/errors.ts', '../core/call.ts'],
    ['generated/ imports src/', 'generated/plans.ts', '../src/codec/plan.ts'],
    ['the transport knows operations', 'src/transport/retry.ts', '../../generated/operations.ts'],
    ['the transport knows the codec', 'src/transport/answers.ts', '../codec/json.ts'],
    ['a resource knows the transport', 'src/resources/nodes.ts', '../transport/types.ts'],
    ['leases know a resource', 'src/leases/log-lines.ts', '../resources/nodes.ts'],
    ['leases know the transport', 'src/leases/log-lines.ts', '../transport/types.ts'],
    ['leases know the codec', 'src/leases/api.ts', '../codec/json.ts'],
    ['leases know the client', 'src/leases/leases.ts', '../client.ts'],
    ['leases know a file of Node', 'src/leases/ledger.ts', 'node:fs'],
    ['the core knows leases', 'src/core/call.ts', '../leases/leases.ts'],
    ['generated/ knows leases', 'generated/models.ts', '../src/leases/evidence.ts'],
    ['the transport of Node knows leases', 'src/node/index.ts', '../leases/leases.ts'],
    ['the simulator knows leases', 'src/testing/world.ts', '../leases/evidence.ts'],
    ['a resource knows the codec', 'src/resources/nodes.ts', '../codec/gzip.ts'],
    ['errors know amounts', 'src/errors/errors.ts', '../wei.ts'],
    ['a file without a layer', 'src/utils.ts', './wei.ts'],
    ['a target without a layer', 'src/client.ts', './utils.ts'],
    ['a target outside of the package', 'src/core/version.ts', '../../package.json.ts'],
    ['a package', 'src/client.ts', 'openapi-fetch'],
    ['a module of Node', 'src/transport/attempt.ts', 'node:http'],
    ['undici, but in the transport of Node', 'src/transport/attempt.ts', 'undici'],
    ['the transport of Node knows the client', 'src/node/index.ts', '../client.ts'],
    ['the client knows the transport of Node', 'src/client.ts', './node/index.ts'],
    ['an import without its ending', 'src/client.ts', './core/call'],
  ];
  test.each(wrong)('refuses: %s', (_, file, specifier) => {
    expect(problemWith(file, specifier)).toBeTypeOf('string');
  });

  test('sees imports of every form', () => {
    const text = [
      "import a from './a.ts';",
      "import type { B } from './b.ts';",
      "export * from './c.ts';",
      "export type { D } from './d.ts';",
      "import './e.ts';",
      "const f = await import('./f.ts');",
      "const g = require('./g.ts');",
      "type H = import('./h.ts').H;",
      "import i = require('./i.ts');",
      'const j = await import(name);',
      'const text = "import j from \'./j.ts\'";',
    ].join('\n');
    const letters = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map((letter) => `./${letter}.ts`);
    expect(importsOf('x.ts', text)).toEqual([...letters, 'an expression: name']);
  });
});
