/** The zod schemas against the spec: its examples, its models, its operations. */
import { describe, expect, test } from 'vitest';
import type * as z from 'zod/mini';
import { type OperationId, operations } from '../../generated/operations.ts';
import * as generated from '../../generated/zod.ts';
import { answerSchemas } from '../../generated/zod-answers.ts';
import type { Schema, Spec } from '../../scripts/generate/spec.ts';
import { zodSource } from '../../scripts/generate/zod.ts';
import { zodAnswersSource } from '../../scripts/generate/zod-answers.ts';
import { decodedForm, decodedModels } from '../../scripts/generate/zod-spec.ts';
import { parseJson } from '../../src/codec/json.ts';
import { readResult } from '../../src/core/result.ts';
import { OctaProvisionRejectedError } from '../../src/errors/errors.ts';
import type { DriftEvent } from '../../src/index.ts';
import * as sdkZod from '../../src/zod/index.ts';
import { validator } from '../../src/zod/index.ts';
import { callOf } from '../contract/calls.ts';
import { jsonAnswer, recordingClient } from '../support/recording.ts';
import { documented, spec } from '../support/spec.ts';
import { aReply, keepingLog } from '../support/transport.ts';

const schemas: Readonly<Record<string, z.ZodMiniType>> = generated;
const ids = Object.keys(operations) as OperationId[];
const isJson = (id: OperationId) => !['none', 'bytes', 'log', 'any'].includes(operations[id].answer);
const successes = documented.filter(({ id, status }) => status < 300 && isJson(id));

/** An example as the client decodes it. */
function decodedExample({ id, value }: (typeof documented)[number]): unknown {
  const parsed = parseJson(JSON.stringify(value));
  const options = { onDrift: undefined, validate: undefined, log: keepingLog() };
  return readResult({ row: operations[id] }, aReply({ parsed }), options);
}

describe('every documented response', () => {
  test.each(successes.map((each) => [`${each.id} ${each.status} ${each.example}`, each] as const))(
    '%s passes its schema once decoded, and is not changed by it',
    (_, each) => {
      const value = decodedExample(each);
      const result = answerSchemas[each.id]?.safeParse(value);
      expect(result?.error?.issues).toBeUndefined();
      expect(result?.data).toStrictEqual(value);
    },
  );

  test.each(successes.map((each) => [`${each.id} ${each.status} ${each.example}`, each] as const))(
    '%s satisfies a strict client',
    async (_, { id, status, value }) => {
      const drift: DriftEvent[] = [];
      const onDrift = (event: DriftEvent) => void drift.push(event);
      const options = { validate: validator('strict'), onDrift };
      const { client } = recordingClient(() => jsonAnswer(JSON.stringify(value), status), options);
      const refused = await Promise.resolve(callOf[id](client, {})).catch((error: unknown) => error);
      if (refused instanceof Error) expect(refused).toBeInstanceOf(OctaProvisionRejectedError);
      expect(drift.filter(({ expected }) => expected !== 'absent')).toEqual([]);
    },
  );
});

test('Every operation with a JSON answer has a schema for it, and no other has.', () => {
  expect(Object.keys(answerSchemas)).toEqual(ids.filter(isJson));
});

test('Every model and every request body has a schema, and nothing else has.', () => {
  const models = Object.entries(spec.components.schemas).filter(([, schema]) => schema['x-octa-kind'] === undefined);
  const names = [...models.map(([name]) => `${name}Schema`), 'StartMrBodySchema'];
  expect(Object.keys(generated).sort()).toEqual(names.sort());
});

describe('bodies', () => {
  const order = { id: 0, node_id: 1, disk_size: 10, image: 'ubuntu' };
  const table: [title: string, name: string, value: unknown, right: boolean][] = [
    ['a machine', 'StartMrRequestSchema', order, true],
    ['a machine without an image', 'StartMrRequestSchema', { ...order, image: undefined }, false],
    ['a machine without disk space', 'StartMrRequestSchema', { ...order, disk_size: 0 }, false],
    ['a machine with a port that is none', 'StartMrRequestSchema', { ...order, ports: [70_000] }, false],
    ['a machine with what is not known yet', 'StartMrRequestSchema', { ...order, beta: [1] }, true],
    ['a batch', 'StartMrBodySchema', [order, order], true],
    ['an empty batch', 'StartMrBodySchema', [], false],
    ['a render node', 'StartRenderRequestSchema', { node_id: 1, disk_size: 1, 'multi-gpu-worker': true }, true],
    ['a relay', 'StartVpnRequestSchema', { node_id: 1, subkind: 'v2ray', protocol: 'vless' }, true],
    ['a relay of no known kind', 'StartVpnRequestSchema', { node_id: 1, subkind: 'telnet' }, false],
    ['a score', 'StopOptionsSchema', { score: 5 }, true],
    ['a score beyond all measure', 'StopOptionsSchema', { score: 6 }, false],
    [
      'prices of every form',
      'UpdateNodePricesOptionsSchema',
      { base: 10n ** 18n, storage: 2 ** 53 - 1, traffic: ' 5 ' },
      true,
    ],
    ['a price that may have lost digits', 'UpdateNodePricesOptionsSchema', { base: 2 ** 53 }, false],
    ['a price that nobody can mean', 'UpdateNodePricesOptionsSchema', { base: 1e300 }, false],
    ['a price below zero', 'UpdateNodePricesOptionsSchema', { base: -1n }, false],
    ['a price with a fraction', 'UpdateNodePricesOptionsSchema', { base: 1.5 }, false],
    ['a price in words', 'UpdateNodePricesOptionsSchema', { base: 'ten' }, false],
  ];
  test.each(table)('%s', (_, name, value, right) => {
    expect(schemas[name]?.safeParse(value).success).toBe(right);
  });
});

describe('the decoded form of a kind', () => {
  const whole: Schema = { type: 'integer' };
  const table: [title: string, schema: Schema, form: Schema][] = [
    ['Wei', { type: ['integer', 'string'], 'x-octa-kind': 'wei' }, { type: 'integer', format: 'bigint' }],
    ['a number in text', { type: ['number', 'string'], 'x-octa-kind': 'number-text' }, { type: 'number' }],
    ['ports', { type: ['array', 'string'], items: whole, 'x-octa-kind': 'ports' }, { type: 'array', items: whole }],
    ['ports of no known form', { 'x-octa-kind': 'ports' }, { type: 'array', items: {} }],
    ['a log', { type: ['string', 'array'], 'x-octa-kind': 'log' }, { type: 'string' }],
    [
      'anything',
      { 'x-octa-kind': 'any', oneOf: [{ type: 'string' }] },
      { 'x-octa-kind': 'any', oneOf: [{ type: 'string' }] },
    ],
    ['a reference to a kind', { $ref: '#/components/schemas/Wei' }, { type: 'integer', format: 'bigint' }],
    ['a reference to a model', { $ref: '#/components/schemas/Thing' }, { $ref: '#/components/schemas/Thing' }],
    ['none', { type: 'array', items: { 'x-octa-kind': 'log' } }, { type: 'array', items: { type: 'string' } }],
  ];
  const small: Spec = {
    paths: {},
    components: { schemas: { Wei: { 'x-octa-kind': 'wei' }, Thing: { type: 'object', properties: {} } } },
  };
  test.each(table)('%s', (_, schema, form) => {
    expect(decodedForm(schema, small)).toEqual(form);
  });

  test('is never guessed.', () => {
    expect(() => decodedForm({ 'x-octa-kind': 'furlongs' }, small)).toThrow('no decoded form for x-octa-kind furlongs');
    expect(() => decodedForm({ 'x-octa-kind': 'toString' }, small)).toThrow('no decoded form');
  });

  test('leaves no wire types in the models.', () => {
    const marks = JSON.stringify(decodedModels(spec)).match(/"x-octa-kind":"\w+"/g) ?? [];
    expect(new Set(marks)).toEqual(new Set(['"x-octa-kind":"any"']));
  });
});

describe('the generator', () => {
  test('writes what is in the spec, and marks every call as free of side effects.', async () => {
    const Thing: Schema = { type: 'object', required: ['id'], properties: { id: { type: 'integer' } } };
    const source = await zodSource({ paths: {}, components: { schemas: { Thing } } });
    const lines = [
      'export const ThingSchema: Loose<{',
      '  id: Int;',
      '}> = /* @__PURE__ */ z.looseObject({',
      '    id: /* @__PURE__ */ z.int()',
      '});\n',
    ];
    expect(source.startsWith("import * as z from 'zod/mini';\n\n")).toBe(true);
    expect(source.endsWith(`\n\n${lines.join('\n')}`)).toBe(true);
  });

  test('derives the type of a schema from another one that contains it.', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];
    const properties = Object.fromEntries(names.map((name): [string, Schema] => [name, { type: 'string' }]));
    const Part: Schema = { type: 'object', properties };
    const All: Schema = { type: 'object', properties: { ...properties, more: { type: 'boolean' } } };
    const source = await zodSource({ paths: {}, components: { schemas: { All, Part } } });
    expect(source).toContain("export const PartSchema: Loose<Omit<(typeof AllSchema)['shape'], 'more'>> = ");
    expect(source).toContain('  j: Maybe<Text>;\n  more: Maybe<Bool>;\n}>');
  });

  test('says of each body of a start that it is one, and which schema is for the options.', async () => {
    const source = await zodSource(spec);
    const comments = new Map(
      [...source.matchAll(/^\/\*\* (.*) \*\/\nexport const (\w+)/gm)].map(([, text, name]) => [name, text]),
    );
    const requests = [...comments].filter(([name]) => name?.endsWith('RequestSchema'));
    expect(requests.map(([name]) => name)).toEqual([
      'StartMrRequestSchema',
      'StartRenderRequestSchema',
      'StartVpnRequestSchema',
    ]);
    for (const [name, text] of requests) {
      const options = name?.replace('Request', 'Options') ?? '';
      expect(text).toMatch(new RegExp(` As it is sent; \`${options}\` is for what the method takes\\.$`));
      expect(Object.keys(sdkZod)).toContain(options);
    }
    expect(comments.get('StartMrBodySchema')).toBe('The request body of `startMr`, as it is sent.');
  });

  test('refuses a response that is neither a model nor a list.', () => {
    const answer = { content: { 'application/json': { schema: { type: 'string' } } } };
    const operation = { operationId: 'getName', responses: { '200': answer }, 'x-octa-effect': 'read' };
    const odd: Spec = { paths: { '/name': { get: operation } }, components: { schemas: {} } };
    expect(() => zodAnswersSource(odd)).toThrow('getName: a response must be a model or a list');
  });
});
