import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const repository = fileURLToPath(new URL('..', import.meta.url));

/** Tests in a browser; `npm run test:e2e` runs them. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  resolve: {
    alias: [
      { find: /^@octaspace\/sdk$/, replacement: `${repository}dist/index.js` },
      { find: /^@octaspace\/sdk\/(\w+)$/, replacement: `${repository}dist/$1.js` },
    ],
  },
  test: {
    name: 'e2e',
    include: ['e2e/**/*.test.ts'],
    globalSetup: ['e2e/support/site.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
