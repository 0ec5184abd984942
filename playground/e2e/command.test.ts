/** The command that people start it by. */
import { expect, test } from 'vitest';
import { open, settled, withBrowser } from './support/browser.ts';
import { start } from './support/process.ts';

withBrowser();

test('npm run playground serves every page, and prints where.', async () => {
  await using command = await start(['--import', 'tsx', 'scripts/playground.ts', '--port', '0']);
  await using opened = await open('/sessions/active', { site: command.url });
  const { page } = opened;
  // The server may find packages to prepare, and loads the page once more then.
  await page.getByText('Nothing is rented').waitFor({ timeout: 60_000 });
  await settled(page);
  expect(await page.locator('h1').textContent()).toBe('Sessions');
});
