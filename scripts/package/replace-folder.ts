/** Replaces folders as a whole. */
import { readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // A process of another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Removes the temporary folders of processes that were killed. */
function removeLeftovers(folder: string): void {
  const parent = dirname(folder);
  for (const name of readdirSync(parent)) {
    const [whole, prefix, pid] = /^(.*)\.(?:new|old)-(\d+)$/.exec(name) ?? [];
    if (whole !== undefined && prefix === basename(folder) && !isRunning(Number(pid))) remove(join(parent, whole));
  }
}

/** Renames a folder; false if it does not exist, or if the target exists. */
function moved(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTEMPTY' || code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Replaces a folder with what `fill` writes into an empty folder beside it. Until `fill` has finished, the folder does not change, even if
 * this process is killed. If two processes do this at the same time, the later one wins.
 */
export async function replaceFolder(folder: string, fill: (beside: string) => Promise<void>): Promise<void> {
  removeLeftovers(folder);
  const [next, old] = [`${folder}.new-${process.pid}`, `${folder}.old-${process.pid}`];
  try {
    await fill(next);
    do {
      if (moved(folder, old)) remove(old);
    } while (!moved(next, folder));
  } finally {
    remove(next);
    remove(old);
  }
}
