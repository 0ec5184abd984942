/** The lanes of a browser: Chromium, headless, in a page or a dedicated worker. */
import { readFileSync } from 'node:fs';
import type { TestResult } from '../../test/runtimes/suite/types.ts';
import { load } from '../package/tools.ts';
import { installMissing } from '../system/programs.ts';
import { type LaunchOptions, launchOptions } from './browser.ts';
import type { Lane } from './lanes.ts';
import { withinLimit } from './limit.ts';
import type { Outcome } from './processes.ts';
import { buildEntry } from './project.ts';
import { startServers, taskFor } from './server.ts';

/** What drives the browser. */
const playwright = ['playwright-core', '1.65.1'] as const;

/** What is used of playwright-core. */
interface Playwright {
  readonly chromium: {
    launch(options: LaunchOptions): Promise<Browser>;
  };
}
interface Browser {
  version(): string;
  newPage(): Promise<Page>;
  close(): Promise<void>;
}
/** What is used of a page. Waits for elements that are not there yet. */
export interface Page {
  goto(url: string): Promise<unknown>;
  evaluate(script: string): Promise<unknown>;
  fill(selector: string, text: string): Promise<void>;
  click(selector: string): Promise<void>;
  waitForFunction(script: string): Promise<unknown>;
  inputValue(selector: string): Promise<string>;
  textContent(selector: string): Promise<string | null>;
  on(event: 'console', listener: (message: { text(): string }) => void): unknown;
  on(event: 'pageerror', listener: (error: Error) => void): unknown;
}

/** Starts the browser, after installing what is missing. */
export async function launch(): Promise<Browser> {
  await installMissing(['chromium']);
  const { chromium } = await load<Playwright>(playwright);
  return chromium.launch(launchOptions());
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
