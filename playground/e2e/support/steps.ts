/** Actions in pages, and values read from them. */
import type { Locator, Page } from 'playwright-core';

/** Waits until a condition is true, without a time limit other than that of the test. */
export async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** The exact amount in a part of the page. */
export async function weiIn(part: Locator): Promise<bigint> {
  const text = await part.locator('[data-wei]').first().getAttribute('data-wei');
  return BigInt(text ?? '-1');
}

/** The balance on the page of the account. Uses a link, so that the simulated world does not change. */
export async function balance(page: Page): Promise<bigint> {
  await page.getByRole('link', { name: 'Account', exact: true }).click();
  const panel = page.getByRole('region', { name: 'Balance' });
  await panel.locator('[data-wei]').waitFor();
  return weiIn(panel);
}

/** Chooses a scenario in the sidebar. */
export async function choose(page: Page, scenario: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Scenario' }).click();
  await page.getByRole('option', { name: scenario, exact: true }).click();
}

/** Rents the first listed node with the suggested settings. */
export async function rentFirst(page: Page): Promise<void> {
  await page
    .getByRole('button', { name: /^Rent node/ })
    .first()
    .click();
  await page.getByRole('button', { name: 'Start', exact: true }).click();
}
