import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    node: 'src/node/index.ts',
    testing: 'src/testing/index.ts',
    zod: 'src/zod/index.ts',
    cli: 'src/cli/index.ts',
  },
  format: ['esm', 'cjs'],
  dts: true,
  clean: true,
  platform: 'neutral',
  tsconfig: 'tsconfig.node.json',
  target: 'es2022',
  sourcemap: true,
  treeshake: true,
  // Bundlers know by it that a module is Node's own.
  removeNodeProtocol: false,
  // Copies of packages that are development dependencies as well would be inlined silently.
  external: ['openapi-fetch', 'undici', 'zod', 'zod/mini', /^node:/],
});
