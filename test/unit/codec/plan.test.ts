import { describe, expect, test } from 'vitest';
import * as plans from '../../../generated/plans.ts';
import { compiler, type FieldType } from '../../../src/codec/plan.ts';

/** The parts of a type that its text says. */
function outline({ kind, required, nullable, text, item, model }: FieldType): object {
  const holds = item === undefined ? {} : { item: outline(item) };
  return {
    kind,
    required,
    nullable,
    text,
    ...holds,
    ...(model === undefined ? {} : { fields: [...model.fields.keys()] }),
  };
}

const read = compiler({
  Gpu: 'string! model\nnumber mb',
  Node: '\nnumber! id\nGpu[]! gpus\nNode next\n',
});
const plain = { required: false, nullable: false };

describe('compiler', () => {
  const rows: readonly (readonly [text: string, want: object])[] = [
    ['wei', { ...plain, kind: 'wei', text: 'wei' }],
    ['wei!', { ...plain, required: true, kind: 'wei', text: 'wei' }],
    ['wei?', { ...plain, nullable: true, kind: 'wei', text: 'wei' }],
    ['number-text', { ...plain, kind: 'number-text', text: 'number-text' }],
    ['Gpu', { ...plain, kind: 'model', text: 'Gpu', fields: ['model', 'mb'] }],
    ['Gpu?', { ...plain, nullable: true, kind: 'model', text: 'Gpu', fields: ['model', 'mb'] }],
    ['string[]', { ...plain, kind: 'list', text: 'string[]', item: { ...plain, kind: 'string', text: 'string' } }],
    [
      'Gpu[]!',
      {
        ...plain,
        required: true,
        kind: 'list',
        text: 'Gpu[]',
        item: { ...plain, kind: 'model', text: 'Gpu', fields: ['model', 'mb'] },
      },
    ],
    ['string{}', { ...plain, kind: 'map', text: 'string{}', item: { ...plain, kind: 'string', text: 'string' } }],
    [
      'number{}[]',
      {
        ...plain,
        kind: 'list',
        text: 'number{}[]',
        item: { ...plain, kind: 'map', text: 'number{}', item: { ...plain, kind: 'number', text: 'number' } },
      },
    ],
    [
      'wei[]{}?',
      {
        ...plain,
        nullable: true,
        kind: 'map',
        text: 'wei[]{}',
        item: { ...plain, kind: 'list', text: 'wei[]', item: { ...plain, kind: 'wei', text: 'wei' } },
      },
    ],
  ];
  test.each(rows)('reads the type %s', (text, want) => {
    expect(outline(read(text))).toStrictEqual(want);
  });

  test('lists the fields that are always present', () => {
    expect(read('Node').model?.required.map(({ key }) => key)).toStrictEqual(['id', 'gpus']);
    expect(read('Gpu').model?.required.map(({ key }) => key)).toStrictEqual(['model']);
  });

  test('compiles a model once, so that models may refer to themselves', () => {
    const node = read('Node').model;
    expect(node?.fields.get('next')?.model).toBe(node);
    expect(read('Node[]').item?.model).toBe(node);
    expect(node?.fields.get('gpus')?.item?.model).toBe(read('Gpu').model);
  });

  test('keeps the models of two sets of plans apart', () => {
    const other = compiler({ Gpu: 'wei mb' });
    expect(other('Gpu').model?.fields.get('mb')?.kind).toBe('wei');
    expect(read('Gpu').model?.fields.get('mb')?.kind).toBe('number');
  });

  test('finds a model or a kind for every field of every generated plan', () => {
    const compile = compiler(plans);
    const kinds = new Set<string>();
    const collect = ({ kind, item, model }: FieldType): void => {
      kinds.add(kind);
      if (item !== undefined) collect(item);
      if (kind === 'model') expect(model?.fields.size).toBeGreaterThan(0);
    };
    for (const name of Object.keys(plans)) for (const type of compile(name).model?.fields.values() ?? []) collect(type);
    expect([...kinds].filter((kind) => !/^[a-z-]+$/.test(kind))).toStrictEqual([]);
    expect(kinds).toContain('wei');
  });
});
