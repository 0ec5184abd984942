/** The lane of jest: CommonJS, Babel, and jsdom. */
import type { Project } from './project.ts';

/** jest. */
export async function runJest(project: Project): Promise<void> {
  const jest = (...given: string[]) => project.bin('jest', '--ci', '--runTestsByPath', ...given);
  await project.check('CommonJS loads every entry point', async () => void (await jest('plain.test.js')));
  await project.check('jsdom loads every entry point', async () => void (await jest('--env=jsdom', 'plain.test.js')));
  await project.check('Babel compiles the test of the page', async () => void (await jest('rental.test.js')));
  await project.check('the test of the page runs in jsdom', async () => {
    await jest('--env=./jsdom-with-fetch.js', 'rental.test.js', 'fetching.test.js');
  });
}
