/** docs/frameworks.md has a recipe for every lane of `npm run test:frameworks`, and says which versions they are run with. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { lanes, lanesFor } from '../../scripts/frameworks/lanes.ts';
import { fileOf, filesOf, page } from '../../scripts/frameworks/recipes.ts';
import { startServer } from '../../scripts/frameworks/server.ts';
import { versionsTable } from '../../scripts/frameworks/versions.ts';
import { Failed, root } from '../../scripts/package/run.ts';
import { blocks } from '../support/pages.ts';

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

test('The page names the lanes and their versions, no more and no less.', () => {
  expect(readFileSync(join(root, page), 'utf8')).toContain(`\n\n${versionsTable()}\n\n`);
});

test('Every block of the page is run as a snippet, or belongs to a lane.', () => {
  const inLanes = lanes.flatMap(({ section }) => [...filesOf(section).values()]);
  const left = blocks.filter((block) => block.page === page && block.role !== 'run' && !inLanes.includes(block.code));
  expect(left.map(({ line }) => line)).toEqual([]);
  expect(blocks.filter((block) => fileOf(block) !== undefined).length).toBeGreaterThan(20);
});

test('Every folder of test/frameworks belongs to a lane.', () => {
  const folders = readdirSync(join(root, 'test/frameworks'));
  expect(folders.sort()).toEqual([...new Set(lanes.flatMap(({ fixture }) => fixture ?? []))].sort());
});

test('Every version is exact, and tools of this repository have the same version in lanes.', () => {
  for (const { packages, told } of lanes) {
    expect(Object.values(packages).filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
    expect(told.filter((name) => packages[name] === undefined)).toEqual([]);
    const own = Object.entries(packages).filter(([name]) => manifest.devDependencies[name] !== undefined);
    expect(own).toEqual(own.map(([name]) => [name, manifest.devDependencies[name]]));
  }
});

describe('lanes are chosen', () => {
  const namesFor = (...given: string[]) => lanesFor(given).map(({ name }) => name);

  test.each([
    ['all, when none is named', [], lanes.map(({ name }) => name)],
    ['by their names, in the order of the table', ['jest', 'express'], ['express', 'jest']],
    ['by what their names begin with', ['hono'], ['hono-node', 'hono-workers']],
  ])('%s', (_, given, wanted) => {
    expect(namesFor(...given)).toEqual(wanted);
  });

  test('and an unknown one is refused, with the list of known ones', () => {
    expect(() => lanesFor(['express', 'koa'])).toThrow(/^unknown lane koa; use next-15, .*jest$/);
  });
});

describe('the files of a section', () => {
  const block = (first: string) => `\`\`\`ts\n${first}\nconst a = 1;\n\`\`\`\n`;

  test('are the blocks whose first line names a file', () => {
    const text = `\n## One\n${block('// a.ts')}\n## Two\n${block('// src/b.ts')}\n${block('// no file')}`;
    expect([...filesOf('Two', text)]).toEqual([['src/b.ts', '// src/b.ts\nconst a = 1;\n']]);
  });

  test.each([
    ['there is no such section', '\n## One\n', 'docs/frameworks.md has no section "Two"'],
    ['it has none', '\n## Two\n', 'section "Two" of docs/frameworks.md has no files'],
    ['one is there twice', `\n## Two\n${block('// a.ts')}${block('// a.ts')}`, /has two blocks for a\.ts$/],
  ])('are refused if %s', (_, text, message) => {
    expect(() => filesOf('Two', text)).toThrow(message);
  });
});

describe('a server', () => {
  const start = (code: string) =>
    startServer({ program: process.execPath, given: ['-e', code], cwd: root, env: {}, url: '', until: 'ready' });

  test('that ends before it is ready is a failure, with its own output', async () => {
    const starting = start("console.error('broken'); process.exitCode = 3;");
    await expect(starting).rejects.toEqual(new Failed('the server ended with 3\nbroken\n'));
  });

  test.each([
    ['its exit code', "process.once('SIGTERM', () => process.exit(4));", 4],
    ['the signal', '', 'SIGTERM'],
  ])('that is terminated tells %s', async (_, code, wanted) => {
    await using server = await start(`${code} setInterval(() => {}, 1_000); console.log('ready');`);
    expect(await server.terminate()).toBe(wanted);
  });
});
