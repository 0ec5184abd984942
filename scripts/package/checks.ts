/** Runs checks, prints one line for each, and continues after a failure. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failed } from './run.ts';

export class Checks {
  #failed = 0;

  /** Runs one check and prints its line. Returns its result, or undefined if it failed. */
  async run<Result>(title: string, work: () => Result | Promise<Result>): Promise<Result | undefined> {
    try {
      const result = await work();
      console.log(`ok    ${title}`);
      return result;
    } catch (error) {
      if (!(error instanceof Failed)) throw error;
      this.#failed++;
      console.log(`FAIL  ${title}\n${error.message.replace(/^/gm, '      ')}`);
      return undefined;
    }
  }

  /** Runs checks in a temporary folder. Prints how many failed, and sets the exit code if any did. */
  async inFolder(work: (folder: string) => Promise<void>): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), 'octaspace-package-'));
    try {
      await work(folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    if (this.#failed === 0) return;
    console.log(`\n${this.#failed} ${this.#failed === 1 ? 'check' : 'checks'} failed`);
    process.exitCode = 1;
  }
}
