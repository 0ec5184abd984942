/** Looking for something, in lists and details. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { open, settled, withBrowser } from './support/browser.ts';
import { rentFirst, until } from './support/steps.ts';

withBrowser();

function column(page: Page, index: number): Promise<string[]> {
  return page.locator(`main [data-row] td:nth-child(${index})`).allTextContents();
}

const price = 9;
const memory = 5;

/** Sizes of memory are in GiB or TiB. */
function gibibytes(text: string): number {
  const [number = '', unit] = text.split(' ');
  return Number(number.replace(',', '')) * (unit === 'TiB' ? 1024 : 1);
}

test('Machines are sorted by price at first, those without one last, and by whatever is chosen, in one unit.', async () => {
  await using opened = await open('/services/mr');
  const { page } = opened;
  await settled(page);
  const shown = await column(page, price);
  expect(shown).toHaveLength(24);
  expect(shown.indexOf('–')).toBe(23);
  const prices = shown.slice(0, -1).map((text) => Number(text.slice(1)));
  expect(prices).toEqual(prices.toSorted((left, right) => left - right));
  const head = page.getByRole('columnheader', { name: 'Memory' });
  await head.getByRole('button').click();
  await head.getByRole('button').click();
  expect(await head.getAttribute('aria-sort')).toBe('descending');
  const sizes = (await column(page, memory)).map(gibibytes);
  expect(sizes).toEqual(sizes.toSorted((left, right) => right - left));
});

test('The search and the criteria of find narrow the list.', async () => {
  await using opened = await open('/services/mr');
  const { page } = opened;
  await settled(page);
  await page.getByRole('textbox', { name: 'GPU', exact: true }).fill('4090');
  await until(async () => (await page.locator('main [data-row]').count()) < 24);
  const gpus = await column(page, 2);
  expect(gpus.length).toBeGreaterThan(0);
  expect(gpus.filter((text) => !text.includes('4090'))).toEqual([]);
  await page.getByRole('textbox', { name: 'Search machines' }).fill('no such place');
  await page.getByTestId('empty').waitFor();
});

test('An app leads to machines, and is chosen there already.', async () => {
  await using opened = await open('/apps');
  const { page } = opened;
  await page.getByRole('article').filter({ hasText: 'vLLM' }).getByRole('link').click();
  await page
    .getByRole('button', { name: /^Rent node/ })
    .first()
    .click();
  await until(
    async () => (await page.getByRole('textbox', { name: 'App', exact: true }).inputValue()) === 'vLLM server',
  );
  expect(await page.getByRole('textbox', { name: 'Image' }).inputValue()).toBe('vllm/vllm-openai:latest');
});

test('A node is looked into beside the list, its prices are set digit for digit, and it is rebooted.', async () => {
  await using opened = await open('/nodes?speed=20');
  const { page } = opened;
  await page.getByRole('button', { name: 'Details of node 8005' }).click();
  await page.waitForURL(/\/nodes\?node=8005$/);
  const base = page.getByRole('textbox', { name: 'base', exact: true });
  await base.fill('98765432109876543210');
  await page.getByRole('button', { name: 'Set prices' }).click();
  await page.getByText('The prices of node 8005 are set.').waitFor();
  expect(await base.inputValue()).toBe('98765432109876543210');
  await page.getByRole('button', { name: 'Reboot', exact: true }).click();
  await page.getByRole('dialog', { name: 'Reboot node 8005?' }).getByRole('button', { name: 'Reboot' }).click();
  await page.getByText('Node 8005 reboots.').waitFor();
});

test('The files of a node are downloaded.', async () => {
  await using opened = await open('/nodes/8005?speed=20');
  const { page } = opened;
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Identity file' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('node-8005.ident');
});

test('A wallet is generated on demand.', async () => {
  await using opened = await open('/account?speed=20');
  const { page } = opened;
  await page.getByRole('button', { name: 'New wallet' }).click();
  await page.getByRole('button', { name: 'Generate', exact: true }).click();
  await page
    .getByRole('dialog')
    .getByText(/^0x[0-9a-f]{40}$/i)
    .waitFor();
});

test('An idle job is looked up by its node and number.', async () => {
  await using opened = await open('/idle-jobs?speed=20');
  const { page } = opened;
  await page.getByRole('button', { name: 'Look', exact: true }).click();
  await page.getByRole('region', { name: 'Log of the job' }).waitFor();
});

test('All sessions are stopped at once, and are among the recent ones then.', async () => {
  await using opened = await open('/services/render?speed=20');
  const { page } = opened;
  await rentFirst(page);
  await page.locator('main [data-state]').first().waitFor();
  await page.getByRole('link', { name: 'Sessions', exact: true }).click();
  await page.locator('main [data-row]').first().waitFor();
  await page.getByRole('button', { name: 'Stop all' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Stop all' }).click();
  await page.getByText('Nothing is rented. To rent, go to Services.').waitFor();
  await page.getByRole('tab', { name: 'Recent' }).click();
  expect(await page.locator('main [data-row]').first().textContent()).toContain('stopped');
});

test('Light and dark can be chosen, and the choice stays.', async () => {
  await using opened = await open('/');
  const { page } = opened;
  await settled(page);
  await page.getByRole('button', { name: 'Dark colours' }).click();
  await page.reload();
  await settled(page);
  expect(await page.locator('html').getAttribute('data-mantine-color-scheme')).toBe('dark');
});
