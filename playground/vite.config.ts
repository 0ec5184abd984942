import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { liveProxy } from './server/live-proxy.ts';

const repository = fileURLToPath(new URL('..', import.meta.url));

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react(), liveProxy(process.env)],
  resolve: {
    // The built SDK, as in the published package.
    alias: [
      { find: /^@octaspace\/sdk$/, replacement: `${repository}dist/index.js` },
      { find: /^@octaspace\/sdk\/(\w+)$/, replacement: `${repository}dist/$1.js` },
    ],
  },
  server: { host: '127.0.0.1', port: 5173, fs: { allow: [repository] } },
  preview: { host: '127.0.0.1' },
  build: { chunkSizeWarningLimit: 2_000 },
});
