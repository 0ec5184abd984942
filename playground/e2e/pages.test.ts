/** Every page, in every look. */
import { describe, expect, test } from 'vitest';
import { type Look, open, settled, withBrowser } from './support/browser.ts';
import { accessibilityProblems, layoutShift, overflow, picture } from './support/checks.ts';

withBrowser();

const looks: readonly Look[] = [
  { size: 'desktop', colorScheme: 'light' },
  { size: 'phone', colorScheme: 'dark' },
];

const pages: readonly (readonly [path: string, title: string, shows: string])[] = [
  ['/', 'Dashboard', 'Cheapest machines with a GPU'],
  ['/network', 'Network', 'Prices by GPU'],
  ['/account', 'Account', 'Referral code'],
  ['/apps', 'Apps', 'Jupyter'],
  ['/nodes', 'Nodes', 'Details'],
  ['/nodes?node=8005', 'Nodes', 'Hardware'],
  ['/nodes/8005', 'Node 8005', 'Hardware'],
  ['/sessions/active', 'Sessions', 'Nothing is rented'],
  ['/sessions/recent', 'Sessions', 'No session has ended recently'],
  ['/services/mr', 'Services', 'Rent'],
  ['/services/render', 'Services', 'Rent'],
  ['/services/vpn', 'Services', 'Per GB'],
  ['/idle-jobs', 'Idle jobs', 'Choose a node and a job'],
  ['/diagnostics/calls', 'Diagnostics', 'Run a call'],
  ['/diagnostics/smoke', 'Diagnostics', 'Makes every read once'],
  ['/diagnostics/transport', 'Diagnostics', 'Retry budget'],
  ['/diagnostics/drift', 'Diagnostics', 'as documented'],
  ['/nowhere', 'Page not found', 'This page does not exist'],
];

function nameOf(path: string): string {
  return path.replace(/\W+/g, '-').replace(/^-|-$/g, '') || 'dashboard';
}

describe.each(looks)('$size, $colorScheme', (look) => {
  test.each(pages)('%s can be used by everybody, and nothing on it jumps.', async (path, title, shows) => {
    await using opened = await open(path, { look });
    const { page, complaints } = opened;
    await settled(page);
    await page.getByText(shows, { exact: false }).first().waitFor();
    expect(await page.locator('h1').textContent()).toBe(title);
    await picture(page, `${nameOf(path)}-${look.size}-${look.colorScheme}`);
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(await overflow(page)).toBe(0);
    expect(await layoutShift(page)).toBeLessThan(0.1);
    expect(complaints).toEqual([]);
  });
});

test('On a phone the sidebar covers the page until a page is chosen.', async () => {
  await using opened = await open('/', { look: { size: 'phone', colorScheme: 'light' } });
  const { page } = opened;
  await settled(page);
  await page.getByRole('button', { name: 'Sidebar' }).click();
  await picture(page, 'sidebar-phone-light');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole('link', { name: 'Nodes' }).click();
  await page.getByRole('heading', { level: 1, name: 'Nodes' }).waitFor();
  expect(await page.getByRole('link', { name: 'Apps' }).isVisible()).toBe(false);
});
