/** Builds and packs the package, and uses it the way applications do. One line per check. */
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { importsOf } from '../test/support/imports.ts';
import { json, type Received, serve } from '../test/support/server.ts';
import { Checks } from './package/checks.ts';
import { startMock } from './package/command.ts';
import { strictest } from './package/compilers.ts';
import { buildAndPack, type Packed } from './package/pack.ts';
import { install, lend } from './package/project.ts';
import { demand, Failed, node, root, run } from './package/run.ts';
import { checkSize, sizesIn } from './package/sizes.ts';

const consumers = join(root, 'test/package/consumers');

/** Every path that a part of the manifest names. */
function pathsIn(part: unknown): string[] {
  if (typeof part === 'string') return part.startsWith('./') ? [part.slice('./'.length)] : [];
  return typeof part === 'object' && part !== null ? Object.values(part).flatMap(pathsIn) : [];
}

function checkFiles({ files }: Packed): void {
  const odd = files.filter(
    (file) => !/^(dist\/[\w./-]+\.(c?js|d\.c?ts|c?js\.map)|README\.md|LICENSE|package\.json)$/.test(file),
  );
  demand(odd.length === 0, `it also holds ${odd.join(', ')}`);
  const { main, module, types, exports, bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const needed = ['LICENSE', 'README.md', ...new Set(pathsIn([main, module, types, exports, bin]))];
  const missing = needed.filter((file) => !files.includes(file));
  demand(missing.length === 0, `it lacks ${missing.join(', ')}`);
}

/** Which packages each entry point may lead to; its types are anybody's, so they need none but openapi-fetch's. */
const mayLeadTo: readonly (readonly [entry: RegExp, packages: RegExp])[] = [
  [/^dist\/index\.c?js$/, /^openapi-fetch$/],
  [/^dist\/index\.d\.c?ts$/, /^$/],
  // The expression is what Rollup makes of import.meta.url for CommonJS.
  [/^dist\/node\.c?js$/, /^(undici|node:[\w/]+|an expression: 'u' \+ 'rl')$/],
  [/^dist\/node\.d\.c?ts$/, /^$/],
  // Where types of the client are needed, they are those that applications import themselves.
  [/^dist\/otel\.c?js$/, /^@opentelemetry\/api$/],
  [/^dist\/otel\.d\.c?ts$/, /^(@octaspace\/sdk|@opentelemetry\/api)$/],
  [/^dist\/query\.c?js$/, /^$/],
  [/^dist\/query\.d\.c?ts$/, /^(@octaspace\/sdk|@tanstack\/query-core)$/],
  // The simulator runs anywhere; what it needs of Node for its server it asks the process for.
  [/^dist\/testing\.c?js$/, /^$/],
  [/^dist\/testing\.d\.c?ts$/, /^@octaspace\/sdk$/],
  [/^dist\/zod\.c?js$/, /^zod\/mini$/],
  [/^dist\/zod\.d\.c?ts$/, /^(@octaspace\/sdk|zod\/mini)$/],
];

/** Every package that a file imports, itself or through files of ours. */
function packagesBehind(file: string): string[] {
  const seen = new Set([file]);
  const packages = new Set<string>();
  for (const each of seen) {
    for (const specifier of importsOf(each, readFileSync(join(root, each), 'utf8'))) {
      if (!specifier.startsWith('.')) packages.add(specifier);
      // The types of a chunk are imported by the name of its code.
      else
        seen.add(join(dirname(each), /\.d\.c?ts$/.test(each) ? specifier.replace(/\.(c?)js$/, '.d.$1ts') : specifier));
    }
  }
  return [...packages];
}

function checkImports({ files }: Packed): void {
  for (const [entry, allowed] of mayLeadTo) {
    const entries = files.filter((file) => entry.test(file) && !file.endsWith('.map'));
    demand(entries.length >= 2, `there is no ${entry.source} for both module systems`);
    for (const file of entries) {
      const foreign = packagesBehind(file).filter((name) => !allowed.test(name));
      demand(foreign.length === 0, `${file} leads to ${foreign.join(', ')}`);
    }
  }
}

function checkPaths({ files }: Packed): void {
  const naming = files.filter((file) => readFileSync(join(root, file), 'utf8').includes(root.replace(/\/$/, '')));
  demand(naming.length === 0, `the folder of this checkout is named in ${naming.join(', ')}`);
}

async function checkPublint({ tarball }: Packed): Promise<void> {
  const bytes = new Uint8Array(readFileSync(tarball));
  const { messages, pkg } = await publint({ strict: true, pack: { tarball: bytes.buffer } });
  demand(messages.length === 0, messages.map((message) => formatMessage(message, pkg) ?? message.code).join('\n'));
}

async function checkTypesWrong({ tarball }: Packed): Promise<void> {
  const given = [tarball, '--profile', 'node16', '--no-emoji', '--no-color', '--format', 'ascii'];
  await node('@arethetypeswrong/cli/dist/index.js', given);
}

/** The test in the guide that imports from a package, as a reader would copy it. */
function testInGuide(runner: string): string {
  const blocks = [...readFileSync(join(root, 'docs/testing.md'), 'utf8').matchAll(/^```ts run\n(.*?)^```$/gms)];
  const found = blocks.map(({ 1: code = '' }) => code).filter((code) => code.includes(`from '${runner}'`));
  const [only] = found;
  if (only === undefined || found.length > 1)
    throw new Failed(`docs/testing.md has ${found.length} tests for ${runner}`);
  return only;
}

/** A way in which users run the tests of the guide. */
interface TestRunner {
  readonly module: string;
  readonly file: string;
  readonly packages: readonly string[];
  readonly run: (project: string, file: string) => Promise<string>;
}

const testRunners: readonly TestRunner[] = [
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

/** Runs the test of the guide for a runner, and makes sure that it fails when what it says is not so. */
async function checkTestRunner(project: string, runner: TestRunner): Promise<void> {
  const { module, file, packages } = runner;
  lend(project, packages);
  const code = testInGuide(module);
  // Not all runners find files by the same names.
  if (module === 'vitest') {
    writeFileSync(join(project, 'vitest.config.mjs'), `export default { test: { include: ['*.vitest.ts'] } };\n`);
  }
  writeFileSync(join(project, file), code);
  await runner.run(project, file);
  writeFileSync(join(project, file), code.replaceAll('running', 'sessions'));
  const passed = await runner.run(project, file).then(
    () => true,
    () => false,
  );
  demand(!passed, 'it passes whatever the simulator says');
  rmSync(join(project, file));
}

/** The command, as `npx` runs it. */
async function checkCommand(project: string): Promise<void> {
  const bin = join(project, 'node_modules/.bin/octaspace');
  const said = await run(bin, ['--version'], { cwd: project });
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  demand(said.includes(version), `it says ${said}`);
  await using mock = await startMock(project);
  const env = { ...process.env, OCTA_API_KEY: 'any-key' };
  const report = await run(bin, ['smoke', '--base-url', mock.url], { cwd: project, env });
  demand(/^\d+ passed, 0 failed/m.test(report), report);
}

/** An empty project with the package from the tarball, and the consumers' sources. */
async function installConsumers(folder: string, packed: Packed, type: 'commonjs' | 'module'): Promise<string> {
  await install(folder, packed, type);
  cpSync(consumers, folder, { recursive: true });
  return folder;
}

function checkInstalled(folder: string): void {
  const modules = join(folder, 'node_modules');
  const names = readdirSync(modules).filter((name) => !name.startsWith('.'));
  const packages = names.flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(modules, name)).map((each) => `${name}/${each}`) : [name],
  );
  const wanted = ['@octaspace/sdk', 'openapi-fetch', 'openapi-typescript-helpers'];
  demand(packages.sort().join() === wanted.join(), `installed: ${packages.join(', ')}`);
}

/** One way in which a TypeScript application finds modules. */
interface TypeScriptSetup {
  /** Of the consumers, which becomes the source. */
  readonly consumer?: string;
  readonly source: string;
  readonly output: string;
  readonly options: Readonly<Record<string, unknown>>;
}

const withNode = { typeRoots: [join(root, 'node_modules/@types')], types: ['node'], lib: ['ES2022'] };
const inBrowser = { types: [], lib: ['ES2022', 'DOM', 'DOM.Iterable'] };

const setups: Readonly<Record<string, TypeScriptSetup>> = {
  'node16, ES modules': {
    source: 'typescript.mts',
    output: 'out/typescript.mjs',
    options: { module: 'node16', moduleResolution: 'node16', ...withNode },
  },
  'node16, ES modules, zod': {
    consumer: 'schemas.ts',
    source: 'schemas.mts',
    output: 'out/schemas.mjs',
    options: { module: 'node16', moduleResolution: 'node16', ...withNode },
  },
  'node16, ES modules, queries': {
    consumer: 'queries.ts',
    source: 'queries.mts',
    output: 'out/queries.mjs',
    options: { module: 'node16', moduleResolution: 'node16', ...withNode },
  },
  'node16, CommonJS, queries': {
    consumer: 'queries.ts',
    source: 'queries.cts',
    output: 'out/queries.cjs',
    options: { module: 'node16', moduleResolution: 'node16', ...withNode },
  },
  'node16, ES modules, traced': {
    consumer: 'traced.ts',
    source: 'traced.mts',
    output: 'out/traced.mjs',
    options: { module: 'node16', moduleResolution: 'node16', ...withNode },
  },
  'node16, CommonJS, traced': {
    consumer: 'traced.ts',
    source: 'traced.cts',
    output: 'out/traced.cjs',
    options: { module: 'node16', moduleResolution: 'node16', ...withNode },
  },
  'node16, CommonJS': {
    source: 'typescript.cts',
    output: 'out/typescript.cjs',
    options: { module: 'node16', moduleResolution: 'node16', ...withNode },
  },
  bundler: {
    source: 'typescript.ts',
    output: 'out/typescript.js',
    options: { module: 'esnext', moduleResolution: 'bundler', ...inBrowser },
  },
};

async function checkTypeScript(folder: string, setup: TypeScriptSetup, env: NodeJS.ProcessEnv): Promise<void> {
  const project = `tsconfig.${setup.source}.json`;
  const config = { compilerOptions: { ...strictest, ...setup.options }, files: [setup.source] };
  writeFileSync(join(folder, setup.source), readFileSync(join(consumers, setup.consumer ?? 'typescript.ts')));
  writeFileSync(join(folder, project), JSON.stringify(config));
  await node('typescript/bin/tsc', ['-p', project], { cwd: folder });
  await run(process.execPath, [setup.output], { cwd: folder, env });
}

async function checkBundle(folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  const outfile = join(folder, 'out/bundle.mjs');
  const bundled = await build({
    entryPoints: [join(folder, 'typescript.ts')],
    absWorkingDir: folder,
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    outfile,
    logLevel: 'silent',
  });
  const warnings = bundled.warnings.map(({ text }) => text);
  demand(warnings.length === 0, warnings.join('\n'));
  await run(process.execPath, [outfile], { cwd: tmpdir(), env });
}

const balance = '31428028938060847852';
const answers: Readonly<Record<string, readonly [status: number, text: string]>> = {
  'GET /accounts/balance': [200, `{"balance":${balance}}`],
  'GET /sessions?recent=true': [200, `[{"uuid":"u-1","charge_amount":${balance}}]`],
  'GET /nodes/404': [404, '{"message":"no such node"}'],
  'GET /nodes/429': [429, '{"error":"slow down"}'],
  'POST /services/mr': [200, '[{"id":0,"reason":"Node not found","status":1}]'],
  'PATCH /nodes/7/prices': [200, '{}'],
};

/** What the consumers' server answers; it refuses calls that are not as they should be. */
function answerTo({ method, path, headers, body }: Received): readonly [status: number, text: string] {
  if (headers.authorization !== 'consumer-key') return [401, '{"error":"no key"}'];
  if (method === 'PATCH' && body !== `{"base":${balance}}`) return [422, '{"error":"digits were lost"}'];
  return answers[`${method} ${path}`] ?? [500, '{"error":"no such call"}'];
}

const checks = new Checks();

async function checkConsumers(folder: string, packed: Packed): Promise<void> {
  await using server = await serve((received, response) => {
    const [status, text] = answerTo(received);
    if (status === 429) response.setHeader('retry-after', '7');
    json(response, text, status);
  });
  const env = { ...process.env, OCTA_TEST_URL: server.url };
  const esm = await checks.run('it installs into an ES module project', () =>
    installConsumers(join(folder, 'esm'), packed, 'module'),
  );
  const cjs = await checks.run('it installs into a CommonJS project', () =>
    installConsumers(join(folder, 'cjs'), packed, 'commonjs'),
  );
  if (esm === undefined || cjs === undefined) return;
  await checks.run('it brings openapi-fetch along, and nothing else', () => checkInstalled(esm));
  await checks.run('an ES module uses it', () => run(process.execPath, ['esm.mjs'], { cwd: esm, env }));
  await checks.run('a CommonJS module uses it', () => run(process.execPath, ['cjs.cjs'], { cwd: cjs, env }));
  await checks.run('errors of both copies know each other', () =>
    run(process.execPath, ['both.mjs'], { cwd: esm, env }),
  );
  const applications = [
    [esm, 'transport-esm.mjs'],
    [cjs, 'transport-cjs.cjs'],
  ] as const;
  for (const [project, source] of applications) {
    const title = source.endsWith('.cjs') ? 'a CommonJS module' : 'an ES module';
    const start = (more: NodeJS.ProcessEnv) =>
      run(process.execPath, [source], { cwd: project, env: { ...env, ...more }, limitMs: 20_000 });
    await checks.run(`${title} hears that undici is missing`, () => start({}));
    await checks.run(`${title} uses the transport of Node, and ends by itself`, async () => {
      cpSync(join(root, 'node_modules/undici'), join(project, 'node_modules/undici'), { recursive: true });
      await start({ OCTA_TEST_UNDICI: 'installed' });
    });
  }
  for (const runner of testRunners) {
    const title = `the test of docs/testing.md for ${runner.module} passes, and can fail`;
    await checks.run(title, () => checkTestRunner(esm, runner));
  }
  await checks.run('the command runs: a mock, and a smoke test of it', () => checkCommand(esm));
  lend(esm, ['zod', '@opentelemetry/api', '@tanstack/query-core']);
  lend(cjs, ['@opentelemetry/api', '@tanstack/query-core']);
  for (const [title, setup] of Object.entries(setups)) {
    const project = setup.source.endsWith('.cts') ? cjs : esm;
    await checks.run(`TypeScript compiles and runs with it (${title})`, () => checkTypeScript(project, setup, env));
  }
  await checks.run('a bundle for browsers holds it', () => checkBundle(esm, env));
  for (const size of await sizesIn(esm)) {
    await checks.run(`${size.what}: ${size.kb.toFixed(1)} kB, of ${size.limitKb} at most`, () => checkSize(size));
  }
}

async function main(folder: string): Promise<void> {
  const packed = await checks.run('the package builds and packs', () => buildAndPack(join(folder, 'first')));
  if (packed === undefined) return;
  await checks.run('built and packed again it is the same, byte for byte', async () => {
    const again = await buildAndPack(join(folder, 'second'));
    const names = new Set([...packed.hashes.keys(), ...again.hashes.keys()]);
    const changed = [...names].filter((name) => packed.hashes.get(name) !== again.hashes.get(name));
    demand(changed.length === 0, `different: ${changed.join(', ')}`);
  });
  await checks.run('it holds the build, README, LICENSE and manifest only', () => checkFiles(packed));
  await checks.run('its entry points lead to the packages that they may, and to no other', () => checkImports(packed));
  await checks.run('it does not name the folder that it was built in', () => checkPaths(packed));
  await checks.run('publint has nothing to say', () => checkPublint(packed));
  await checks.run('attw finds the right types for each way to import it', () => checkTypesWrong(packed));
  await checkConsumers(folder, packed);
}

await checks.inFolder(main);
