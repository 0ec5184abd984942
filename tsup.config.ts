import { defineConfig, type Options } from 'tsup';

/** What applications import. */
const entry = {
  index: 'src/index.ts',
  node: 'src/node/index.ts',
  otel: 'src/otel/index.ts',
  query: 'src/query/index.ts',
  testing: 'src/testing/index.ts',
  zod: 'src/zod/index.ts',
};

/**
 * Parts of the main entry that are files of their own among the ES modules: bundlers leave out a file of which nothing is used, but
 * not every class of one.
 */
const parts = {
  'parts/errors': 'src/errors/errors.ts',
  'parts/guards': 'src/errors/guards.ts',
  'parts/wei': 'src/wei.ts',
  'parts/core': 'src/core/octa-core.ts',
  'parts/accounts': 'src/resources/accounts.ts',
  'parts/apps': 'src/resources/apps.ts',
  'parts/idle-jobs': 'src/resources/idle-jobs.ts',
  'parts/network': 'src/resources/network.ts',
  'parts/nodes': 'src/resources/nodes.ts',
  'parts/sessions': 'src/resources/sessions.ts',
  'parts/mr': 'src/resources/services/mr.ts',
  'parts/render': 'src/resources/services/render.ts',
  'parts/vpn': 'src/resources/services/vpn.ts',
  'parts/session': 'src/resources/services/session.ts',
  'parts/services': 'src/resources/services/index.ts',
};

const common: Options = {
  platform: 'neutral',
  tsconfig: 'tsconfig.node.json',
  target: 'es2022',
  sourcemap: true,
  treeshake: true,
  silent: true,
  // Bundlers know by it that a module is Node's own.
  removeNodeProtocol: false,
  // Copies of packages that are development dependencies as well would be inlined silently.
  external: [
    '@octaspace/sdk',
    '@opentelemetry/api',
    '@tanstack/query-core',
    'openapi-fetch',
    'undici',
    'zod',
    'zod/mini',
    /^node:/,
  ],
};

export default defineConfig([
  // The command, and the child that stops sessions of a process that cannot, are run, not imported, so they need one form only.
  {
    ...common,
    format: 'esm',
    entry: { ...entry, ...parts, cli: 'src/cli/index.ts', reaper: 'src/node/leases/reaper.ts' },
    // TanStack's types are not the same in both module systems.
    dts: { entry: { query: entry.query }, compilerOptions: { stripInternal: true } },
  },
  { ...common, format: 'cjs', entry, dts: { entry, compilerOptions: { stripInternal: true } } },
]);
