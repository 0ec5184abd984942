import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
  dts: true,
  clean: true,
  platform: 'neutral',
  target: 'es2022',
  sourcemap: true,
  treeshake: true,
  // Its own copy per package would be inlined silently, were it a development dependency.
  external: ['openapi-fetch'],
});
