/** Opens the pages of lanes in Chromium. */
import { Failed } from '../package/run.ts';
import { launch, type Page } from '../runtimes/chromium.ts';

/** Opens a page, and calls `work` with it. Throws Failed, with the messages of the page, if that fails. */
export async function inBrowser(url: string, work: (page: Page) => Promise<void>): Promise<void> {
  const browser = await launch();
  const said: string[] = [];
  try {
    const page = await browser.newPage();
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', (error) => said.push(String(error)));
    await page.goto(url);
    await work(page);
  } catch (error) {
    throw new Failed([String(error), ...said].join('\n'));
  } finally {
    await browser.close();
  }
}
