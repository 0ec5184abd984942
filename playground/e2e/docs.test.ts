/** The site of the documentation, in a browser. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Look, open, settled, withBrowser } from './support/browser.ts';
import { accessibilityProblems, overflow, picture } from './support/checks.ts';
import { buildDocs, type ServedDocs, serveDocs } from './support/docs.ts';
import { rentFirst, until } from './support/steps.ts';

withBrowser();

let docs: ServedDocs;

beforeAll(async () => {
  await buildDocs();
  docs = await serveDocs();
}, 600_000);

afterAll(() => docs[Symbol.asyncDispose]());

const looks: readonly Look[] = [
  { size: 'desktop', colorScheme: 'light' },
  { size: 'phone', colorScheme: 'dark' },
];

const pages: readonly (readonly [path: string, name: string])[] = [
  ['/', 'landing'],
  ['/guides/renting.html', 'guide'],
  ['/guides/comparison.html', 'comparison'],
  ['/reference/sdk/classes/MrResource.html', 'reference'],
  ['/http/sessions.html', 'http'],
  ['/api.html', 'api'],
];

/** Waits until the page can be used: its application runs. */
async function interactive(page: Page): Promise<void> {
  await page.waitForFunction(() => Reflect.has(document.querySelector('#app') ?? {}, '__vue_app__'));
}

describe.each(looks)('$size, $colorScheme', (look) => {
  test.each(pages)('%s can be used by everybody, fits the window, and asks no other host.', async (path, name) => {
    await using opened = await open(path, { look, site: docs.url });
    const { page, complaints, hosts } = opened;
    await interactive(page);
    await picture(page, `docs-${name}-${look.size}-${look.colorScheme}`);
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(await overflow(page)).toBe(0);
    expect(complaints).toEqual([]);
    expect([...hosts]).toEqual([new URL(docs.url).host]);
  });
});

test('The search finds where a spend limit is explained.', async () => {
  await using opened = await open('/', { site: docs.url });
  const { page } = opened;
  await interactive(page);
  await page.getByRole('button', { name: 'Search' }).click();
  await page.getByRole('searchbox').fill('spend limit');
  const first = page.locator('.VPLocalSearchBox .result').first();
  await first.waitFor();
  expect(await first.getAttribute('href')).toMatch(/\/guides\/[\w-]+\.html#.*limit/);
  await first.click();
  await page.waitForURL(/\/guides\//);
  await page.getByRole('heading', { name: /limit/i }).first().waitFor();
});

test('The first page is light, and needs little work before it can be used.', async () => {
  await using opened = await open('/', { site: docs.url });
  const { page } = opened;
  const devtools = await page.context().newCDPSession(page);
  // CPU time, not wall-clock time, so that other work on the computer does not count.
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
  await page.reload({ waitUntil: 'networkidle' });
  await interactive(page);
  const { metrics } = await devtools.send('Performance.getMetrics');
  const taskSeconds = metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
  const bytes = await page.evaluate(() => {
    const entries = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
    return entries.reduce((sum, entry) => sum + (entry as PerformanceResourceTiming).encodedBodySize, 0);
  });
  expect(bytes).toBeGreaterThan(10_000);
  expect(bytes).toBeLessThanOrEqual(200_000);
  // Three seconds on a CPU that is four times slower.
  expect(taskSeconds * 4).toBeLessThan(3);
});

test('The recording plays once it is seen, can be paused, and shows everything at once on request.', async () => {
  await using opened = await open('/', { site: docs.url });
  const { page } = opened;
  await interactive(page);
  const demo = page.getByRole('region', { name: 'Recording of the demo' });
  const coming = () => demo.locator('.demo-coming').count();
  expect(await coming()).toBe(0);
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  await page.reload();
  await demo.scrollIntoViewIfNeeded();
  await demo.getByRole('button', { name: 'Pause' }).click();
  expect(await coming()).toBeGreaterThan(0);
  await demo.getByRole('button', { name: 'Show all' }).click();
  await until(async () => (await coming()) === 0);
  expect(await demo.textContent()).toContain('Sessions still running: 0.');
});

test('A visitor rents a simulated machine in the playground of the site, and sees the code of it.', async () => {
  await using opened = await open('/start.html', { site: docs.url });
  const { page, complaints, hosts } = opened;
  await interactive(page);
  await page.getByRole('navigation').getByRole('link', { name: 'Playground' }).first().click();
  await page.waitForURL(/\/playground\//);
  await settled(page);
  expect(await page.getByRole('radio', { name: 'Live' }).count()).toBe(0);
  await page.goto(`${docs.url}/playground/?speed=20#/services/mr`);
  await rentFirst(page);
  await page.waitForURL(/#\/sessions\/[0-9a-f-]{36}$/);
  await page.locator('main [data-state=ready]').waitFor();
  const code = page.getByRole('region', { name: 'This is what you just did' });
  expect(await code.textContent()).toMatch(
    /const client = OctaClient\.fromEnv\(\);\nconst session = await client\.services\.mr\.start\(\{[\s\S]*image: 'ubuntu:24\.04'/,
  );
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await page.getByRole('button', { name: 'Stop it' }).click();
  await page.getByTestId('receipt').waitFor();
  expect(await code.textContent()).toMatch(
    /^await client\.services\.session\('[0-9a-f-]{36}'\)\.stop\(\{ score: 5 \}\);$/,
  );
  await picture(page, 'docs-playground');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole('link', { name: 'Documentation' }).click();
  await page.getByRole('heading', { level: 1, name: /OctaSpace SDK/ }).waitFor();
  expect(complaints).toEqual([]);
  expect([...hosts]).toEqual([new URL(docs.url).host]);
});
