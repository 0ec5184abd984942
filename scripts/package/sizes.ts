/** Checks the size of the package for its users. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { demand, root } from './run.ts';

/** Imports of an application, and the maximum size of their bundle, minified and gzipped. Unit: kB of 1000 bytes. */
const limits: readonly (readonly [what: string, code: string, limitKb: number])[] = [
  ['everything of the main entry', `export * from '@octaspace/sdk';`, 69.3],
  ['a client', `import { OctaClient } from '@octaspace/sdk'; export default new OctaClient();`, 67.8],
  [
    'a client of the network only',
    `import { NetworkResource, OctaCore } from '@octaspace/sdk'; export default new NetworkResource(new OctaCore());`,
    27.7,
  ],
  ['only the errors', `export { isNotFound, OctaError } from '@octaspace/sdk';`, 1],
  ['one schema', `export { BalanceSchema } from '@octaspace/sdk/zod';`, 5],
  ['queries', `export { octaQueries } from '@octaspace/sdk/query';`, 3.3],
];

/** Maximum sizes of the declarations of both module systems together. Unit: kB. */
const declarations: readonly (readonly [what: string, files: RegExp, limitKb: number])[] = [
  ['declarations of integrations', /^(otel|query)\.d\.c?ts$/, 18],
  ['all other declarations', /^(?!otel|query).*\.d\.c?ts$/, 202],
];

export interface Size {
  readonly what: string;
  readonly kb: number;
  readonly limitKb: number;
}

async function bundledKb(project: string, code: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: project },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
    logLevel: 'silent',
  });
  return gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).length / 1000;
}

/** Sizes of bundles of a project with the package, and of the declarations that it downloads. */
export async function sizesIn(project: string): Promise<Size[]> {
  const bundles = limits.map(async ([what, code, limitKb]) => ({ what, kb: await bundledKb(project, code), limitKb }));
  const dist = join(root, 'dist');
  const declared = declarations.map(([what, files, limitKb]) => {
    const names = readdirSync(dist).filter((name) => files.test(name));
    return { what, kb: names.reduce((sum, name) => sum + readFileSync(join(dist, name)).length, 0) / 1000, limitKb };
  });
  return [...(await Promise.all(bundles)), ...declared];
}

/** Demands that a size is within its limit. */
export function checkSize({ what, kb, limitKb }: Size): void {
  demand(kb <= limitKb, `${what} has ${kb.toFixed(1)} kB; allowed: ${limitKb} kB`);
}
