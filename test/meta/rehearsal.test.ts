/** The parts of `npm run release:rehearse` that judge. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { run } from '../../scripts/package/run.ts';
import { environmentOf } from '../../scripts/rehearse/registry.ts';
import { compareFiles, quickStartOf } from '../../scripts/rehearse/using.ts';
import { serve } from '../support/server.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folders: string[] = [];
afterEach(() => {
  vi.unstubAllEnvs();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'octaspace-meta-'));
  folders.push(folder);
  return folder;
}

describe('the quick start', () => {
  test('of README.md is one program, from creating a client to the last line of output.', () => {
    const program = quickStartOf(readFileSync(join(root, 'README.md'), 'utf8'));
    expect(program).toMatch(/^import .+\n[\s\S]*OctaClient\.fromEnv\([\s\S]*\.rent\([\s\S]*console\.log\(.+\);\n$/);
  });

  test('is all the TypeScript of its section, and nothing else.', () => {
    const section =
      '```ts\none();\n```\nText\n\n```ts run\ntwo();\n```\n\n```sh\nls\n```\n\n```text output\nthree\n```\n';
    const page = `# Page\n\n\`\`\`ts\nzero();\n\`\`\`\n\n## Quick start\n\n${section}\n## Next\n\n\`\`\`ts\nfour();\n\`\`\`\n`;
    expect(quickStartOf(page)).toBe('one();\ntwo();\n');
  });

  test('must exist.', () => {
    expect(() => quickStartOf('# Page\n')).toThrow('README.md has no section "Quick start"');
    expect(() => quickStartOf('## Quick start\n\nSoon.\n\n## Next\n')).toThrow(
      'the quick start of README.md has no program',
    );
  });
});

describe('the installed files', () => {
  const release = { name: '@octaspace/sdk', version: '0.1.0' };
  const built = {
    LICENSE: 'MIT',
    'README.md': 'Read',
    'package.json': '{}',
    'dist/index.js': 'code',
    'dist/a/b.js': 'b',
  };

  /** What a comparison says of an installation that differs in these files; `undefined` is a file that is not there. */
  function compare(changes: Readonly<Record<string, string | undefined>>): number {
    const [copy, project] = [temporary(), temporary()];
    const installed = join(project, 'node_modules', release.name);
    const all = [
      ...Object.entries(built).map(([name, content]) => [join(copy, name), content] as const),
      ...Object.entries({ ...built, ...changes }).map(([name, content]) => [join(installed, name), content] as const),
    ];
    for (const [path, content] of all) {
      if (content === undefined) continue;
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
    }
    return compareFiles(project, copy, release);
  }

  test('are those that were built.', () => {
    expect(compare({})).toBe(5);
  });

  test.for([
    [{ 'dist/a/b.js': undefined }, 'the package lacks dist/a/b.js'],
    [{ LICENSE: undefined }, 'the package lacks LICENSE'],
    [{ 'src/index.ts': 'source' }, 'the package also contains src/index.ts'],
    [{ 'dist/index.js': 'other' }, 'the package has different contents in dist/index.js'],
  ] as const)('%j is noticed.', ([changes, message]) => {
    expect(() => compare(changes)).toThrow(message);
  });
});

describe('the environment of a rehearsal', () => {
  const environment = async () => {
    await using served = await serve((_, response) => response.writeHead(201).end());
    return await environmentOf(served.url, temporary());
  };
  const settings = (text: string) => {
    const file = join(temporary(), 'gitconfig');
    writeFileSync(file, text);
    vi.stubEnv('GIT_CONFIG_GLOBAL', file);
  };

  test.each([
    ['has no name', '[user]\n\tuseConfigOnly = true\n'],
    ['signs with a program that is not there', '[tag]\n\tgpgSign = true\n[gpg]\n\tprogram = none\n'],
  ])('lets git tag a release for somebody who %s.', async (_, text) => {
    settings(text);
    const where = { cwd: temporary(), env: await environment(), signal: new AbortController().signal };
    const git = (...given: string[]) => run('git', given, where);
    await git('init', '--quiet');
    await git('commit', '--quiet', '--allow-empty', '--message=Release');
    await git('tag', 'v1.0.0', '--message=v1.0.0');
    expect(await git('tag', '--list', '--format=%(taggername)')).toBe('Rehearsal\n');
  });

  test('has no variables of the npm that runs it.', async () => {
    vi.stubEnv('npm_config_registry', 'http://127.0.0.1:1');
    vi.stubEnv('npm_config_dry_run', 'true');
    const env = await environment();
    expect(env.npm_config_registry).toMatch(/^http:\/\/127\.0\.0\.1:\d{2,}$/);
    expect(env).not.toHaveProperty('npm_config_dry_run');
  });
});
