import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as models from '../../../generated/plans.ts';
import { type Decoded, decode } from '../../../src/codec/decode.ts';
import { parseJson } from '../../../src/codec/json.ts';
import { compiler, fieldsOf, type PlanFields, type Plans } from '../../../src/codec/plan.ts';
import { comparable, jsonText, slowExactParse, twin } from './slow-json.ts';

const plans: Plans = models;
const generated = compiler(plans);
const runs = { seed: 20_261_122, numRuns: 200 };

/** Decodes wire text as the first of `types` that it can be. */
function read(text: string, ...types: string[]): Decoded {
  return decode(parseJson(text), types.map(generated), true);
}

/** Decodes `{"f": …}` by a plan of one field. */
function readField(type: string, wire: string, beside = ''): Decoded {
  const compile = compiler({ Holder: `${type} f`, Gpu: 'string! model\nnumber mb' });
  return decode(parseJson(`{"f":${wire}${beside}}`), [compile('Holder')], true);
}

const long = '31428028938060847852';
const exact = 31_428_028_938_060_847_852n;

type KindRow = readonly [kind: string, wire: string, want: unknown];

/** Wire forms that are as promised: nothing is reported. */
const expected: readonly KindRow[] = [
  ['wei', '0', 0n],
  ['wei', '-5', -5n],
  ['wei', '9007199254740991', 9_007_199_254_740_991n],
  ['wei', '9007199254740993', 9_007_199_254_740_993n],
  ['wei', long, exact],
  ['wei', `-${long}`, -exact],
  ['wei', `"${long}"`, exact],
  ['wei', `" ${long} "`, exact],
  ['wei', '"1.5e18"', 1_500_000_000_000_000_000n],
  ['wei', '1.5e18', 1_500_000_000_000_000_000n],
  ['wei', '1e23', 10n ** 23n],
  ['wei', '0.86491470110805099e16', 8_649_147_011_080_509n],
  ['wei', '8570870377733952.9', 8_570_870_377_733_952n],
  ['wei', '31428028938060847852.5', exact],
  ['wei', '"31428028938060847852.5"', exact],
  ['integer', '3600', 3600],
  ['integer', '"3600"', 3600],
  ['integer', '1234567890123456789', 1_234_567_890_123_456_800],
  ['number-text', '"12.5"', 12.5],
  ['number-text', '12.5', 12.5],
  ['timestamp', '1776161866303', 1_776_161_866_303],
  ['timestamp', '"1776161866303"', 1_776_161_866_303],
  ['timestamp', '"2026-04-14T10:17:46.303Z"', 1_776_161_866_303],
  ['timestamp', '1776161866303000', 1_776_161_866_303_000],
  ['mbits', '940', 940],
  ['mbits', '"125000000"', 1000],
  ['ports', '[22,"80"]', [22, 80]],
  ['ports', '"[22]"', [22]],
  ['ports', '""', []],
  ['ports', 'null', []],
  ['envs', '{"A":"x","B":true,"C":3,"D":null}', { A: 'x', B: 'true', C: '3', D: '' }],
  ['envs', `{"A":${long}}`, { A: long }],
  ['envs', '[]', {}],
  ['config', '"[Interface]"', '[Interface]'],
  ['config', '""', ''],
  ['config', '{"ip":"198.51.100.7","port":8080}', { ip: '198.51.100.7', port: 8080 }],
  ['config', '{"ip":"198.51.100.7","port":"8080"}', { ip: '198.51.100.7', port: 8080 }],
  ['config', '{"ip":"a","port":"none"}', { ip: 'a' }],
  ['number', '"1e23"', 1e23],
  ['string', '"a"', 'a'],
  ['string', '""', ''],
  ['number', '0.5', 0.5],
  ['number', '"0.53"', 0.53],
  ['number', '"1e300"', 1e300],
  ['number', '12345678901234567890', 12_345_678_901_234_567_000],
  ['boolean', 'false', false],
  ['any', '"Vega"', 'Vega'],
  ['any', 'null', null],
  ['any', long, exact],
  ['any', `[1,{"a":${long}}]`, [1, { a: exact }]],
  ['log', '["a"]', ['a']],
  ['log', `[{"n":${long}}]`, [{ n: exact }]],
  ['string?', 'null', null],
  ['Gpu?', 'null', null],
  ['Gpu[]?', 'null', null],
  ['wei?', long, exact],
  ['string[]', '["a","b"]', ['a', 'b']],
  ['wei[]', `[1,${long},"2"]`, [1n, exact, 2n]],
  [
    'wei{}',
    `{"a":${long},"__proto__":5}`,
    JSON.parse('{"a":0,"__proto__":0}', (key, value) => (key === '' ? value : key === 'a' ? exact : 5n)),
  ],
  ['number{}[]', '[{"mon":1},{}]', [{ mon: 1 }, {}]],
  ['Gpu', '{"model":"A100","mb":81920}', { model: 'A100', mb: 81_920 }],
  ['Gpu[]', '[]', []],
];

/** Wire forms that say "none": the field is left out, and nothing is reported. */
const none: readonly (readonly [kind: string, wire: string])[] = [
  'number',
  'integer',
  'number-text',
  'timestamp',
  'mbits',
  'envs',
].flatMap(
  (kind) =>
    [
      [kind, 'null'],
      [kind, '""'],
    ] as const,
);

const gone = Symbol('left out');

/** Wire forms that are not as promised: reported, and taken where they can be. */
const drifting: readonly (readonly [kind: string, wire: string, want: unknown, received: unknown])[] = [
  ['wei', 'null', gone, null],
  ['wei', '""', gone, ''],
  ['wei', '0.5', gone, 0.5],
  ['wei', '"0.5"', gone, '0.5'],
  ['wei', '1e999', gone, '1e999'],
  ['wei', 'true', gone, true],
  ['wei', `[${long}]`, gone, [exact]],
  ['wei', `{"wei":${long}}`, gone, { wei: exact }],
  ['integer', '"12s"', gone, '12s'],
  ['integer', 'true', gone, true],
  ['integer', `[${long}]`, gone, [exact]],
  ['number-text', '{}', gone, {}],
  ['timestamp', '"yesterday"', gone, 'yesterday'],
  ['mbits', '"fast"', gone, 'fast'],
  ['ports', '["ssh"]', gone, ['ssh']],
  ['ports', long, gone, exact],
  ['envs', '["A=1"]', gone, ['A=1']],
  ['config', '[8080]', gone, [8080]],
  ['config', '8080', gone, 8080],
  ['number', '1e999', gone, '1e999'],
  ['number', '"1e999"', gone, '1e999'],
  ['wei', '5.00000000000000000001', gone, '5.00000000000000000001'],
  ['string', '5.00000000000000000001', '5.00000000000000000001', '5.00000000000000000001'],
  ['envs', long, gone, exact],
  ['string', '5', '5', 5],
  ['string', long, long, exact],
  ['string', 'true', 'true', true],
  ['string', 'null', gone, null],
  ['string', '{"a":1}', gone, { a: 1 }],
  ['string', `["${long}",${long}]`, gone, [long, exact]],
  ['number', '"9007199254740993"', gone, '9007199254740993'],
  ['number-text', '"9007199254740993"', gone, '9007199254740993'],
  ['number', '"n/a"', gone, 'n/a'],
  ['number', 'false', gone, false],
  ['number', `{"v":${long}}`, gone, { v: exact }],
  ['boolean', '1', true, 1],
  ['boolean', '"false"', false, 'false'],
  ['boolean', 'null', gone, null],
  ['boolean', '2', gone, 2],
  ['boolean', long, gone, exact],
  ['Gpu', 'null', gone, null],
  ['Gpu', '99.5', gone, 99.5],
  ['Gpu', '"A100"', gone, 'A100'],
  ['Gpu', `[${long}]`, gone, [exact]],
  ['Gpu', long, gone, exact],
  ['Gpu[]', 'null', gone, null],
  ['Gpu[]', '{}', gone, {}],
  ['Gpu[]', `"${long}"`, gone, long],
  ['wei{}', '[]', gone, []],
  ['wei{}', long, gone, exact],
];

describe('a field of the kind', () => {
  test.each(expected)('%s takes %s', (kind, wire, want) => {
    expect(readField(kind, wire)).toStrictEqual({ value: { f: want }, drift: [] });
  });

  test.each(none)('%s is left out without a word for %s', (kind, wire) => {
    expect(readField(kind, wire)).toStrictEqual({ value: {}, drift: [] });
  });

  test.each(drifting)('%s reports %s', (kind, wire, want, received) => {
    const { value, drift } = readField(kind, wire);
    expect(value).toStrictEqual(want === gone ? {} : { f: want });
    expect(drift).toStrictEqual([{ path: 'f', expected: kind, received }]);
  });

  test.each(['ports', 'envs', 'config'])('%s reports a number that looks like a mark as it is', (kind) => {
    for (const [wire, received] of [
      ['9000000000000011', 9_000_000_000_000_011],
      ['[9000000000000011]', [9_000_000_000_000_011]],
    ] as const)
      expect(readField(kind, wire, `,"other":${long}`).drift).toContainEqual({ path: 'f', expected: kind, received });
  });

  const all: readonly KindRow[] = [...expected, ...drifting.map(([kind, wire, want]): KindRow => [kind, wire, want])];
  test.each(all)('%s takes %s all the same beside a long integer', (kind, wire, want) => {
    const { value } = readField(kind, wire, `,"other":${long}`);
    expect(value).toStrictEqual(want === gone ? { other: exact } : { f: want, other: exact });
  });

  const always: readonly (readonly [type: string, wire: string, want: unknown])[] = [
    ['ports!', '"ssh"', []],
    ['Gpu[]!', 'null', []],
    ['Gpu[]!', '"none"', []],
    ['Gpu!', 'null', gone],
    ['wei!', 'null', gone],
    ['number!', '""', gone],
    ['string!', 'null', gone],
    ['boolean!', '"no"', gone],
    ['integer!', 'null', gone],
    ['integer!', '""', gone],
    ['timestamp!', 'null', gone],
    ['mbits!', 'null', gone],
    ['mbits!', '""', gone],
    ['envs!', 'null', gone],
  ];
  test.each(always)('%s reports %s, because it is promised to be there', (type, wire, want) => {
    const { value, drift } = readField(type, wire);
    expect(value).toStrictEqual(want === gone ? {} : { f: want });
    expect(drift).toStrictEqual([{ path: 'f', expected: type.slice(0, -1), received: JSON.parse(wire) }]);
  });

  const spelled = ['.0', 'E+0', '0e-1'];
  test.each(spelled)('wei never rounds a bare amount with %s behind its digits', (behind) => {
    const { value } = readField('wei', `${long}${behind}`);
    expect([{ f: exact }, {}]).toContainEqual(value);
  });

  test('wei never rounds a bare amount written with an exponent', () => {
    const { value } = readField('wei', '3.1428028938060847852e19');
    expect([{ f: exact }, {}]).toContainEqual(value);
  });
});

describe('an answer', () => {
  const node = `{"id":1,"prices":{"base":${long},"storage":"7","traffic":1e18}}`;

  test('keeps the rest of a list usable when items are null or something else', () => {
    const { value, drift } = read(`[null,${node},"node",{"id":2},[]]`, 'Node[]');
    expect(value).toStrictEqual([{ id: 1, prices: { base: exact, storage: 7n, traffic: 10n ** 18n } }, { id: 2 }]);
    expect(drift).toStrictEqual([{ path: '[0]', expected: 'Node', received: null }]);
  });

  test('drops what a list of texts cannot hold, and takes what it can', () => {
    const { value, drift } = read(`{"id":1,"features":["ssh",null,7,${long},{},"vpn"]}`, 'NodeDetail');
    expect(value).toStrictEqual({ id: 1, features: ['ssh', '7', long, 'vpn'] });
    expect(drift).toStrictEqual([{ path: 'features[1]', expected: 'string', received: null }]);
  });

  test('takes the odd forms of a template', () => {
    const text =
      '{"uuid":"u","name":"n","image":"i","ports":"[22]","http_ports":"","envs":{"BOOL":false,"NUMBER":3,"EMPTY":null}}';
    const { value, drift } = read(`[${text}]`, 'App[]');
    const envs = { BOOL: 'false', NUMBER: '3', EMPTY: '' };
    expect(value).toStrictEqual([{ uuid: 'u', name: 'n', image: 'i', ports: [22], http_ports: [], envs }]);
    expect(drift).toStrictEqual([]);
  });

  test('takes the odd forms of a session', () => {
    const text = `{"uuid":"u","duration":"28","rx":"","tx":null,"charge_amount":${long},"container_id":["c",${long}],
      "started_at":"1776161866303","termination_reason":"","user_envs":[],"ports_matrix":{"22":30005},"config":""}`;
    const { value, drift } = read(text, 'ServiceInfo');
    expect(value).toStrictEqual({
      uuid: 'u',
      duration: 28,
      charge_amount: exact,
      container_id: ['c', long],
      started_at: 1_776_161_866_303,
      user_envs: {},
      ports_matrix: { 22: 30_005 },
      config: '',
    });
    expect(drift).toStrictEqual([{ path: 'container_id[1]', expected: 'string', received: exact }]);
  });

  test('takes a machine whose parts are of other types', () => {
    const text = `[{"node_id":"9042","country":null,"city":"Paris","gpus":null,"gpu":"NVIDIA RTX A6000",
      "net_down_mbits":125000000,"net_up_mbits":"500","reliability":99.5,"total_price_wei":"${long}","os_version":22}]`;
    const { value, drift } = read(text, 'RenderMachine[]');
    expect(value).toStrictEqual([
      {
        node_id: 9042,
        city: 'Paris',
        gpus: [],
        gpu: 'NVIDIA RTX A6000',
        net_down_mbits: 1000,
        net_up_mbits: 500,
        total_price_wei: exact,
        os_version: '22',
      },
    ]);
    expect(drift).toStrictEqual([
      { path: '[0].country', expected: 'string', received: null },
      { path: '[0].gpus', expected: 'MrGpu[]', received: null },
      { path: '[0].reliability', expected: 'MrReliability', received: 99.5 },
      { path: '[0].os_version', expected: 'string', received: 22 },
    ]);
  });

  test('leaves out parts that are null, and reports them', () => {
    const { value, drift } = read('{"id":1,"location":null,"reliability":null,"data":{"disk":null}}', 'NodeDetail');
    expect(value).toStrictEqual({ id: 1, data: {} });
    expect(drift).toStrictEqual([
      { path: 'location', expected: 'NodeDetailLocation', received: null },
      { path: 'reliability', expected: 'NodeReliability', received: null },
      { path: 'data.disk', expected: 'NodeDisk', received: null },
    ]);
  });

  test('passes unknown fields on, with exact integers, and reports them', () => {
    const { value, drift } = read(`{"balance":1,"locked":{"wei":[${long}]},"n":${long},"t":"${long}"}`, 'Balance');
    expect(value).toStrictEqual({ balance: 1n, locked: { wei: [exact] }, n: exact, t: long });
    expect(drift).toStrictEqual([
      { path: 'locked', expected: 'absent', received: { wei: [exact] } },
      { path: 'n', expected: 'absent', received: exact },
      { path: 't', expected: 'absent', received: long },
    ]);
  });

  test('passes unknown fields on as they are when no integer is long', () => {
    expect(read('{"balance":1,"extra":{"a":[1,"x",null]}}', 'Balance').value).toStrictEqual({
      balance: 1n,
      extra: { a: [1, 'x', null] },
    });
  });

  test('reports what is missing of what is always present, and fills in only lists', () => {
    const { value, drift } = read('[{"uuid":"u","name":"n","ports":[22]}]', 'App[]');
    expect(value).toStrictEqual([{ uuid: 'u', name: 'n', ports: [22], http_ports: [] }]);
    expect(drift).toStrictEqual([
      { path: '[0].image', expected: 'string', received: undefined },
      { path: '[0].http_ports', expected: 'ports', received: undefined },
    ]);
  });

  test('says nothing of a missing field that may be missing', () => {
    expect(read('{"id":1}', 'Node')).toStrictEqual({ value: { id: 1 }, drift: [] });
  });

  test('reports one difference once, at its first place', () => {
    const text = '[{"id":1},{"id":2,"x":1},{"ip":5},{"id":"4","x":2,"ip":6},{"id":5,"location":{"x":3}}]';
    const { value, drift } = read(text, 'Node[]');
    expect(value).toHaveLength(5);
    expect([...drift].sort((a, b) => (a.path < b.path ? -1 : 1))).toStrictEqual([
      { path: '[1].x', expected: 'absent', received: 1 },
      { path: '[2].id', expected: 'number', received: undefined },
      { path: '[2].ip', expected: 'string', received: 5 },
      { path: '[4].location.x', expected: 'absent', received: 3 },
    ]);
  });

  test('names the place of a difference within lists of lists', () => {
    const gpus = '[{"model":"a","mem_total_mb":1},{"model":null,"mem_total_mb":2}]';
    const { drift } = read(`[{"id":1},{"id":2,"system":{"gpus":${gpus}}}]`, 'Node[]');
    expect(drift).toStrictEqual([{ path: '[1].system.gpus[1].model', expected: 'string', received: null }]);
  });

  test('takes null for an empty list, and reports it', () => {
    expect(read('null', 'Node[]')).toStrictEqual({
      value: [],
      drift: [{ path: '', expected: 'Node[]', received: null }],
    });
  });

  test('reports nothing when nobody listens, and decodes the same', () => {
    const text = `[null,{"id":"1","x":${long}}]`;
    const { value, drift } = decode(parseJson(text), [generated('Node[]')], false);
    expect(value).toStrictEqual([{ id: 1, x: exact }]);
    expect(drift).toStrictEqual([]);
    expect(decode(parseJson('null'), [generated('Node[]')], false)).toStrictEqual({ value: [], drift: [] });
  });

  const mismatches: readonly (readonly [text: string, types: readonly string[], words: string])[] = [
    ['{}', ['Node[]'], 'expected Node[], but the response is an object'],
    ['[]', ['Node'], 'expected Node, but the response is a list'],
    ['null', ['Node'], 'expected Node, but the response is null'],
    ['"ok"', ['Node[]'], 'expected Node[], but the response is a string'],
    ['5', ['Node'], 'expected Node, but the response is a number'],
    ['true', ['StartResult', 'StartResult[]'], 'expected StartResult or StartResult[], but the response is a boolean'],
    [long, ['Node'], 'expected Node, but the response is a number'],
  ];
  test.each(mismatches)('%s, where %j is promised, is named', (text, types, words) => {
    expect(read(text, ...types)).toStrictEqual({ value: undefined, mismatch: words, drift: [] });
  });

  test('may have one of several forms', () => {
    expect(read('[{"uuid":"u"}]', 'StartResult', 'StartResult[]').value).toStrictEqual([{ uuid: 'u' }]);
    expect(read('{"uuid":"u"}', 'StartResult[]', 'StartResult').value).toStrictEqual({ uuid: 'u' });
  });

  test('may be a map', () => {
    expect(read(`{"a":${long},"b":null}`, 'wei{}')).toStrictEqual({
      value: { a: exact },
      drift: [{ path: 'b', expected: 'wei', received: null }],
    });
  });

  test('may be anything, digits included', () => {
    expect(read(`[${long},null]`, 'any')).toStrictEqual({ value: [exact, null], drift: [] });
    expect(read(long, 'any').value).toBe(exact);
    expect(read('null', 'any').value).toBeNull();
  });

  test('stays as it is when a type that holds nothing is promised', () => {
    expect(read('{"a":1}', 'number').value).toStrictEqual({ a: 1 });
  });

  test('never lets __proto__ or its like change a prototype or stand for a field', () => {
    const text = `{"__proto__":{"id":7,"polluted":${long}},"constructor":{"prototype":{"polluted":1}},"x":${long}}`;
    const { value, drift } = read(text, 'Node');
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
    expect(Object.getOwnPropertyDescriptor(value, '__proto__')?.value).toStrictEqual({ id: 7, polluted: exact });
    expect(drift.map(({ path }) => path).sort()).toStrictEqual(['__proto__', 'constructor', 'id', 'x']);
  });

  const depth = 50_000;
  const deep = `${'['.repeat(depth)}${long}${']'.repeat(depth)}`;
  const places: readonly (readonly [title: string, type: string, wire: string])[] = [
    ['undeclared', 'string', `"a","x":${deep}`],
    ['of another type', 'string', deep],
    ['of any type', 'any', deep],
    ['in a map', 'string{}', `{"a":${deep}}`],
    ['in environment variables', 'envs', `{"A":${deep}}`],
  ];
  test.each(places)('survives a field %s that is very deep', (_, type, wire) => {
    expect(readField(type, wire, `,"other":${long}`).value).toHaveProperty('other', exact);
  });
});

/** What a value of each kind is once decoded; written without a look at the decoder. */
const isOfKind: Readonly<Record<string, (value: unknown) => boolean>> = {
  wei: (value) => typeof value === 'bigint',
  integer: (value) => typeof value === 'number' && !Number.isNaN(value),
  number: (value) => typeof value === 'number' && !Number.isNaN(value),
  'number-text': (value) => typeof value === 'number' && !Number.isNaN(value),
  timestamp: (value) => typeof value === 'number' && !Number.isNaN(value),
  mbits: (value) => typeof value === 'number' && !Number.isNaN(value),
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  config: (value) => typeof value === 'string' || isObject(value),
  any: () => true,
  log: () => true,
  ports: (value) => Array.isArray(value) && value.every((port) => Number.isInteger(port) && port >= 0 && port < 65_536),
  envs: (value) => isObject(value) && Object.values(value).every((field) => typeof field === 'string'),
};

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The fields of a generated model; undefined for anything else. */
function planOf(name: string): PlanFields | undefined {
  const plan = plans[name];
  return plan === undefined ? undefined : fieldsOf(plan);
}

/** Where a decoded value is not what its plan says; empty when all is well. */
function broken(value: unknown, type: string, path: string): string[] {
  const bare = type.replace(/[!?]$/, '');
  if (type.endsWith('?') && value === null) return [];
  const inner = bare.slice(0, -2);
  if (bare.endsWith('[]')) {
    return Array.isArray(value) ? value.flatMap((item, at) => broken(item, inner, `${path}[${at}]`)) : [path];
  }
  const plan = planOf(bare);
  if (plan === undefined && !bare.endsWith('{}')) return isOfKind[bare]?.(value) ? [] : [`${path} ${bare}`];
  if (!isObject(value)) return [path];
  return Object.entries(value).flatMap(([key, field]) => {
    const typeOfField = plan === undefined ? inner : new Map(Object.entries(plan)).get(key);
    return typeOfField === undefined ? [] : broken(field, typeOfField, `${path}.${key}`);
  });
}

const junk = fc.letrec<{ any: string; list: string; object: string }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom('null', 'true', 'false', '0', '-1', '0.5', '1e999', '22', '1776161866303', '""', '" "', '"x"'),
    fc.constantFrom('"22"', '"[22]"', '"22,80"', '"1.5e3"', '"NaN"', '"true"', '"2026-04-14T10:17:46Z"', '"\\u007f5"'),
    fc.constantFrom('[]', '{}', '[null]', '{"":null}', '"\u007f12345678901234567890"', '200000000', '65536', '[22,80]'),
    fc.bigInt({ min: -(2n ** 256n), max: 2n ** 256n }).map(String),
    fc.bigInt({ min: 0n, max: 2n ** 128n }).map((integer) => `"${integer}"`),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((float) => JSON.stringify(float)),
    tie('list'),
    tie('object'),
  ),
  list: fc.array(tie('any'), { maxLength: 3 }).map((items) => `[${items.join(',')}]`),
  object: fc
    .array(fc.tuple(fc.constantFrom('a', '22', 'model', '__proto__', 'count'), tie('any')), { maxLength: 3 })
    .map((fields) => `{${fields.map(([key, field]) => `"${key}":${field}`).join(',')}}`),
})).any;

/** Wire text of a model, or of a list or map of some, with junk in the place of any part of it. */
function wireOf(type: string, depth = 0): fc.Arbitrary<string> {
  const bare = type.replace(/[!?]$/, '');
  const plan = planOf(bare);
  if (depth > 4) return junk;
  if (bare.endsWith('[]')) {
    return fc.array(wireOf(bare.slice(0, -2), depth + 1), { maxLength: 2 }).map((items) => `[${items.join(',')}]`);
  }
  if (plan === undefined) return junk;
  const fields = Object.entries({ ...plan, unknown_field: 'any' }).map(([key, fieldType]) => {
    const text = fc.oneof({ weight: 2, arbitrary: junk }, { weight: 1, arbitrary: wireOf(fieldType, depth + 1) });
    return fc
      .option(text, { nil: undefined, freq: 4 })
      .map((field) => (field === undefined ? '' : `"${key}":${field}`));
  });
  return fc.tuple(...fields).map((members) => `{${members.filter((member) => member !== '').join(',')}}`);
}

const holderPlans = { Holder: 'wei a b\nwei[] c\nwei{} d\nHolder e\nHolder[] f\nnumber g' };

/** Objects of the plan above, full of amounts that round to the same double; keys in any order, repeated, or unknown. */
const { holder: holderText } = fc.letrec<{ holder: string; field: readonly [string, string] }>((tie) => {
  const list = fc.array(twin, { maxLength: 3 }).map((items) => `[${items.join(',')}]`);
  const map = fc
    .array(fc.tuple(fc.constantFrom('x', '7', '0', '__proto__'), twin), { maxLength: 3 })
    .map((fields) => `{${fields.map(([key, amount]) => `"${key}":${amount}`).join(',')}}`);
  const holders = fc.array(tie('holder'), { maxLength: 2 }).map((items) => `[${items.join(',')}]`);
  const unknown = fc.oneof(twin, list, map, fc.constantFrom('1e300', '"text"', 'null', '1.5'));
  return {
    field: fc.oneof(
      { maxDepth: 3 },
      fc.tuple(fc.constantFrom('a', 'b'), twin),
      fc.tuple(fc.constantFrom('h', '7', '1', 'z', '__proto__'), unknown),
      fc.tuple(fc.constant('g'), fc.constantFrom('1', '0.5', '1e300')),
      fc.tuple(fc.constant('c'), list),
      fc.tuple(fc.constant('d'), map),
      fc.tuple(fc.constant('e'), tie('holder')),
      fc.tuple(fc.constant('f'), holders),
    ),
    holder: fc
      .array(tie('field'), { maxLength: 5, depthIdentifier: 'holder' })
      .map((fields) => `{${fields.map(([key, text]) => `"${key}":${text}`).join(',')}}`),
  };
});

describe('whatever comes', () => {
  const answers = ['Account', 'Balance', 'Wallet', 'App[]', 'Node[]', 'NodeDetail', 'NetworkStats', 'MrMachine[]'];
  const more = ['RenderMachine[]', 'VpnNode[]', 'Session[]', 'ServiceInfo', 'SessionLogs', 'StartResult[]', 'IdleJob'];

  test.each([...answers, ...more])('every declared field of %s has its declared type or is absent', (type) => {
    fc.assert(
      fc.property(wireOf(type), (text) => {
        const { value, mismatch, drift } = read(text, type);
        expect(mismatch).toBeUndefined();
        expect(broken(value, type, '')).toStrictEqual([]);
        expect(drift.filter(({ path }) => path === undefined)).toStrictEqual([]);
      }),
      { ...runs, numRuns: 40 },
    );
  });

  test('the integers of undeclared fields are exact, whatever else is in the text', () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        expect(comparable(read(text, 'any').value)).toStrictEqual(comparable(slowExactParse(text)));
        const { value } = readField('any', text, `,"7":${text}`);
        const want = slowExactParse(text);
        expect(comparable(value)).toStrictEqual(comparable({ f: want, 7: want }));
      }),
      { ...runs, numRuns: 400 },
    );
  });

  test('every amount is that of its own place, even among others that round to the same double', () => {
    fc.assert(
      fc.property(holderText, (text) => {
        const { value } = decode(parseJson(text), [compiler(holderPlans)('Holder')], false);
        expect(comparable(value)).toStrictEqual(comparable(slowExactParse(text)));
      }),
      { ...runs, numRuns: 500 },
    );
  });

  test('an amount is not given the digits of an exponent, or of what an exponent makes smaller', () => {
    expect(readField('wei', '-1e17', ',"other":1e-99999999999999999').value).toMatchObject({ f: -(10n ** 17n) });
    expect(readField('wei', '1e17', ',"other":99999999999999999e-5').value).toMatchObject({ f: 10n ** 17n });
  });

  test('an amount of 0 is told from one that is next to 0', () => {
    expect(readField('wei', '0', ',"other":1e-400').value).toMatchObject({ f: 0n });
    const { value, drift } = readField('wei', '1e-400', `,"other":[0,1e999,${long}]`);
    expect(value).toStrictEqual({ other: [0, Number.POSITIVE_INFINITY, exact] });
    expect(drift[0]).toStrictEqual({ path: 'f', expected: 'wei', received: '1e-400' });
    expect(readField('string', '1e999').value).toStrictEqual({ f: '1e999' });
    expect(readField('boolean', '1e-400').value).toStrictEqual({});
  });

  test('a large number of an undeclared field is the same value whatever stands beside it', () => {
    const alone = readField('wei', '1', ',"x":{"y":[1.5e18]}').value;
    const beside = readField('wei', '1', `,"x":{"y":[1.5e18]},"z":${long}`).value;
    expect({ ...Object(alone), z: exact }).toStrictEqual(beside);
  });

  test('an amount under a repeated key is the last one, whatever follows it', () => {
    const { value } = readField('wei', '31428028938060847851', `,"f":${long},"rate":${long}.0`);
    expect(value).toMatchObject({ f: exact });
  });

  test('little is kept of what a server sends: shapes, and only small ones', () => {
    const types = compiler({ Thing: 'number a\nstring b' });
    const { model } = types('Thing');
    const read = (text: string, times: number) => {
      for (let nth = 0; nth < times; nth++) decode(parseJson(text), [types('Thing')], false);
      return model?.shapes;
    };
    expect(read('{"a":7,"b":"secret text","c":1}', 15)).toStrictEqual([]);
    expect(read('{"a":7,"b":"secret text","c":1}', 1)).toStrictEqual([{ a: 0, b: '', c: 0 }]);
    expect(read(`{"a":1,"${'x'.repeat(100)}":1}`, 16)).toHaveLength(1);
    expect(read(`{${Array.from({ length: 50 }, (_, at) => `"f${at}":1`).join()}}`, 32)).toHaveLength(1);
  });

  test('a long name is cut in the paths of all fields below it, so that their total length stays in proportion to the text', () => {
    const pathsBelow = (name: string): string[] => {
      const types = compiler({ Thing: 'number a' });
      const parsed = parseJson(`{"${name}":{"b":1,"c":2}}`);
      return decode(parsed, [types('Thing{}')], true).drift.map(({ path }) => path);
    };
    const longest = 'x'.repeat(200);
    expect(pathsBelow(longest)).toStrictEqual([`${longest}.b`, `${longest}.c`]);
    expect(pathsBelow(`${longest}y`)).toStrictEqual([`${longest}….b`, `${longest}….c`]);
  });

  test('no pattern of differences is reported twice', () => {
    fc.assert(
      fc.property(wireOf('MrMachine[]'), (text) => {
        const { drift } = read(text, 'MrMachine[]');
        const patterns = drift.map(({ path, expected: promised }) => `${path.replace(/\[\d+\]/g, '[]')} ${promised}`);
        expect(patterns).toStrictEqual([...new Set(patterns)]);
      }),
      { ...runs, numRuns: 100 },
    );
  });

  test('nothing is reported when everything is as promised', () => {
    const text = `[{"node_id":1,"country":"FR","city":"Paris","residential":true,"net_down_mbits":940,"net_up_mbits":125000000}]`;
    expect(read(text, 'VpnNode[]')).toStrictEqual({
      value: [{ node_id: 1, country: 'FR', city: 'Paris', residential: true, net_down_mbits: 940, net_up_mbits: 1000 }],
      drift: [],
    });
  });
});
