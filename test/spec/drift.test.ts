/** DRIFT.md against the numbers in the spec. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { placesInSpec, withPlaces } from '../../scripts/drift-places.ts';

const folder = fileURLToPath(new URL('../../openapi', import.meta.url));
const page = readFileSync(join(folder, 'DRIFT.md'), 'utf8');
const [, ...entries] = page.split(/^(?=## )/m);
const places = placesInSpec();

/** The form of an entry, and nothing besides; the last line may be missing. */
const form = [
  /^## \d+\. [A-Z`/"].*[^.]$/,
  /^$/,
  /^- \*\*Documented or assumed:\*\* .+\.$/,
  /^- \*\*On the wire:\*\* .+\.$/,
  /^- \*\*Evidence:\*\* .+\.$/,
  /^- \*\*In the spec:\*\* `.+`$/,
  /^- \*\*In the SDK:\*\* .+\.$/,
  /^- \*\*Explains:\*\* `[^`]+`(?:, `[^`]+`)*$/,
];

function numberOf(entry: string): number {
  return Number(/^## (\d+)\./.exec(entry)?.[1]);
}

test('Entries are numbered from 1 on, without a gap.', () => {
  expect(entries.length).toBeGreaterThanOrEqual(45);
  expect(entries.map(numberOf)).toEqual(entries.map((_, index) => index + 1));
});

describe('every entry has the same form', () => {
  test.each(entries.map((entry) => [numberOf(entry), entry] as const))('%d', (_, entry) => {
    const lines = entry.trimEnd().split('\n');
    expect(form.length - lines.length).toBeOneOf([0, 1]);
    expect(lines.filter((line, index) => !form[index]?.test(line))).toEqual([]);
  });
});

test('Every number in the spec has an entry, and every entry is used in the spec.', () => {
  expect([...places.keys()].sort((left, right) => left - right)).toEqual(entries.map(numberOf));
});

test('Every entry says where in the spec it is applied.', () => {
  expect(withPlaces(page, places)).toBe(page);
});

test('The places that an entry names are files that carry its number.', () => {
  const wrong = entries.flatMap((entry) => {
    const line = /^- \*\*In the spec:\*\* (.*)$/m.exec(entry)?.[1] ?? '';
    const files = [...line.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file);
    const carries = (file: string) =>
      new RegExp(`x-octa-drift: \\[(?:[\\d, ]*\\D)?${numberOf(entry)}(?:\\D[\\d, ]*)?\\]`).test(
        readFileSync(join(folder, file), 'utf8'),
      );
    return files.filter((file) => !carries(file)).map((file) => `${numberOf(entry)}: ${file}`);
  });
  expect(wrong).toEqual([]);
});

test('Every mark in the spec is written on one line, where the script finds it.', () => {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));
  const marks = files.flatMap((name) => readFileSync(join(folder, name), 'utf8').match(/^.*x-octa-drift:.*$/gm) ?? []);
  expect(marks.length).toBeGreaterThan(0);
  expect(marks.filter((mark) => !/x-octa-drift: \[\d+(, \d+)*\]$/.test(mark))).toEqual([]);
});

describe('filling in the places', () => {
  const text = '# Page\n\n## 1. One\n\n- **In the spec:** pending\n\n## 12. Twelve\n\n- **In the spec:** `old.yaml`\n';

  test('puts the files of each number into its own entry', () => {
    const filled = withPlaces(
      text,
      new Map([
        [12, ['a.yaml', 'paths/b.yaml']],
        [1, ['$&.yaml']],
      ]),
    );
    expect(filled).toBe(text.replace('pending', () => '`$&.yaml`').replace('`old.yaml`', '`a.yaml`, `paths/b.yaml`'));
  });

  test('reports a number that the spec does not use', () => {
    expect(withPlaces(text, new Map([[1, ['a.yaml']]]))).toContain('Twelve\n\n- **In the spec:** nowhere\n');
  });
});
