import { defineConfig } from 'tsup';

export default defineConfig({
  entry: { index: 'src/index.ts', node: 'src/node/index.ts' },
  format: ['esm', 'cjs'],
  dts: true,
  clean: true,
  platform: 'neutral',
  tsconfig: 'tsconfig.node.json',
  target: 'es2022',
  sourcemap: true,
  treeshake: true,
  // Copies of packages that are development dependencies as well would be inlined silently.
  external: ['openapi-fetch', 'undici', /^node:/],
});
