import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { liveProxy } from './server/live-proxy.ts';

const repository = fileURLToPath(new URL('..', import.meta.url));

/** The built SDK, as in the published package. */
const built = [
  { find: /^@octaspace\/sdk$/, replacement: `${repository}dist/index.js` },
  { find: /^@octaspace\/sdk\/(\w+)$/, replacement: `${repository}dist/$1.js` },
];

/** Its sources, so that the site can be built before the package. */
const sources = [
  { find: /^@octaspace\/sdk$/, replacement: `${repository}src/index.ts` },
  { find: /^@octaspace\/sdk\/(\w+)$/, replacement: `${repository}src/$1/index.ts` },
];

export default defineConfig(({ mode }) => ({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react(), liveProxy(process.env)],
  resolve: { alias: mode === 'site' ? sources : built },
  server: { host: '127.0.0.1', port: 5173, fs: { allow: [repository] } },
  preview: { host: '127.0.0.1' },
  build: { chunkSizeWarningLimit: 2_000 },
}));
