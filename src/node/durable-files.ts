/** Files that are whole and on disk when a write resolves. */
import { randomUUID } from 'node:crypto';
import { open, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/** The code of an error of the system. */
export function codeIn(error: unknown): unknown {
  return typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined;
}

/** Ignores a missing file. */
export function unlessMissing(error: unknown): undefined {
  if (codeIn(error) === 'ENOENT') return undefined;
  throw error;
}

/** Writes text to a temporary file in a folder, which no reader uses. Returns its path. */
export async function writeAside(folder: string, text: string, isDurable: boolean): Promise<string> {
  const path = join(folder, `.${randomUUID()}.tmp`);
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    if (isDurable) await file.sync();
  } catch (error) {
    await unlink(path).catch(() => undefined);
    throw error;
  } finally {
    await file.close();
  }
  return path;
}

/** Makes new names in a folder durable. Not every system supports this. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}
