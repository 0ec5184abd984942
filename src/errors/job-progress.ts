/** What is known of a job that has failed. */
export interface JobProgress {
  /** What the command had printed, at most the last megabyte. */
  readonly output: string;
  /** Exit code of the command, if it had ended. */
  readonly exitCode: number | undefined;
  /** Results that had come back: contents by path. */
  readonly results: Readonly<Record<string, Uint8Array>>;
}
