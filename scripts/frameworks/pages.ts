/** The lanes of bundlers: pages that run in Chromium, and a program on Node. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { serve } from '../../test/support/server.ts';
import { demand } from '../package/run.ts';
import { inBrowser } from './browser.ts';
import type { Project } from './project.ts';
import { checkEnd } from './rest.ts';

const html =
  '<!doctype html><meta charset="utf-8"><title>Page</title><p id="balance">?</p><script type="module" src="/page.mjs"></script>';

/** Serves a bundle, and forwards the requests of the page to the API. */
function servePage(project: Project) {
  return serve(async ({ path, headers }, response) => {
    if (path === '/') return void response.writeHead(200, { 'content-type': 'text/html' }).end(html);
    const file = join(project.folder, 'dist', path);
    if (/^\/[\w.-]+\.mjs$/.test(path) && existsSync(file)) {
      return void response.writeHead(200, { 'content-type': 'text/javascript' }).end(readFileSync(file));
    }
    if (!path.startsWith('/api/octa/')) return void response.writeHead(404).end();
    demand(headers.authorization === undefined, 'the page sends a key');
    const answer = await fetch(`${project.api.url}${path.slice('/api/octa'.length)}`, {
      headers: { authorization: 'any' },
    });
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
  });
}

/** webpack, or Rollup. */
export async function runBundler(project: Project, [command = '', ...given]: readonly string[]): Promise<void> {
  await project.check('it bundles', async () => void (await project.bin(command, ...given)));
  await project.check('the page reads the balance', async () => {
    await using site = await servePage(project);
    await inBrowser(site.url, async (page) => {
      await page.waitForFunction(`document.querySelector('#balance').textContent !== '?'`);
      const text = await page.textContent('#balance');
      demand(/^\d+\.\d\d OCTA$/.test(text ?? ''), `it shows ${text}`);
    });
  });
  await using program = await project.start(() => ['dist/worker.mjs'], { until: 'started ' });
  await checkEnd(project, program, 'SIGTERM');
}

/** Vite and React. */
export async function runVite(project: Project): Promise<void> {
  await project.check('it compiles', async () => void (await project.bin('tsc', '-p', '.')));
  await project.check('it bundles', async () => void (await project.bin('vite', 'build')));
  const given = (port: string) => ['vite', 'preview', '--host', '127.0.0.1', '--strictPort', '--port', port];
  await using server = await project.start(given);
  await project.check('the page lists machines', () =>
    inBrowser(server.url, async (page) => {
      const text = await page.textContent('li');
      demand(/^\d+: [\d.]+ USD an hour$/.test(text ?? ''), `it shows ${text}`);
    }),
  );
  await project.check('the proxy adds the key only for its own pages', async () => {
    const ask = (site: string) => server.ask('/api/octa/accounts/balance', { headers: { 'sec-fetch-site': site } });
    const [own, foreign] = [await ask('same-origin'), await ask('cross-site')];
    demand(own.status === 200 && foreign.status === 404, `the statuses are ${own.status} and ${foreign.status}`);
    const { status } = await server.ask('/api/octa/accounts/balance');
    demand(status === 404, `the status for another page is ${status}`);
  });
}
