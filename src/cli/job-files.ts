/** The files of `octaspace run`: those that it sends, and the results that it saves. */
import { lstatSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, relative, sep } from 'node:path';
import { Failure, Misuse, textsOf, type Values } from './arguments.ts';

/** What a job takes. Unit: bytes. */
const mostFileBytes = 256 * 1024;
const allowedPath = 'a path below this folder, such as data/train.py';

/** Paths below the working directory, here and in the container. */
function pathsOf(values: Values, option: 'file' | 'result'): string[] {
  return textsOf(values, option).map((given) => {
    const path = given.replace(/^(?:\.\/+)+/, '');
    const parts = path.split('/');
    if (!parts.some((part) => ['', '.', '..'].includes(part))) return path;
    throw new Misuse(`--${option} is ${JSON.stringify(given)}; allowed: ${allowedPath}`);
  });
}

/** A file of the job. Throws Misuse if it cannot be read, or has more bytes than are left; then it is not read. */
function contentOf(path: string, leftBytes: number): Uint8Array {
  const shown = `--file is ${JSON.stringify(path)}`;
  try {
    const content = statSync(path).size > leftBytes ? undefined : readFileSync(path);
    if (content !== undefined && content.length <= leftBytes) return content;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Misuse(`${shown}, which cannot be read: ${why}`);
  }
  throw new Misuse(`${shown}; allowed: at most 256 kB in all files together; load larger ones from a URL`);
}

/** The files of the job, by path. Throws Misuse. */
export function filesOf(values: Values): Record<string, Uint8Array> {
  const files: Record<string, Uint8Array> = {};
  let leftBytes = mostFileBytes;
  for (const path of new Set(pathsOf(values, 'file'))) {
    const content = contentOf(path, leftBytes);
    leftBytes -= content.length;
    files[path] = content;
  }
  return files;
}

/** Whether a link leads out of the working directory, or to nothing. */
function leavesFolder(link: string): boolean {
  try {
    const way = relative(realpathSync('.'), realpathSync(link));
    return way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way);
  } catch {
    return true;
  }
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false;
  }
}

/** Why a result must not be saved at a path: a link on the way leaves the working directory. Undefined if there is none. */
function problemWith(path: string): string | undefined {
  const parts = path.split('/');
  const prefixes = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
  const link = prefixes.find((prefix) => isLink(prefix) && leavesFolder(prefix));
  return link === undefined ? undefined : `${JSON.stringify(link)} is a link that leaves this folder`;
}

/** The paths of the results. Throws Misuse if one is not below the working directory. */
export function resultsOf(values: Values): string[] {
  return pathsOf(values, 'result').map((path) => {
    const problem = problemWith(path);
    if (problem === undefined) return path;
    throw new Misuse(`--result is ${JSON.stringify(path)}, but ${problem}; allowed: ${allowedPath}`);
  });
}

/** Saves a result. Throws Failure if its path now leaves the working directory. */
export async function saveResult(path: string, content: Uint8Array): Promise<void> {
  const problem = problemWith(path);
  if (problem !== undefined) throw new Failure(`result ${JSON.stringify(path)} was not saved, because ${problem}`);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}
