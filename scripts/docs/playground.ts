/** Builds the playground into the site, with the simulator only, because there is no server for live calls. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from '../package/run.ts';
import { playground, prepare } from '../playground/prepare.ts';
import { base, pagesFolder } from './places.ts';

/** Builds it. Installs its packages if they are missing. */
export async function buildPlayground(): Promise<void> {
  await prepare(new AbortController().signal, false);
  const outDir = join(pagesFolder, 'public/playground');
  const vite = join(playground, 'node_modules/vite/bin/vite.js');
  const options = ['--mode', 'site', '--base', `${base}playground/`, '--outDir', outDir, '--logLevel', 'warn'];
  await run(process.execPath, [vite, 'build', ...options], {
    cwd: playground,
    env: { ...process.env, NODE_ENV: 'production' },
  });
  cpSync(join(root, 'scripts/docs/icon.svg'), join(pagesFolder, 'public/icon.svg'));
}
