/** `npm run playground`: serves a page with every call of the SDK. Installs and builds what it needs. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { Failed, root } from './package/run.ts';
import { playground, prepare } from './playground/prepare.ts';

const usage = `The playground: a page with every call of the SDK, on a simulator or live.

  npm run playground           starts it, and prints its URL; passes other options to Vite, such as -- --port 8080
  npm run check:playground     compiles it
  npm run test:e2e             tests it in a browser

With OCTA_API_KEY set, its live mode calls the real API. The key stays in this process. OCTA_BASE_URL, or
OCTA_BASE_URLS for several, sets another base URL of the API.`;

/** Runs a program of an installed package in this terminal. Returns its exit code. */
async function show(script: string, given: readonly string[], folder = playground): Promise<number> {
  const child = spawn(process.execPath, [script, ...given], { cwd: folder, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 1)));
  });
}

/** Prepares the playground. Ctrl-C also ends child processes, even if only this process gets the signal. */
async function prepareUnlessInterrupted(withSdk: boolean): Promise<void> {
  const interruption = new AbortController();
  const interrupt = (signal: NodeJS.Signals) => interruption.abort(new Failed(`interrupted by ${signal}`));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, interrupt);
  try {
    await prepare(interruption.signal, withSdk);
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeListener(signal, interrupt);
  }
}

async function main([mode = '', ...rest]: readonly string[]): Promise<number> {
  if (mode === '--help' || mode === '-h') {
    console.log(usage);
    return 0;
  }
  await prepareUnlessInterrupted(mode !== '--check');
  if (mode === '--check') {
    return show(join(root, 'node_modules/typescript/bin/tsc'), ['-p', playground]);
  }
  if (mode === '--test') {
    return show(
      join(root, 'node_modules/vitest/vitest.mjs'),
      ['run', '--config', join(playground, 'vitest.config.ts'), ...rest],
      root,
    );
  }
  return show(join(playground, 'node_modules/vite/bin/vite.js'), mode === '' ? rest : [mode, ...rest]);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Failed)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
