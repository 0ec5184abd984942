/** Builds and packs the package, and uses it as applications do. Prints one line per check. */
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { json, type Received, serve } from '../test/support/server.ts';
import { Checks } from './package/checks.ts';
import { startMock } from './package/command.ts';
import { checkFiles, checkForm, checkImports, checkPaths, checkPublint, checkTypesWrong } from './package/contents.ts';
import { buildAndPack, type Packed } from './package/pack.ts';
import { install, lend } from './package/project.ts';
import { demand, root, run } from './package/run.ts';
import { checkTypeScript, setups } from './package/setups.ts';
import { checkSize, sizesIn } from './package/sizes.ts';
import { checkTestRunner, testRunners } from './package/test-runners.ts';

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

/** Checks that the child process of the package stops the sessions of an application that calls `process.exit`. */
async function checkExit(project: string, source: string): Promise<void> {
  await using mock = await startMock(project);
  const env = { ...process.env, OCTA_API_KEY: 'any-key', OCTA_BASE_URL: mock.url };
  await run(process.execPath, [source], { cwd: project, env });
  const bin = join(project, 'node_modules/.bin/octaspace');
  const left = await run(bin, ['sessions', '--json'], { cwd: project, env });
  demand(left.trim().startsWith('[]'), `these run on: ${left}`);
}

/** An empty project with the package from the tarball, and the consumers' sources. */
async function installConsumers(folder: string, packed: Packed, type: 'commonjs' | 'module'): Promise<string> {
  await install(folder, packed, type);
  cpSync(join(root, 'test/package/consumers'), folder, { recursive: true });
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

/** The responses of the consumers' server. It refuses wrong calls. */
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
  await checks.run('it installs openapi-fetch, and no other package', () => checkInstalled(esm));
  await checks.run('an ES module uses it', () => run(process.execPath, ['esm.mjs'], { cwd: esm, env }));
  await checks.run('a CommonJS module uses it', () => run(process.execPath, ['cjs.cjs'], { cwd: cjs, env }));
  await checks.run('an ES module leaves no session behind', () => checkExit(esm, 'exits.mjs'));
  await checks.run('a CommonJS module leaves no session behind', () => checkExit(cjs, 'exits.cjs'));
  await checks.run('each copy recognizes the errors of the other', () =>
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
    await checks.run(`${title} gets an error if undici is missing`, () => start({}));
    await checks.run(`${title} uses the Node transport, and exits by itself`, async () => {
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
  await checks.run('it can be bundled for browsers', () => checkBundle(esm, env));
  for (const size of await sizesIn(esm)) {
    await checks.run(`${size.what}: ${size.kb.toFixed(1)} kB, of ${size.limitKb} at most`, () => checkSize(size));
  }
}

async function main(folder: string): Promise<void> {
  const packed = await checks.run('the package builds and packs', () => buildAndPack(join(folder, 'first')));
  if (packed === undefined) return;
  await checks.run('a second build and pack gives the same bytes', async () => {
    const again = await buildAndPack(join(folder, 'second'));
    const names = new Set([...packed.hashes.keys(), ...again.hashes.keys()]);
    const changed = [...names].filter((name) => packed.hashes.get(name) !== again.hashes.get(name));
    demand(changed.length === 0, `different: ${changed.join(', ')}`);
  });
  await checks.run('it contains only the build, README, LICENSE and manifest', () => checkFiles(packed));
  await checks.run('its files are few and small, and have descriptive names', () => checkForm(packed));
  await checks.run('its entry points import only the allowed packages', () => checkImports(packed));
  await checks.run('it does not contain the path of the build folder', () => checkPaths(packed));
  await checks.run('publint finds no problem', () => checkPublint(packed));
  await checks.run('attw finds the right types for each way to import it', () => checkTypesWrong(packed));
  await checkConsumers(folder, packed);
}

await checks.inFolder(main);
