/** Checks that print a line each, and go on after one that fails. */
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

  /** Says how many failed, and makes the process fail when any did. */
  end(): void {
    if (this.#failed === 0) return;
    console.log(`\n${this.#failed} ${this.#failed === 1 ? 'check' : 'checks'} failed`);
    process.exitCode = 1;
  }
}
