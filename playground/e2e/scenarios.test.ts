/** Every scenario: what it does to a read, and what the page says about it. */
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { open, settled, withBrowser } from './support/browser.ts';
import { accessibilityProblems, picture } from './support/checks.ts';
import { choose, rentFirst } from './support/steps.ts';

withBrowser();

interface Failure {
  readonly id: string;
  /** Class of the error. */
  readonly name: string;
  /** Part of what is advised. */
  readonly advice: string;
  /** With two retries, where they are sensible. */
  readonly attempts: number;
}

const failures: readonly Failure[] = [
  { id: 'unauthorized', name: 'OctaAuthenticationError', advice: 'Check the API key', attempts: 1 },
  { id: 'forbidden', name: 'OctaPermissionError', advice: 'not allowed to do this', attempts: 1 },
  { id: 'not-found', name: 'OctaNotFoundError', advice: 'choose another', attempts: 1 },
  { id: 'rate-limited', name: 'OctaRateLimitError', advice: 'Wait as long as the API asks', attempts: 3 },
  { id: 'server-error', name: 'OctaServerError', advice: 'an internal problem', attempts: 3 },
  { id: 'unavailable', name: 'OctaServiceUnavailableError', advice: 'an internal problem', attempts: 3 },
  { id: 'timeout', name: 'OctaTimeoutError', advice: 'no complete response in time', attempts: 3 },
  { id: 'network-error', name: 'OctaNetworkError', advice: 'could not be reached', attempts: 3 },
];

/** Runs a call that reads, on the page of diagnostics. */
async function runRead(page: Page): Promise<void> {
  await page.getByRole('textbox', { name: 'Method' }).click();
  await page.getByRole('option', { name: 'nodes.list', exact: true }).click();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
}

/** How many attempts the log has of an operation that were the nth of their call. */
async function attemptsOf(page: Page, operation: string): Promise<string[]> {
  await page.getByRole('button', { name: /^Requests/ }).click();
  const rows = page.locator(`[data-operation=${operation}]`);
  return (await rows.allTextContents()).reverse();
}

describe('failures', () => {
  test.each(failures)(
    '$id gives $name, after as many attempts as are sensible, and says what to do.',
    async ({ id, name, advice, attempts }) => {
      await using opened = await open(`/diagnostics/calls?scenario=${id}&speed=20`);
      const { page, complaints } = opened;
      await settled(page);
      await runRead(page);
      const error = page.getByRole('region', { name: 'Result' }).getByTestId('error');
      await error.waitFor();
      expect(await error.getAttribute('data-error')).toBe(name);
      expect(await error.getByTestId('advice').textContent()).toContain(advice);
      expect(await error.getByText(/^attempts: /).textContent()).toBe(`attempts: ${attempts}`);
      await picture(page, `scenario-${id}`);
      expect(await error.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0);
      expect(await accessibilityProblems(page)).toEqual([]);
      expect(await attemptsOf(page, 'listNodes')).toHaveLength(attempts);
      await page.getByRole('link', { name: 'Nodes', exact: true }).click();
      await page.locator(`main [data-error=${name}]`).first().waitFor();
      expect(complaints).toEqual([]);
    },
  );
});

test('After a start that got no answer the advice is to look among the sessions first.', async () => {
  await using opened = await open('/diagnostics/calls?scenario=network-error&speed=20');
  const { page } = opened;
  await page.getByRole('textbox', { name: 'Method' }).click();
  await page.getByRole('option', { name: 'services.mr.start', exact: true }).click();
  await page.getByRole('textbox', { name: 'node_id' }).fill('8036');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  const error = page.getByRole('region', { name: 'Result' }).getByTestId('error');
  await error.waitFor();
  expect(await error.getByTestId('advice').textContent()).toContain('Check the active sessions');
  expect(await attemptsOf(page, 'startMr')).toHaveLength(1);
});

test('Whatever is slow shows that it loads, and gets there.', async () => {
  await using opened = await open('/nodes?scenario=slow');
  const { page } = opened;
  await page.locator('main').getByTestId('loading').waitFor();
  await picture(page, 'scenario-slow');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page
    .getByRole('button', { name: /^Details of node/ })
    .first()
    .waitFor();
});

test('A flaky API is read all the same: the second attempt gets through.', async () => {
  await using opened = await open('/diagnostics/calls?scenario=flaky&speed=20');
  const { page } = opened;
  await settled(page);
  await runRead(page);
  const result = page.getByTestId('result');
  await result.waitFor();
  expect(await result.getByText(/^attempts: /).textContent()).toBe('attempts: 2');
  await picture(page, 'scenario-flaky');
});

test('When the first base URL is down, calls move on to the second, and the first rests.', async () => {
  await using opened = await open('/diagnostics/transport?scenario=failover');
  const { page } = opened;
  const first = page.locator('[data-url="https://api.octa.computer"]');
  await first.locator('[data-state=resting]').waitFor();
  expect(await page.locator('[data-url="https://api.octa.space"] [data-state]').textContent()).toBe('healthy');
  await picture(page, 'scenario-failover');
  await page.getByRole('tab', { name: 'Calls' }).click();
  await runRead(page);
  await page.getByTestId('result').waitFor();
});

test('Drifted data leaves the rest usable, and every difference is listed.', async () => {
  await using opened = await open('/services/mr?scenario=drifted&speed=20');
  const { page, complaints } = opened;
  await page
    .getByRole('button', { name: /^Rent node/ })
    .first()
    .waitFor();
  expect(await page.locator('main tbody tr').count()).toBe(24);
  await page.getByRole('link', { name: 'Diagnostics' }).click();
  await page.getByRole('tab', { name: 'Drift' }).click();
  await page.locator('main tbody tr').filter({ hasText: 'listMrMachines' }).first().waitFor();
  const rows = await page.locator('main tbody tr').allTextContents();
  expect(rows.some((row) => row.includes('listMrMachines') && row.includes('surprise'))).toBe(true);
  expect(rows.some((row) => row.includes('listMrMachines') && row.includes('city'))).toBe(true);
  await picture(page, 'scenario-drifted');
  expect(await accessibilityProblems(page)).toEqual([]);
  expect(complaints).toEqual([]);
});

test('A scenario that is chosen in the sidebar holds at once, and sessions live through it.', async () => {
  await using opened = await open('/services/render?speed=20');
  const { page } = opened;
  await rentFirst(page);
  await page.locator('main [data-state=ready]').waitFor();
  await choose(page, '403 Forbidden');
  await page.locator('main [data-error=OctaPermissionError]').first().waitFor();
  await choose(page, 'Everything works');
  await page.locator('main [data-state=ready]').waitFor();
});

test('Without a key, or with a wrong one, calls that need one fail; the network is public.', async () => {
  await using opened = await open('/?speed=20');
  const { page } = opened;
  await settled(page);
  const key = page.getByRole('textbox', { name: 'API key' });
  await key.fill('another-key');
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.locator('main [data-error=OctaAuthenticationError]').first().waitFor();
  expect(await page.locator('main').getByText('market price').count()).toBe(1);
  expect(await page.locator('html').innerHTML()).not.toContain('another-key');
  await key.fill('');
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.getByText('outcome: not-sent').first().waitFor();
});

test('A base URL that is none changes nothing, and the sidebar says why.', async () => {
  await using opened = await open('/');
  const { page } = opened;
  await settled(page);
  await page.getByRole('textbox', { name: 'Base URLs' }).fill('nonsense://here');
  await page.getByRole('button', { name: 'Apply' }).click();
  expect(await page.getByRole('alert').filter({ hasText: 'baseUrls' }).textContent()).toContain('http or https URL');
});
