/** Regular expressions take linear time, because their input may come from a server or from anyone. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkSync } from 'recheck';
import ts from 'typescript';
import { expect, test } from 'vitest';

// Without its native program, which is not there for every platform.
process.env.RECHECK_SYNC_BACKEND = 'pure';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What reads texts of others; the scripts that are left out read files of this repository alone. */
const folders = ['src', 'scripts/drift', 'playground/src', 'playground/server'];

const files = folders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => join(folder, name)),
);

/** Regular expressions of a source file, written as literals. */
function literalsIn(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.ESNext);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) found.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const places = new Map<string, string[]>();
for (const file of files) {
  for (const literal of literalsIn(file)) places.set(literal, [...(places.get(literal) ?? []), file]);
}

function isLinear(literal: string): boolean {
  const end = literal.lastIndexOf('/');
  const [source, flags] = [literal.slice(1, end), literal.slice(end + 1)];
  // The other checker tries texts against the clock, so its verdict depends on how busy the machine is.
  const timeout = 100_000;
  const exact = checkSync(source, flags, { checker: 'automaton', timeout });
  const isUnsupported = exact.status === 'unknown' && exact.error.kind === 'unsupported';
  const found = isUnsupported ? checkSync(source, flags, { timeout }) : exact;
  return found.status === 'safe' && ['safe', 'linear'].includes(found.complexity.type);
}

test('The check distinguishes quadratic from linear expressions.', () => {
  expect(['/0+$/', '/^(\\d+)(\\d*)$/', '/^(a|a)*$/', '/^0+$/', '/\\d+/g'].map(isLinear)).toEqual([
    false,
    false,
    false,
    true,
    true,
  ]);
});

test('There are regular expressions to check.', () => {
  expect(places.size).toBeGreaterThan(80);
});

test.each([...places])('%s is linear (%j).', (literal) => {
  expect(isLinear(literal)).toBe(true);
});
