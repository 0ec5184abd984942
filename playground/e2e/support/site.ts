/** Runs once before all tests: installs the browser if it is missing, and builds and serves the playground. */
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build, type PreviewServer, preview } from 'vite';
import type { TestProject } from 'vitest/node';
import { installMissing } from '../../../scripts/system/programs.ts';
import { liveProxy } from '../../server/live-proxy.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of the playground, without a slash at its end. */
    readonly siteUrl: string;
  }
}

const folder = fileURLToPath(new URL('../..', import.meta.url));

/** The folder of screenshots. */
export const artifacts = `${folder}artifacts/`;
const outDir = `${artifacts}site`;

/** The built playground on a free port, with a proxy of that environment. */
export async function serveSite(environment: Readonly<Record<string, string>> = {}): Promise<PreviewServer> {
  const options = { host: '127.0.0.1', port: 0, strictPort: true };
  return preview({
    configFile: false,
    root: folder,
    build: { outDir },
    plugins: [liveProxy(environment)],
    preview: options,
    logLevel: 'error',
  });
}

/** URL of a server, without a slash at its end. */
export function urlOf({ httpServer }: PreviewServer): string {
  const address = httpServer.address();
  if (address === null || typeof address === 'string') throw new Error('the preview does not listen on a port');
  return `http://127.0.0.1:${address.port}`;
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  // Install it in the main process: several test workers would collide on the locks of apt.
  await installMissing(['chromium']);
  rmSync(artifacts, { recursive: true, force: true });
  // The test runner sets it to `test`, and then React uses its development build.
  process.env.NODE_ENV = 'production';
  await build({ configFile: `${folder}vite.config.ts`, build: { outDir, emptyOutDir: true }, logLevel: 'error' });
  const server = await serveSite();
  project.provide('siteUrl', urlOf(server));
  return () => server.close();
}
