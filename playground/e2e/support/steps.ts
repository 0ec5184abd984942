/** What tests do in pages, and read from them. */
import type { Locator, Page } from 'playwright-core';

/** Waits until a condition about the page holds; the test's own time limit is the only one. */
export async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** The exact amount that a part of the page shows. */
export async function weiIn(part: Locator): Promise<bigint> {
  const text = await part.locator('[data-wei]').first().getAttribute('data-wei');
  return BigInt(text ?? '-1');
}

/** The balance, as the page of the account has it. Goes there by a link, so that the simulated world stays. */
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
