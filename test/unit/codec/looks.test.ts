import { expect, test } from 'vitest';
import { lookMrGpu } from '../../../generated/looks.ts';
import { type OperationId, type OperationRow, operations } from '../../../generated/operations.ts';
import { decode } from '../../../src/codec/decode.ts';
import { parseJson } from '../../../src/codec/json.ts';
import { leastMarked } from '../../../src/codec/marks.ts';
import { compiler, fieldsOf } from '../../../src/codec/plan.ts';
import { formsOf } from '../../../src/core/rows.ts';

const lists: OperationId[] = ['listMrMachines'];

/** Wire text of each kind as it should be. */
const good: Readonly<Record<string, string>> = {
  string: '"x"',
  number: '1',
  boolean: 'true',
  ports: '[22]',
  any: '{}',
};

/** What may come instead; one of them leaves the field out. */
const odd = [
  String(leastMarked + 1),
  `-${leastMarked}`,
  'null',
  '0',
  '7.5',
  '1e999',
  '1e-400',
  '3.1e19',
  '12345678901234567890',
  '"\\u007f5"',
  '"text"',
  'false',
];
const others = ['""', '[]', '{}', '[1,null,"x"]', '{"a":12345678901234567890}', undefined];

type PlansOf = OperationRow['plans'];

/** A good object of a model; `changed` is put in for the field of this path. */
function wireOf(
  model: string,
  plans: PlansOf,
  changed?: { readonly path: string; readonly text: string | undefined },
): string {
  const members = Object.entries(fieldsOf(plans[model] ?? '')).flatMap(([key, type]) => {
    const bare = type.replace(/[!?]$/, '');
    const inner = bare.replace(/(\[\]|\{\})$/, '');
    const [first, ...rest] = changed?.path.split('.') ?? [];
    const isOnPath = first === key;
    if (isOnPath && rest.length === 0) return changed?.text === undefined ? [] : [`"${key}":${changed.text}`];
    const below = isOnPath ? { path: rest.join('.'), text: changed?.text } : undefined;
    const item = inner in plans ? wireOf(inner, plans, below) : (good[inner] ?? '12345678901234567890');
    const text = bare.endsWith('[]') ? `[${item}]` : bare.endsWith('{}') ? `{"k":${item}}` : item;
    return [`"${key}":${text}`];
  });
  return `{${members.join()}}`;
}

/** Every field of a model and of those within it. */
function pathsOf(model: string, plans: PlansOf): string[] {
  return Object.entries(fieldsOf(plans[model] ?? '')).flatMap(([key, type]) => {
    const inner = type.replace(/(\[\]|\{\})?[!?]?$/, '');
    return [key, ...(inner in plans ? pathsOf(inner, plans).map((path) => `${key}.${path}`) : [])];
  });
}

test.each(lists)(
  '%s is decoded alike with a look at each object and by its plan alone, whatever a field holds.',
  (id) => {
    const row: OperationRow = operations[id];
    const model = row.answer.replace('[]', '');
    const byPlan = row.answer.split('|').map(compiler(row.plans));
    const texts = pathsOf(model, row.plans).flatMap((path) =>
      [...odd, ...others].map((text) => wireOf(model, row.plans, { path, text })),
    );
    const usual = wireOf(model, row.plans);
    texts.push(usual.replace('{', '{"unknown":3.1e19,'), usual.replace('{', '{"__proto__":1,'), '{}');
    for (const text of texts) {
      const list = `[${usual},${text},${usual}]`;
      const want = decode(parseJson(list), byPlan, true);
      const got = decode(parseJson(list), formsOf(row), true);
      expect(got.value, list).toStrictEqual(want.value);
      const places = ({ drift }: typeof want) => drift.map((each) => `${each.path} ${each.expected}`).sort();
      expect(places(got), list).toStrictEqual(places(want));
    }
  },
);

test.each(lists)('%s has a look for each of its models, which counts every field of a good object.', (id) => {
  const { plans, looks = {} }: OperationRow = operations[id];
  expect(Object.keys(looks)).toEqual(Object.keys(plans));
  for (const [model, look] of Object.entries(looks)) {
    expect(look(JSON.parse(wireOf(model, plans)))).toBe(Object.keys(fieldsOf(plans[model] ?? '')).length);
  }
});

test('A look does not accept a number that may be a mark.', () => {
  const machine = (memory: number) => ({ mem_total_mb: memory, model: 'x' });
  expect(lookMrGpu(machine(leastMarked - 1))).toBe(2);
  for (const memory of [leastMarked, leastMarked + 1, -leastMarked, Infinity])
    expect(lookMrGpu(machine(memory))).toBeNaN();
});
