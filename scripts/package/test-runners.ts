/** Test runners of users, each with its test in docs/testing.md. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { blocks } from '../../test/support/pages.ts';
import { lend } from './project.ts';
import { demand, Failed, node, root, run } from './run.ts';

/** One way to run tests. */
export interface TestRunner {
  /** What the test imports from. */
  readonly module: string;
  readonly file: string;
  readonly packages: readonly string[];
  readonly run: (project: string, file: string) => Promise<string>;
}

export const testRunners: readonly TestRunner[] = [
  {
    module: 'vitest',
    file: 'rental.vitest.ts',
    packages: ['vitest'],
    run: (cwd, file) => node('vitest/vitest.mjs', ['run', '--root', cwd, '--dir', cwd, file], { cwd }),
  },
  {
    module: '@jest/globals',
    file: 'rental.jest.mjs',
    packages: ['jest', '@jest/globals'],
    run: (cwd, file) => {
      const given = ['--experimental-vm-modules', join(root, 'node_modules/jest/bin/jest.js'), '--rootDir', cwd];
      const match = ['--testMatch', `**/${file}`, '--testEnvironment', 'node'];
      return run(process.execPath, [...given, ...match], { cwd });
    },
  },
  {
    module: 'node:test',
    file: 'rental.node.mjs',
    packages: [],
    run: (cwd, file) => run(process.execPath, ['--test', file], { cwd }),
  },
];

/** The tests in the guide that import from a module, as a reader would copy them. */
function testsInGuide(module: string): string[] {
  const inGuide = blocks.filter(({ page, role }) => page === 'docs/testing.md' && role === 'run');
  const found = inGuide.filter(({ code }) => code.includes(`from '${module}'`));
  if (found.length === 0) throw new Failed(`docs/testing.md has no test for ${module}`);
  return found.map(({ code }) => code);
}

/** Runs the tests of the guide for a runner, and checks that each fails if its expectation is wrong. */
export async function checkTestRunner(project: string, runner: TestRunner): Promise<void> {
  const { module, file, packages } = runner;
  lend(project, packages);
  // Not all runners find files by the same names.
  if (module === 'vitest') {
    writeFileSync(join(project, 'vitest.config.mjs'), `export default { test: { include: ['*.vitest.ts'] } };\n`);
  }
  for (const code of testsInGuide(module)) {
    writeFileSync(join(project, file), code);
    await runner.run(project, file);
    writeFileSync(join(project, file), code.replaceAll('running', 'sessions'));
    const passed = await runner.run(project, file).then(
      () => true,
      () => false,
    );
    demand(!passed, 'it passes even if the simulator behaves differently');
    rmSync(join(project, file));
  }
}
