/** Checks that print a line each, and go on after one that fails. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failed } from './run.ts';

export class Checks {
  #failed = 0;

  /** Carries out one check and prints its line; gives its result, or undefined when it failed. */
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

  /** Runs checks in a folder that is there as long as they are. Says how many failed, and makes the process fail when any did. */
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
