import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { defineConfig } from 'tsup';

/** What applications import. */
const entry = {
  index: 'src/index.ts',
  node: 'src/node/index.ts',
  testing: 'src/testing/index.ts',
  zod: 'src/zod/index.ts',
};

export default defineConfig(({ outDir = 'dist' }) => ({
  outDir,
  entry: { ...entry, cli: 'src/cli/index.ts' },
  format: ['esm', 'cjs'],
  dts: { entry, compilerOptions: { stripInternal: true } },
  clean: true,
  platform: 'neutral',
  tsconfig: 'tsconfig.node.json',
  target: 'es2022',
  sourcemap: true,
  treeshake: true,
  // Bundlers know by it that a module is Node's own.
  removeNodeProtocol: false,
  // Copies of packages that are development dependencies as well would be inlined silently.
  external: ['@octaspace/sdk', 'openapi-fetch', 'undici', 'zod', 'zod/mini', /^node:/],
  // The command is run, not imported, so it needs one form only.
  onSuccess: async () => {
    // With other formats or without source maps, there are fewer files.
    await Promise.all(['cli.cjs', 'cli.cjs.map'].map((file) => rm(join(outDir, file), { force: true })));
  },
}));
