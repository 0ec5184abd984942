/** A whole rental in the simulated world. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { open, settled, withBrowser } from './support/browser.ts';
import { accessibilityProblems, picture } from './support/checks.ts';
import { balance, rentFirst, until, weiIn } from './support/steps.ts';

withBrowser();

/** Waits until the page of a session says that it can be used. */
async function ready(page: Page): Promise<void> {
  await page.waitForURL(/\/sessions\/[0-9a-f-]{36}$/);
  await page.locator('main [data-state=ready]').waitFor();
}

/** What the session costs by now, once that is more than it was. */
async function grown(page: Page, before: bigint): Promise<bigint> {
  const charge = page.getByTestId('charge');
  await until(async () => (await weiIn(charge)) > before);
  return weiIn(charge);
}

/** What was paid and what is left, from the receipt. */
async function receipt(page: Page): Promise<{ paid: bigint; left: bigint }> {
  const box = page.getByTestId('receipt');
  await box.getByText('Wei left').waitFor();
  const [paid, left] = await Promise.all(
    ['Wei paid', 'Wei left'].map(async (what) =>
      BigInt((await box.getByText(what).textContent())?.replace(/\D/g, '') ?? '-1'),
    ),
  );
  return { paid: paid ?? -1n, left: left ?? -1n };
}

/** Clicks a star. */
async function rate(page: Page, score: number): Promise<void> {
  const id = await page.getByRole('radio', { name: `${score} of 5` }).getAttribute('id');
  await page.locator(`label[for="${id}"]`).click();
}

test('A machine is rented, gets ready, costs by the second, is stopped with a rating, and is paid to the Wei.', async () => {
  await using opened = await open('/services/mr?speed=5');
  const { page, complaints } = opened;
  await settled(page);
  const before = await balance(page);
  await page.getByRole('link', { name: 'Services' }).click();
  await page
    .getByRole('button', { name: /^Rent node/ })
    .first()
    .click();
  await picture(page, 'rental-1-choice');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page.waitForURL(/\/sessions\/[0-9a-f-]{36}$/);
  await page.locator('main [data-state=starting]').waitFor();
  await picture(page, 'rental-2-starting');
  await ready(page);
  await page
    .getByText(/^ssh -p \d+ root@/)
    .first()
    .waitFor();
  const first = await grown(page, 0n);
  const second = await grown(page, first);
  await grown(page, second);
  await page.getByRole('region', { name: 'Log of the system' }).waitFor();
  await page
    .getByRole('img', { name: 'Chart of the charge, in USD, over time' })
    .locator('path.recharts-area-area')
    .waitFor();
  await picture(page, 'rental-3-ready');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await rate(page, 4);
  await picture(page, 'rental-4-stop');
  await page.getByRole('button', { name: 'Stop it' }).click();
  const { paid, left } = await receipt(page);
  await picture(page, 'rental-5-receipt');
  expect(paid).toBeGreaterThan(second);
  expect(left).toBe(before - paid);
  expect(await balance(page)).toBe(before - paid);
  expect(complaints).toEqual([]);
});

test('The rating goes along with the stop.', async () => {
  await using opened = await open('/services/mr?speed=20');
  const { page } = opened;
  await rentFirst(page);
  await ready(page);
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await rate(page, 2);
  await page.getByRole('button', { name: 'Stop it' }).click();
  await page.getByTestId('receipt').waitFor();
  await page.getByRole('button', { name: /^Requests/ }).click();
  await page.getByRole('button', { name: /^Details of POST .*\/stop$/ }).click();
  expect(await page.getByRole('region', { name: 'Body of the request' }).textContent()).toBe('{"score":2}');
});

/** Presses Tab until what has the focus fits. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let presses = 0; presses < 200; presses += 1) {
    const focused = await page.evaluate(() => {
      const { activeElement } = document;
      return activeElement?.getAttribute('aria-label') ?? activeElement?.textContent ?? '';
    });
    if (name.test(focused.trim())) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`no way by the keyboard to ${name}`);
}

test('The keyboard alone is enough to rent a machine and to stop it.', async () => {
  await using opened = await open('/?speed=20');
  const { page } = opened;
  await settled(page);
  await tabTo(page, /^Services$/);
  await page.keyboard.press('Enter');
  await page
    .getByRole('button', { name: /^Rent node/ })
    .first()
    .waitFor();
  await tabTo(page, /^Rent node/);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Start', exact: true }).waitFor();
  await tabTo(page, /^Start$/);
  await page.keyboard.press('Enter');
  await ready(page);
  await grown(page, 0n);
  await tabTo(page, /^Stop$/);
  await page.keyboard.press('Enter');
  await page.getByRole('radio', { name: '5 of 5' }).waitFor({ state: 'attached' });
  await tabTo(page, /^Stop it$/);
  await page.keyboard.press('Enter');
  await page.getByTestId('receipt').waitFor();
});

test('A relay gives its configuration once it is ready.', async () => {
  await using opened = await open('/services/vpn?speed=20');
  const { page } = opened;
  await rentFirst(page);
  await ready(page);
  expect(await page.getByRole('region', { name: 'Configuration' }).textContent()).toContain('[Interface]');
});

test('A guard stops a session by itself when it comes to its limit.', async () => {
  await using opened = await open('/services/render?speed=60');
  const { page } = opened;
  await rentFirst(page);
  await ready(page);
  await page.getByRole('textbox', { name: 'Maximum charge, in OCTA' }).fill('0.02');
  await page.getByRole('button', { name: 'Set', exact: true }).click();
  const { paid } = await receipt(page);
  // At 60 times the speed, a moment on a busy machine is many seconds of the charge, so this is no measure of the guard.
  expect(paid).toBeGreaterThan(10_000_000_000_000_000n);
  expect(paid).toBeLessThan(30_000_000_000_000_000n);
});

test('On a phone a machine is rented as well.', async () => {
  await using opened = await open('/services/mr?speed=20', { look: { size: 'phone', colorScheme: 'dark' } });
  const { page } = opened;
  await rentFirst(page);
  await ready(page);
  await grown(page, 0n);
  await picture(page, 'rental-phone-dark');
  expect(await accessibilityProblems(page)).toEqual([]);
});
