/** Live mode: the key stays with the proxy. `octaspace mock` stands in for the API. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Request } from 'playwright-core';
import { expect, test } from 'vitest';
import { type Opened, open, settled, withBrowser } from './support/browser.ts';
import { accessibilityProblems, picture } from './support/checks.ts';
import { start } from './support/process.ts';
import { serveSite, urlOf } from './support/site.ts';
import { rentFirst } from './support/steps.ts';

withBrowser();

const key = 'octa-live-key-that-stays-with-the-proxy';

/** The playground in live mode, in front of a mock that takes one key. */
async function openLive(
  path: string,
  apiKey = key,
): Promise<Opened & { readonly sent: readonly string[]; readonly site: string }> {
  const mock = await start(['dist/cli.js', 'mock', '--port', '0', '--api-key', key, '--speed', '20', '--quiet']);
  const server = await serveSite({ OCTA_API_KEY: apiKey, OCTA_BASE_URL: mock.url });
  const site = urlOf(server);
  const opened = await open(`${path}?mode=live`, { site });
  const sent: string[] = [];
  opened.page.on('request', (request: Request) => {
    sent.push(`${request.method()} ${request.url()} ${JSON.stringify(request.headers())} ${request.postData() ?? ''}`);
  });
  const dispose = async () => {
    await opened[Symbol.asyncDispose]();
    await server.close();
    await mock[Symbol.asyncDispose]();
  };
  return { ...opened, sent, site, [Symbol.asyncDispose]: dispose };
}

test('The pages are as live as the API, and the key is nowhere in them, nor in what they send, log or keep.', async () => {
  await using opened = await openLive('/account');
  const { page, complaints, sent, site } = opened;
  const answers: Promise<string>[] = [];
  page.on('response', (response) =>
    answers.push(response.text().then((text) => `${JSON.stringify(response.headers())} ${text}`)),
  );
  await page.getByTestId('mode').getByText('Live').waitFor();
  for (const name of ['Account', 'Nodes', 'Services', 'Network', 'Diagnostics']) {
    await page.getByRole('link', { name, exact: true }).click();
    await settled(page);
    expect(await page.locator('main').getByTestId('error').count()).toBe(0);
  }
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.getByTestId('result').waitFor();
  await page.getByRole('button', { name: /^Requests/ }).click();
  await page.getByRole('button', { name: 'Details of GET /nodes', exact: true }).click();
  await page.getByRole('dialog').getByText('listNodes').waitFor();
  await picture(page, 'live');
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]));
  const inPage = [await page.content(), kept, ...(await Promise.all(answers)), ...complaints];
  expect(sent.length).toBeGreaterThan(4);
  expect(sent.filter((request) => !request.includes(`${site}/`))).toEqual([]);
  expect([...sent, ...inPage].filter((text) => text.includes(key))).toEqual([]);
});

test('What costs money is refused until it is allowed, and then a rental works from start to stop.', async () => {
  await using opened = await openLive('/services/render');
  const { page } = opened;
  await rentFirst(page);
  await page.getByRole('dialog').locator('[data-error=OctaConfigurationError]').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('switch', { name: 'Allow calls that cost money' }).click({ force: true });
  await picture(page, 'live-allowed');
  expect(await accessibilityProblems(page)).toEqual([]);
  await rentFirst(page);
  await page.locator('main [data-state=ready]').waitFor();
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await page.getByRole('button', { name: 'Stop it' }).click();
  await page.getByTestId('receipt').getByText('Wei left').waitFor();
});

test('Without a key the proxy says so, and only what is public is shown.', async () => {
  await using opened = await openLive('/', '');
  const { page } = opened;
  await page.getByText('The proxy has no key').waitFor();
  await page.locator('main [data-error=OctaAuthenticationError]').first().waitFor();
  await page.locator('main').getByText('market price').waitFor();
  await picture(page, 'live-without-key');
});

test('The proxy answers its own page alone.', async () => {
  await using opened = await openLive('/');
  const url = `${opened.site}/live/api/0/accounts`;
  const page = await fetch(opened.site);
  const [cookie = ''] = page.headers.getSetCookie().map((each) => each.split(';', 1)[0] ?? '');
  const statusOf = async (headers: Record<string, string>, at = url) => (await fetch(at, { headers })).status;
  expect(await statusOf({ cookie })).toBe(403);
  expect(await statusOf({ cookie, 'sec-fetch-site': 'cross-site' })).toBe(403);
  expect(await statusOf({ 'sec-fetch-site': 'same-origin' })).toBe(403);
  expect(await statusOf({ 'sec-fetch-site': 'same-origin', cookie: `${cookie.slice(0, -1)}x` })).toBe(403);
  expect(await statusOf({ 'sec-fetch-site': 'same-origin', cookie })).toBe(200);
  expect(await statusOf({ 'sec-fetch-site': 'same-origin', cookie }, `${opened.site}/live/api/7/accounts`)).toBe(404);
});

test('No other site can show the page in a frame.', async () => {
  await using opened = await openLive('/');
  const { headers } = await fetch(opened.site);
  expect(headers.get('content-security-policy')).toBe("frame-ancestors 'none'");
  expect(headers.get('x-frame-options')).toBe('DENY');
  expect(headers.getSetCookie()[0]).toMatch(/; HttpOnly; SameSite=Strict; Path=\/live\/$/);
});

test('No answer of the API becomes a page of the site.', async () => {
  const upstream = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<script>alert(1)</script>');
  }).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  // A server that listens on a port has an address of this form.
  const { port } = upstream.address() as AddressInfo;
  const server = await serveSite({ OCTA_API_KEY: key, OCTA_BASE_URL: `http://127.0.0.1:${port}` });
  const site = urlOf(server);
  const [cookie = ''] = (await fetch(site)).headers.getSetCookie();
  const headers = { 'sec-fetch-site': 'same-origin', cookie: cookie.split(';', 1)[0] ?? '' };
  const answer = await fetch(`${site}/live/api/0/accounts`, { headers });
  expect(answer.headers.get('content-type')).toBe('application/octet-stream');
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  await server.close();
  upstream.close();
});
