/** What every page has to be like. */
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { artifacts } from './site.ts';

interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** Serious and critical findings of axe, with the places they are about. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found: unknown = await page.evaluate('axe.run(document).then(({ violations }) => violations)');
  // What axe gives is of this form.
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

/** How far things moved without anybody's doing; up to 0.1 counts as good. */
export async function layoutShift(page: Page): Promise<number> {
  return page.evaluate(() => Number(Reflect.get(window, 'layoutShift')));
}

/** Keeps a picture. */
export async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `${artifacts}screenshots/${name}.png` });
}
