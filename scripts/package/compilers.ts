/** Compiles against the packed declarations with the compilers of applications, under strict settings. */
import { cpSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Packed } from './pack.ts';
import { install, lend } from './project.ts';
import { demand, root, run } from './run.ts';
import { install as installTool } from './tools.ts';

/** The supported versions: each line in use, from the oldest. */
export const compilers = ['5.0.4', '5.4.5', '5.9.3', '6.0.3', '7.0.2'] as const;

/** Strict compiler options. */
export const strictest = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  skipLibCheck: false,
  target: 'es2022',
  outDir: 'out',
};

/** Ways to resolve modules. */
const ways = {
  'ES modules': { module: 'node16', moduleResolution: 'node16' },
  CommonJS: { module: 'node16', moduleResolution: 'node16' },
  'a bundler': { module: 'esnext', moduleResolution: 'bundler' },
  // The predecessor of node16; frameworks still use it in new projects.
  'moduleResolution node': { module: 'commonjs', moduleResolution: 'node', esModuleInterop: true },
} as const;
export type Way = keyof typeof ways;
export const allWays = Object.keys(ways) as readonly Way[];

/** Whether a compiler still supports a way. */
export function knows(version: string, way: Way): boolean {
  return way !== 'moduleResolution node' || Number.parseFloat(version) < 7;
}

interface Source {
  readonly name: string;
  /** Minimum version of the compiler, if it is higher than that of the SDK. */
  readonly since?: number;
}

const sources: readonly Source[] = [
  { name: 'typescript' },
  { name: 'library' },
  // The types of zod itself use NoInfer.
  { name: 'schemas', since: 5.4 },
  { name: 'library-zod', since: 5.4 },
];

/** Options for one compiler and one way. */
function optionsOf(version: string, way: Way): Readonly<Record<string, unknown>> {
  const isOld = way === 'moduleResolution node' && Number.parseFloat(version) >= 6;
  return { ...strictest, ...ways[way], ...(isOld ? { ignoreDeprecations: '6.0' } : {}) };
}

interface Compiler {
  readonly program: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** Compiles a source with its declarations; `lib` has the types of the platform. */
async function compile({ program, options }: Compiler, folder: string, name: string, lib: string[]): Promise<void> {
  const project = join(folder, `tsconfig.${name}.json`);
  const all = { ...options, lib: ['ES2022', ...lib], declaration: true, rootDir: '.', types: [] };
  writeFileSync(project, JSON.stringify({ compilerOptions: all, files: [`${name}.ts`] }));
  await run(process.execPath, [program, '-p', project], { cwd: folder });
}

/** Replaces the source of a library by its emitted declarations. */
async function compileDownstream(compiler: Compiler, folder: string): Promise<void> {
  const declarations = join(folder, 'library.d.ts');
  cpSync(join(folder, 'out/library.d.ts'), declarations);
  rmSync(join(folder, 'library.ts'));
  await compile(compiler, folder, 'downstream', ['DOM', 'DOM.Iterable', 'ESNext']);
}

/** A project of one module system, with all sources. */
export async function compilerProject(folder: string, packed: Packed, way: Way): Promise<string> {
  await install(folder, packed, way === 'ES modules' || way === 'a bundler' ? 'module' : 'commonjs');
  lend(folder, ['zod', 'undici']);
  return folder;
}

/** Compiles everything with one compiler in one way. */
export async function checkCompiler(folder: string, version: string, way: Way): Promise<void> {
  const program = join(await installTool(['typescript', version]), 'bin/tsc');
  const compiler = { program, options: optionsOf(version, way) };
  for (const place of ['consumers', 'compilers'])
    cpSync(join(root, 'test/package', place), folder, { recursive: true });
  for (const { name, since = 5 } of sources) {
    if (Number.parseFloat(version) >= since) await compile(compiler, folder, name, ['DOM', 'DOM.Iterable']);
  }
  demand(existsSync(join(folder, 'out/library.d.ts')), 'the library has no declarations');
  // Its `using` declarations are newer than the oldest compiler.
  if (Number.parseFloat(version) >= 5.2) await compileDownstream(compiler, folder);
  rmSync(join(folder, 'out'), { recursive: true });
}
