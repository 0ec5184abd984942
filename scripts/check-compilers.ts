/** Compiles programs that use the package. With --built, packs `dist/` without building it. */
import { join } from 'node:path';
import { Checks } from './package/checks.ts';
import { allWays, checkCompiler, compilerProject, compilers, knows } from './package/compilers.ts';
import { buildAndPack, pack } from './package/pack.ts';

const checks = new Checks();

async function main(folder: string): Promise<void> {
  const make = process.argv.includes('--built') ? pack : buildAndPack;
  const packed = await checks.run('the package builds and packs', () => make(join(folder, 'packed')));
  if (packed === undefined) return;
  for (const way of allWays) {
    const title = `it installs for ${way}`;
    const project = await checks.run(title, () => compilerProject(join(folder, way.replaceAll(' ', '-')), packed, way));
    if (project === undefined) continue;
    for (const version of compilers.filter((each) => knows(each, way))) {
      await checks.run(`TypeScript ${version}, ${way}`, () => checkCompiler(project, version, way));
    }
  }
}

await checks.inFolder(main);
