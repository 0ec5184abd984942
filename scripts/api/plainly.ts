/** Runs a command of this repository. Prints errors without a stack. */
export function plainly(command: () => void): void {
  try {
    command();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
