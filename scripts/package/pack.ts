/** Builds and packs the package. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { node, root, run } from './run.ts';

/** One built and packed package. */
export interface Packed {
  readonly tarball: string;
  readonly files: readonly string[];
  /** Hashes of the tarball and of every file in it. */
  readonly hashes: ReadonlyMap<string, string>;
}

function hashOf(file: string): string {
  return createHash('sha512').update(readFileSync(file)).digest('hex');
}

/** Builds `dist/`, and packs it into a new folder. */
export async function buildAndPack(folder: string): Promise<Packed> {
  await node('tsx/dist/cli.mjs', ['scripts/build.ts']);
  return await pack(folder);
}

/** Packs the existing `dist/` into a new folder. */
export async function pack(folder: string): Promise<Packed> {
  mkdirSync(folder);
  const printed = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]);
  const [{ filename, files }]: [{ filename: string; files: { path: string }[] }] = JSON.parse(printed);
  const tarball = join(folder, filename);
  const paths = files.map(({ path }) => path);
  const hashes = new Map(paths.map((path) => [path, hashOf(join(root, path))]));
  return { tarball, files: paths, hashes: hashes.set('the tarball', hashOf(tarball)) };
}
