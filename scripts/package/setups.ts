/** TypeScript applications for each way to resolve modules. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { strictest } from './compilers.ts';
import { node, root, run } from './run.ts';

const consumers = join(root, 'test/package/consumers');

/** One way to resolve modules in a TypeScript application. */
export interface TypeScriptSetup {
  /** The consumer that is its source. */
  readonly consumer: string;
  readonly source: string;
  readonly output: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** An application on Node, of one module system. */
function onNode(name: string, system: 'c' | 'm'): TypeScriptSetup {
  const types = { typeRoots: [join(root, 'node_modules/@types')], types: ['node'], lib: ['ES2022'] };
  return {
    consumer: `${name}.ts`,
    source: `${name}.${system}ts`,
    output: `out/${name}.${system}js`,
    options: { module: 'node16', moduleResolution: 'node16', ...types },
  };
}

export const setups: Readonly<Record<string, TypeScriptSetup>> = {
  'node16, ES modules': onNode('typescript', 'm'),
  'node16, ES modules, zod': onNode('schemas', 'm'),
  'node16, ES modules, queries': onNode('queries', 'm'),
  'node16, CommonJS, queries': onNode('queries', 'c'),
  'node16, ES modules, traced': onNode('traced', 'm'),
  'node16, CommonJS, traced': onNode('traced', 'c'),
  'node16, CommonJS': onNode('typescript', 'c'),
  bundler: {
    consumer: 'typescript.ts',
    source: 'typescript.ts',
    output: 'out/typescript.js',
    options: { module: 'esnext', moduleResolution: 'bundler', types: [], lib: ['ES2022', 'DOM', 'DOM.Iterable'] },
  },
};

/** Compiles an application under strict settings, and runs it. */
export async function checkTypeScript(folder: string, setup: TypeScriptSetup, env: NodeJS.ProcessEnv): Promise<void> {
  const project = `tsconfig.${setup.source}.json`;
  const config = { compilerOptions: { ...strictest, ...setup.options }, files: [setup.source] };
  writeFileSync(join(folder, setup.source), readFileSync(join(consumers, setup.consumer)));
  writeFileSync(join(folder, project), JSON.stringify(config));
  await node('typescript/bin/tsc', ['-p', project], { cwd: folder });
  await run(process.execPath, [setup.output], { cwd: folder, env });
}
