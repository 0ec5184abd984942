/** State that the steps of a rehearsal share. */
import { run } from '../package/run.ts';
import type { Registry } from './registry.ts';

/** One rehearsal. */
export interface Rehearsal {
  /** Folder for all files of the rehearsal. */
  readonly folder: string;
  readonly registry: Registry;
  /** Ends it early. */
  readonly signal: AbortSignal;
}

/** Runs npm against the rehearsal's registry. */
export function npm({ registry, signal }: Rehearsal, cwd: string, given: readonly string[]): Promise<string> {
  return run('npm', given, { cwd, env: registry.env, signal });
}
