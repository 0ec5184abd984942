/** A browser for the tests of one file, and pages in it. */
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, inject } from 'vitest';
import { launchOptions } from '../../../scripts/runtimes/browser.ts';

/** How a page looks. */
export interface Look {
  readonly size: 'desktop' | 'phone';
  readonly colorScheme: 'light' | 'dark';
}

const sizes = { desktop: { width: 1280, height: 860 }, phone: { width: 375, height: 812 } };

const desktop: Look = { size: 'desktop', colorScheme: 'light' };

/** A page, and its errors. */
export interface Opened extends AsyncDisposable {
  readonly page: Page;
  /** Error messages of the console, and thrown errors. */
  readonly complaints: readonly string[];
  /** Every host that the page asked for anything. */
  readonly hosts: ReadonlySet<string>;
}

let browser: Browser;

/** Starts the browser before the tests of a file, and ends it after them. */
export function withBrowser(): void {
  beforeAll(async () => {
    browser = await chromium.launch(launchOptions());
  });
  afterAll(() => browser.close());
}

/** Records layout shifts in the page. */
const measureShifts = `
  window.layoutShift = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.layoutShift += entry.value;
  }).observe({ type: 'layout-shift', buffered: true });
`;

async function contextFor({ size, colorScheme }: Look): Promise<BrowserContext> {
  const context = await browser.newContext({
    viewport: sizes[size],
    colorScheme,
    reducedMotion: 'reduce',
    hasTouch: size === 'phone',
  });
  await context.addInitScript(measureShifts);
  return context;
}

/** Opens a path of the playground. */
export async function open(
  path: string,
  { look = desktop, site = inject('siteUrl') }: { look?: Look; site?: string } = {},
): Promise<Opened> {
  const context = await contextFor(look);
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const complaints: string[] = [];
  const hosts = new Set<string>();
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url());
    if (/^https?:$/.test(protocol)) hosts.add(host);
  });
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  await page.goto(site + path);
  return { page, complaints, hosts, [Symbol.asyncDispose]: () => context.close() };
}

/** Waits until the page has finished loading. */
export async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor();
  await page.waitForFunction(() => document.querySelector('[data-testid=loading], .mantine-Skeleton-root') === null);
}
