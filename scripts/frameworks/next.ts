/** The lanes of Next.js. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { blocks } from '../../test/support/pages.ts';
import { demand, Failed } from '../package/run.ts';
import type { Page } from '../runtimes/chromium.ts';
import { inBrowser } from './browser.ts';
import type { Project } from './project.ts';
import { checkEnd, jsonOf } from './rest.ts';
import { eventually } from './server.ts';

/** The proxy of docs/browsers.md, with a check that allows every user. */
function proxy(): string {
  const shown = blocks.find(({ page, code }) => page === 'docs/browsers.md' && code.includes('forward as GET'));
  if (!shown?.code.includes('return false;')) throw new Failed('docs/browsers.md has no proxy for Next.js');
  return shown.code.replace('return false;', 'return true;');
}

/** Adds files that the page has elsewhere, and the differences of the version. */
function complete({ folder }: Project, moduleResolution: string): void {
  const route = join(folder, 'app/api/octa/[...path]');
  mkdirSync(route, { recursive: true });
  writeFileSync(join(route, 'route.ts'), proxy());
  const file = join(folder, 'tsconfig.json');
  const config = JSON.parse(readFileSync(file, 'utf8'));
  Object.assign(config.compilerOptions, { moduleResolution });
  writeFileSync(file, JSON.stringify(config));
}

/** Differences between versions of Next.js. */
interface Version {
  /** How TypeScript resolves modules. */
  readonly moduleResolution: string;
  /** The exit code after SIGTERM. */
  readonly end: number;
}

/** Next.js. */
export async function runNext(project: Project, { moduleResolution, end }: Version): Promise<void> {
  complete(project, moduleResolution);
  await project.check('it builds', async () => void (await project.bin('next', 'build')));
  await using server = await project.start((port) => ['next', 'start', '--hostname', '127.0.0.1', '--port', port]);
  await project.check('a server component shows the balance', async () => {
    const { text } = await server.ask('/');
    demand(/<p id="balance">\d+\.\d\d OCTA<\/p>/.test(text), text);
  });
  await project.check('a route handler responds with JSON', async () => {
    const machines = jsonOf<unknown[]>(await server.ask('/api/machines'));
    demand(machines.length > 0, 'there are none');
  });
  const id = String(await project.machine());
  const start = async (page: Page) => {
    await page.fill('[name=node_id]', id);
    await page.click('text=Start');
    const uuid = await page.inputValue('[name=uuid]');
    demand(String(await project.running()) === uuid, `${uuid} does not run`);
  };
  await inBrowser(server.url, async (page) => {
    await project.check('a client component lists machines', async () => {
      const text = await page.textContent('li');
      demand(/^\d+: [\d.]+ USD an hour$/.test(text ?? ''), `it shows ${text}`);
    });
    await project.check('an action refuses what is not a number', async () => {
      await page.fill('[name=node_id]', 'x');
      await page.click('text=Start');
      const text = await page.textContent('main [role=alert]');
      demand(text === 'node_id must be an integer', `it shows ${text}`);
    });
    await project.check('an action starts a session', () => start(page));
    await project.check('an action stops it', async () => {
      await page.click('text=Stop');
      await eventually('the stop of the session', async () => (await project.running()).length === 0);
    });
  });
  await inBrowser(server.url, start);
  await checkEnd(project, server, end);
}
