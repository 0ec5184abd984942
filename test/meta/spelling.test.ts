/** The list of words that the spelling check accepts. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Spelling {
  readonly words: readonly string[];
  readonly overrides: readonly { readonly ignoreWords: readonly string[] }[];
}

const { words, overrides }: Spelling = JSON.parse(readFileSync(join(root, 'cspell.json'), 'utf8'));

function isUsed(word: string): boolean {
  const given = [
    'grep',
    '--quiet',
    '--ignore-case',
    '--untracked',
    '-e',
    word,
    '--',
    '.',
    ':!cspell.json',
    ':!*lock.json',
  ];
  try {
    execFileSync('git', given, { cwd: root });
    return true;
  } catch {
    return false;
  }
}

describe.each([
  ['words of this project', words],
  ['words that tests make up', overrides.flatMap(({ ignoreWords }) => ignoreWords)],
])('The list of %s', (_, list) => {
  test('is sorted, without repetitions.', () => {
    const sorted = [...new Set(list.map((word) => word.toLowerCase()))].sort();
    expect(list.map((word) => word.toLowerCase())).toEqual(sorted);
  });

  test('has no unused word.', () => {
    expect(list.filter((word) => !isUsed(word))).toEqual([]);
  });
});
