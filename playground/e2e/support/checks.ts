/** Checks of every page. */
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { artifacts } from './site.ts';

interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** Serious and critical findings of axe, with their places. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found: unknown = await page.evaluate('axe.run(document).then(({ violations }) => violations)');
  // This is the form of axe's results.
  const violations = found as Violation[];
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary = '' }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
    );
}

/** How much wider the page is than its window. Unit: px. */
export async function overflow(page: Page): Promise<number> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return Math.max(0, scrollWidth - clientWidth);
  });
}

/** Cumulative layout shift; up to 0.1 is good. */
export async function layoutShift(page: Page): Promise<number> {
  return page.evaluate(() => Number(Reflect.get(window, 'layoutShift')));
}

/** Saves a screenshot. */
export async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `${artifacts}screenshots/${name}.png` });
}
