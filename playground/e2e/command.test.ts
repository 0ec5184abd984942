/** The command that starts the playground. */
import { expect, test } from 'vitest';
import { open, settled, withBrowser } from './support/browser.ts';
import { start } from './support/process.ts';

withBrowser();

test('npm run playground serves every page, and prints where.', async () => {
  await using command = await start(['--import', 'tsx', 'scripts/playground.ts', '--port', '0']);
  await using opened = await open('/sessions/active', { site: command.url });
  const { page } = opened;
  // Vite may find packages to prepare, and then reloads the page.
  await page.getByText('Nothing is rented').waitFor({ timeout: 60_000 });
  await settled(page);
  expect(await page.locator('h1').textContent()).toBe('Sessions');
});
