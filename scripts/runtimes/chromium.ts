/** The lanes of a browser: Chromium, headless, in a page or a dedicated worker. */
import { existsSync, readFileSync } from 'node:fs';
import type { TestResult } from '../../test/runtimes/suite/types.ts';
import { Failed, run } from '../package/run.ts';
import { load } from '../package/tools.ts';
import type { Lane } from './lanes.ts';
import { withinLimit } from './limit.ts';
import type { Outcome } from './processes.ts';
import { buildEntry } from './project.ts';
import { startServers, taskFor } from './server.ts';

/** What drives the browser. */
const playwright = ['playwright-core', '1.65.1'] as const;

/** Names the browser, where it is not in a usual place. */
const variable = 'OCTA_TEST_CHROMIUM';
const usual = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** It talks to this computer alone, and to nobody about itself. */
const flags = [
  '--disable-dev-shm-usage',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-default-browser-check',
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost',
];

/** What is used of playwright-core. */
interface Playwright {
  readonly chromium: {
    launch(options: { readonly executablePath: string; readonly args: readonly string[] }): Promise<Browser>;
  };
}
interface Browser {
  version(): string;
  newPage(): Promise<Page>;
  close(): Promise<void>;
}
interface Page {
  goto(url: string): Promise<unknown>;
  evaluate(script: string): Promise<unknown>;
}

function found(): string | undefined {
  return usual.find((path) => existsSync(path));
}

/** The browser's program; installs Debian's when there is none, where that is possible. */
async function browserProgram(): Promise<string> {
  const named = process.env[variable];
  if (named !== undefined && named !== '') {
    if (existsSync(named)) return named;
    throw new Failed(`${variable} names ${named}, which is not there`);
  }
  const present = found();
  if (present !== undefined) return present;
  const mayInstall = existsSync('/usr/bin/apt-get') && process.getuid?.() === 0;
  if (mayInstall) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', ['update'], { env });
    await run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], { env });
  }
  const installed = found();
  if (installed !== undefined) return installed;
  throw new Failed(`there is no Chromium: install it (apt-get install chromium), or name its program in ${variable}`);
}

async function launch(): Promise<Browser> {
  const executablePath = await browserProgram();
  const { chromium } = await load<Playwright>(playwright);
  // Without a sandbox, as Playwright has it: root has none, some systems have none for others, and the page is ours.
  return chromium.launch({ executablePath, args: flags });
}

/** What a page does to have the suite run in it, or in a worker of it. */
function scriptFor({ place }: Lane, task: string): string {
  if (place === 'page') return `conform(${task})`;
  return `new Promise((resolve, reject) => {
    const worker = new Worker('/browser.js', { type: 'module' });
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.postMessage(${task});
  })`;
}

/** Runs the suite in the browser. */
export async function runChromium(lane: Lane, project: string): Promise<Outcome> {
  const file = await buildEntry(project, { entry: 'browser', format: 'esm', bundled: ['browser'] });
  const browser = await launch();
  try {
    const script = readFileSync(file, 'utf8');
    const page =
      '<!doctype html><meta charset="utf-8"><title>Suite</title><script type="module" src="/browser.js"></script>';
    await using servers = await startServers(
      new Map([
        ['/', ['text/html', page]],
        ['/browser.js', ['text/javascript', script]],
      ]),
    );
    const task = taskFor(lane, servers);
    const tab = await browser.newPage();
    await tab.goto(servers.controlUrl);
    // What the suite gives is of this type, in whatever runtime.
    const results = (await withinLimit('the suite', tab.evaluate(scriptFor(lane, task)))) as TestResult[];
    return { version: browser.version(), results };
  } finally {
    await browser.close();
  }
}
