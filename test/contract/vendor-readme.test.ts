/** Programs for the vendor's JavaScript SDK run here, as they are or with the changes that docs/migration.md lists. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type Block, blocksOf, lineAt, texts } from '../support/pages.ts';
import { complaintsUnderStrict } from '../support/snippet-compiler.ts';
import { promisedOutput, runSnippet } from '../support/snippet-runner.ts';
import { behaviours } from '../support/vendor/behaviours.ts';

const page = 'test/contract/vendor-readme.md';
const text = readFileSync(fileURLToPath(new URL('vendor-readme.md', import.meta.url)), 'utf8');
const programs = blocksOf(page, text);

function withRole(...roles: readonly string[]): [place: string, block: Block][] {
  return programs.flatMap((block) =>
    roles.includes(block.role) ? [[`${block.page}:${block.line}`, block] as [string, Block]] : [],
  );
}

function blocksWith(...roles: readonly string[]): Block[] {
  return withRole(...roles).map(([, block]) => block);
}

/** What differs in each `before`, by the line above it. */
const differences = [...text.matchAll(/^Differs( at run time)?: (.+)\n\n```ts before$/gm)].map(
  ({ index, 1: atRunTime, 2: names = '' }) => ({
    line: lineAt(text, index) + 3,
    atRunTime: atRunTime !== undefined,
    names: names.split(', '),
  }),
);

/** The names of the differences that docs/migration.md lists. */
function listed(): string[] {
  const [, section = ''] = (texts.get('docs/migration.md') ?? '').split('\n### What differs\n');
  const [table = ''] = section.split('\n##');
  return [...table.matchAll(/^\| \*\*(.+?)\*\* \|/gm)].map(({ 1: name = '' }) => name);
}

test('Every program has a role, and each for the vendor goes before the one that replaces it, and says what differs.', () => {
  const roles = programs.map(({ role }) => role);
  expect(new Set(roles)).toEqual(new Set(['same', 'shown', 'before', 'after']));
  const pairs = roles.flatMap((role, index) => (role === 'before' ? [roles[index + 1]] : []));
  expect(new Set(pairs)).toEqual(new Set(['after']));
  expect(roles.filter((role) => role === 'after')).toHaveLength(pairs.length);
  expect(differences.map(({ line }) => line)).toEqual(blocksWith('before').map(({ line }) => line));
});

test('Every program compiles for the vendor under strict, as far as it is for that.', () => {
  expect(complaintsUnderStrict('vendors', blocksWith('same', 'shown', 'before'))).toEqual([]);
});

test('Every program compiles for this SDK under strict, as it is or after the changes.', () => {
  expect(complaintsUnderStrict('ours', blocksWith('same', 'shown', 'after'))).toEqual([]);
});

test('A program that must change does not compile unchanged, unless it differs only at run time.', () => {
  const complaints = complaintsUnderStrict('ours', blocksWith('before'));
  const lines = complaints.map((complaint) => Number(/:(\d+): /.exec(complaint)?.[1]));
  const compiles = blocksWith('before').filter(({ line, code }) => {
    const end = line + code.split('\n').length;
    return !lines.some((each) => each >= line && each < end);
  });
  const runTime = differences.filter(({ atRunTime }) => atRunTime);
  expect(compiles.map(({ line }) => line)).toEqual(runTime.map(({ line }) => line));
});

test('docs/migration.md lists exactly the changes that are shown here.', () => {
  const names = [...new Set(differences.flatMap((each) => each.names)), ...Object.keys(behaviours)];
  expect(names.sort()).toEqual(listed().sort());
});

test.each(Object.entries(behaviours))('The row "%s" of docs/migration.md is correct.', (_, check) => check());

describe('on the simulator', () => {
  test.each(withRole('same', 'after'))('%s prints its documented output.', async (_, block) => {
    const { printed } = await runSnippet(block.code);
    expect(printed).toEqual(promisedOutput(block, undefined));
  });
});
