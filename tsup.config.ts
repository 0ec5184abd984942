import { defineConfig, type Options } from 'tsup';
import { betweenParts, entries, partSources } from './scripts/build/parts.ts';

const parts = partSources();

/** Test runners such as Jest cannot import from CommonJS, but they can require. */
const requireInCommonjs: NonNullable<Options['plugins']>[number] = {
  name: 'require-in-commonjs',
  renderChunk: (code) => ({
    code: code.replace(/\bimport\(("[^"]+")\)/g, 'Promise.resolve().then(() => require($1))'),
  }),
};

const common: Options = {
  platform: 'neutral',
  tsconfig: 'tsconfig.node.json',
  target: 'es2022',
  splitting: false,
  treeshake: true,
  silent: true,
  // Bundlers know by it that a module is Node's own.
  removeNodeProtocol: false,
  // Copies of packages that are development dependencies as well would be inlined silently.
  external: [
    /^@modelcontextprotocol\//,
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
    entry: { ...entries, ...parts, cli: 'src/cli/index.ts', reaper: 'src/node/leases/reaper.ts' },
    esbuildPlugins: [betweenParts('.js')],
    // TanStack's types are not the same in both module systems.
    dts: { entry: { query: entries.query ?? '' }, compilerOptions: { stripInternal: true } },
  },
  {
    ...common,
    format: 'cjs',
    entry: { ...entries, ...parts },
    esbuildPlugins: [betweenParts('.cjs')],
    plugins: [requireInCommonjs],
    dts: { entry: { ...entries }, compilerOptions: { stripInternal: true } },
  },
]);
