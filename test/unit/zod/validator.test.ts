/** Issues as paths and types. */

import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { validator } from '../../../src/zod/index.ts';
import { expectedOf, innermost, pathText, valueAt } from '../../../src/zod/issues.ts';

const gpu = { model: 'RTX 4090', mem_total_mb: 24_564 };
const machine = { node_id: 1, country: 'Germany', city: 'Berlin', gpus: [gpu], net_down_mbits: 900, net_up_mbits: 800 };

describe('A response is wrong', () => {
  const table: [title: string, operation: string, value: unknown, path: string, expected: string, received: unknown][] =
    [
      ['as a whole', 'getBalance', null, '', 'object', null],
      ['in a field', 'getBalance', { balance: 5 }, 'balance', 'bigint', 5],
      ['for a lack', 'getBalance', {}, 'balance', 'bigint', undefined],
      ['in a list', 'listMrMachines', [machine, 7], '[1]', 'object', 7],
      [
        'deep down',
        'listMrMachines',
        [machine, { ...machine, gpus: [gpu, { ...gpu, model: 1 }] }],
        '[1].gpus[1].model',
        'string',
        1,
      ],
      ['in a map', 'getSessionInfo', { uuid: 'u', urls: { '80': 1 } }, 'urls.80', 'string', 1],
      ['below a bound', 'listMrMachines', [{ ...machine, net_up_mbits: -1 }], '[0].net_up_mbits', 'at least 0', -1],
      [
        'above a bound',
        'listApps',
        [{ uuid: 'u', name: 'n', image: 'i', ports: [70_000], http_ports: [] }],
        '[0].ports[0]',
        'at most 65535',
        70_000,
      ],
      ['with a fraction', 'getNode', { id: 1.5 }, 'id', 'whole number', 1.5],
      ['in every form', 'listMrMachines', [{ ...machine, gpu: 3 }], '[0].gpu', 'object or string', 3],
      [
        'within one form',
        'getSessionInfo',
        { uuid: 'u', config: { ip: '1.2.3.4', port: 'x' } },
        'config.port',
        'number',
        'x',
      ],
      ['in a batch', 'startMr', [{ uuid: 'u' }, { uuid: 1 }], '[1].uuid', 'string', 1],
    ];
  test.each(table)('%s', (_, operation, value, path, expected, received) => {
    expect(validator('report').check(operation, value)).toEqual([{ path, expected, received }]);
  });

  test('in several places, and all are named', () => {
    const issues = validator('strict').check('listApps', [
      { uuid: 1, name: 'n', image: 'i', ports: '', http_ports: [] },
    ]);
    expect(issues.map(({ path }) => path)).toEqual(['[0].uuid', '[0].ports']);
  });
});

describe('Nothing is wrong', () => {
  test.each<[title: string, operation: string, value: unknown]>([
    ['with an answer as promised', 'listMrMachines', [machine]],
    ['with fields that are new', 'listMrMachines', [{ ...machine, new_field: { deep: [1] } }]],
    ['with a field that may be absent and is undefined', 'getBalance', { balance: 1n, currency: undefined }],
    ['with an operation that has no schema', 'rebootNode', 5],
    ['with one that nobody knows', 'GET /beta', 5],
    ['with one that is named like a member of every object', 'constructor', 5],
  ])('%s', (_, operation, value) => {
    expect(validator('report').check(operation, value)).toEqual([]);
  });
});

test('A value is checked, and not changed or copied.', () => {
  const value = Object.freeze([Object.freeze({ ...machine, gpus: Object.freeze([Object.freeze({ ...gpu })]) })]);
  expect(validator('report').check('listMrMachines', value)).toEqual([]);
});

describe('The expectation of a schema is named', () => {
  const table: [title: string, schema: z.ZodMiniType, value: unknown, expected: string][] = [
    ['for one of some texts', z.enum(['wg', 'ss']), 'x', 'wg or ss'],
    ['for a pattern', z.string().check(z.regex(/^\d+$/)), 'x', 'text like /^\\d+$/'],
    ['for a form with a name', z.email(), 'x', 'text like'],
    ['for multiples', z.number().check(z.multipleOf(2)), 3, 'multiple of 2'],
    ['for other rules, by their name', z.string().check(z.refine(() => false)), 'x', 'custom'],
    ['for forms that want the same', z.union([z.int(), z.number().check(z.gte(5))]), 'x', 'number'],
    [
      'for forms within forms',
      z.union([z.string(), z.union([z.boolean(), z.bigint()])]),
      1,
      'string or boolean or bigint',
    ],
  ];
  test.each(table)('%s', (_, schema, value, expected) => {
    const [issue] = schema.safeParse(value).error?.issues ?? [];
    expect(issue === undefined ? '' : expectedOf(issue)).toContain(expected);
  });
});

test('The issues come from the closest form of a union, at any depth.', () => {
  const inner = z.union([z.looseObject({ b: z.string() }), z.bigint()]);
  const schema = z.looseObject({ list: z.array(z.union([z.string(), z.looseObject({ a: inner })])) });
  const { error } = schema.safeParse({ list: ['x', { a: { b: 1 } }] });
  const places = error?.issues.flatMap(innermost).map((issue) => [pathText(issue.path), expectedOf(issue)]);
  expect(places).toEqual([['list[1].a.b', 'string']]);
});

test('A path has the format of drift, and leads to the value.', () => {
  const path = [3, 'gpus', 0, 'a.b'];
  expect(pathText(path)).toBe('[3].gpus[0].a.b');
  expect(valueAt([0, 0, 0, { gpus: [{ 'a.b': 5n }] }], path)).toBe(5n);
  expect(valueAt(null, path)).toBeUndefined();
});
