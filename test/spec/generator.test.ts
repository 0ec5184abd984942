/** The parts of the generator, on specs of a few lines. */
import type { SchemaObject } from 'openapi-typescript';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { operationsSource } from '../../scripts/generate/operations.ts';
import { plansSource, typeText } from '../../scripts/generate/plans.ts';
import { typeSources } from '../../scripts/generate/schema.ts';
import { isModel, type Operation, operationsOf, type Schema, type Spec } from '../../scripts/generate/spec.ts';
import { typeOfKind, typesByKind } from '../../scripts/generate/types.ts';

const json = 'application/json';
const thing: Schema = { type: 'object', properties: { id: { type: 'integer' } } };

function specOf(schemas: Record<string, Schema> = {}, paths: Spec['paths'] = {}): Spec {
  return { paths, components: { schemas: { Thing: thing, ...schemas } } };
}

function ref(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

function answering(schema?: Schema, mediaType: string = json): Operation['responses'][string] {
  return { content: { [mediaType]: schema === undefined ? {} : { schema } } };
}

function operationOf(changes: Partial<Operation> = {}): Operation {
  return {
    operationId: 'getThing',
    security: [{ apiKey: [] }],
    'x-octa-effect': 'read',
    responses: { '200': answering(ref('Thing')) },
    ...changes,
  };
}

/** What a generated source exports. */
function exportsOf(source: string, imports: object = {}): Record<string, unknown> {
  const module = ts.ModuleKind.CommonJS;
  const code = ts.transpile(source, { module, target: ts.ScriptTarget.ES2022 });
  const exports = {};
  new Function('exports', 'require', code)(exports, () => imports);
  return exports;
}

function rowOf(changes: Partial<Operation>, schemas: Record<string, Schema> = {}): unknown {
  const spec = specOf(schemas, { '/things': { get: operationOf(changes) } });
  const plans = exportsOf(plansSource(spec));
  return exportsOf(operationsSource(spec), plans)[changes.operationId ?? 'getThing'];
}

describe('a schema becomes the text of its type', () => {
  const schemas: Record<string, Schema> = {
    Names: { type: 'array', items: { type: 'string' } },
    Wei: { type: ['integer', 'string'], 'x-octa-kind': 'wei' },
  };
  const table: [title: string, schema: Schema, text: string][] = [
    ['text', { type: 'string' }, 'string'],
    ['an integer', { type: 'integer' }, 'number'],
    ['a number', { type: 'number' }, 'number'],
    ['a truth value', { type: 'boolean' }, 'boolean'],
    ['anything', {}, 'any'],
    ['text or null', { type: ['string', 'null'] }, 'string'],
    ['a model', ref('Thing'), 'Thing'],
    ['a list of models', { type: 'array', items: ref('Thing') }, 'Thing[]'],
    ['a list of lists', { type: 'array', items: { type: 'array', items: { type: 'string' } } }, 'string[][]'],
    ['a list of anything', { type: 'array' }, 'any[]'],
    ['a map of text', { type: 'object', additionalProperties: { type: 'string' } }, 'string{}'],
    [
      'a map of lists of models',
      { type: 'object', additionalProperties: { type: 'array', items: ref('Thing') } },
      'Thing[]{}',
    ],
    ['an open object', { type: 'object' }, 'any'],
    ['an open object that says so', { type: 'object', additionalProperties: true }, 'any'],
    ['a named schema that is no model', ref('Names'), 'string[]'],
    ['a named kind', ref('Wei'), 'wei'],
    ['a kind, whatever its types', { type: ['array', 'string', 'null'], 'x-octa-kind': 'ports' }, 'ports'],
  ];
  test.each(table)('%s', (_, schema, text) => {
    expect(typeText(schema, specOf(schemas), 'Thing.field')).toBe(text);
  });
});

describe('a schema that the decoder does not support stops the generator, with its path', () => {
  const table: [title: string, schema: Schema, message: string][] = [
    ['an unknown kind', { type: 'string', 'x-octa-kind': 'money' }, 'Thing.field: unknown x-octa-kind money'],
    [
      'a kind that is a name of every object',
      { 'x-octa-kind': 'toString' },
      'Thing.field: unknown x-octa-kind toString',
    ],
    ['an anonymous object', thing, 'Thing.field: move the object to its own model file'],
    [
      'an anonymous object in a list',
      { type: 'array', items: thing },
      'Thing.field[]: move the object to its own model file',
    ],
    [
      'an anonymous object in a map',
      { type: 'object', additionalProperties: thing },
      'Thing.field{}: move the object to its own model file',
    ],
    [
      'two types without a kind',
      { type: ['string', 'integer'] },
      'Thing.field: more than one type needs an x-octa-kind',
    ],
    ['an unknown type', { type: 'decimal' }, 'Thing.field: no kind for type decimal'],
    ['a reference to nothing', ref('Nothing'), 'Thing.field: no schema Nothing'],
  ];
  test.each(table)('%s', (_, schema, message) => {
    expect(() => typeText(schema, specOf(), 'Thing.field')).toThrow(new Error(message));
  });
});

describe('plans', () => {
  test('mark what is always present, and what may be null', () => {
    const model: Schema = {
      type: 'object',
      required: ['id', 'name'],
      properties: { id: { type: 'integer' }, name: { type: ['string', 'null'] }, note: { type: 'string' } },
    };
    expect(exportsOf(plansSource(specOf({ Thing: model })))).toEqual({
      Thing: '\nnumber! id\nstring? name\nstring note',
    });
  });

  test('exist only for models, sorted by name', () => {
    const spec = specOf({ Wei: { type: 'integer', 'x-octa-kind': 'wei' }, Word: { type: 'string' }, App: thing });
    expect(Object.keys(exportsOf(plansSource(spec)))).toEqual(['App', 'Thing']);
  });

  test('name the field that is wrong', () => {
    const spec = specOf({ Thing: { type: 'object', properties: { inner: thing } } });
    expect(() => plansSource(spec)).toThrow('Thing.inner: move the object to its own model file');
  });
});

describe('the key of an operation', () => {
  const table: [title: string, security: NonNullable<Operation['security']>, auth: string][] = [
    ['required', [{ apiKey: [] }], 'required'],
    ['optional', [{}, { apiKey: [] }], 'optional'],
    ['never sent', [], 'none'],
  ];
  test.each(table)('%s', (_, security, auth) => {
    expect(rowOf({ security })).toMatchObject({ auth });
  });

  test('must be said', () => {
    const { security: _, ...silent } = operationOf();
    const spec = specOf({}, { '/things': { get: silent } });
    expect(() => operationsSource(spec)).toThrow(new Error('getThing: missing security'));
  });
});

describe('the response of an operation', () => {
  const one = answering(ref('Thing'));
  const list = answering({ type: 'array', items: ref('Thing') });
  const file = answering({ type: 'string', format: 'binary' }, 'application/octet-stream');
  const table: [title: string, changes: Partial<Operation>, answer: string][] = [
    ['one form', { responses: { '200': one } }, 'Thing'],
    ['the same form for two statuses', { responses: { '200': one, '201': one } }, 'Thing'],
    ['two forms', { responses: { '200': list, '201': one } }, 'Thing[]|Thing'],
    ['errors have no part in it', { responses: { '200': one, '400': list } }, 'Thing'],
    ['a file', { responses: { '200': file } }, 'bytes'],
    ['what the mark says', { responses: { '200': one }, 'x-octa-answer': 'none' }, 'none'],
    ['a start answers a batch too', { 'x-octa-effect': 'billable', responses: { '200': one } }, 'Thing|Thing[]'],
    ['a start answers one item too', { 'x-octa-effect': 'billable', responses: { '200': list } }, 'Thing[]|Thing'],
  ];
  test.each(table)('%s', (_, changes, answer) => {
    expect(rowOf(changes)).toMatchObject({ answer });
  });

  test('must exist, or be marked as empty', () => {
    expect(() => rowOf({ responses: { '200': {}, '404': one } })).toThrow(
      new Error('getThing: no success with a body, and no x-octa-answer'),
    );
  });
});

describe('the request body of an operation', () => {
  const table: [title: string, schema: Schema, body: string | undefined][] = [
    ['a model', ref('Thing'), 'Thing'],
    ['a batch of a model', { type: 'array', items: ref('Thing') }, 'Thing'],
    ['anything else has no plan', { type: 'object' }, undefined],
  ];

  test('is marked when there must be one', () => {
    const requestBody = answering(ref('Thing'));
    expect(rowOf({ requestBody: { ...requestBody, required: true } })).toMatchObject({ body: 'Thing!' });
    expect(rowOf({ requestBody: { ...requestBody, required: false } })).toMatchObject({ body: 'Thing' });
  });

  test.each(table)('%s', (_, schema, body) => {
    expect(Object(rowOf({ requestBody: answering(schema) })).body).toBe(body);
  });
});

test('Operations are those of every path and verb, and nothing else of a path.', () => {
  const parameters = operationOf({ operationId: 'notOne' });
  const paths = { '/a': { get: operationOf(), parameters }, '/b': { patch: operationOf({ operationId: 'setThing' }) } };
  const found = operationsOf(specOf({}, paths)).map(({ path, method, operation }) => [
    operation.operationId,
    method,
    path,
  ]);
  expect(found).toEqual([
    ['getThing', 'GET', '/a'],
    ['setThing', 'PATCH', '/b'],
  ]);
});

test('A model is an object with known fields and without a kind.', () => {
  const schemas: Schema[] = [thing, { type: 'object' }, { ...thing, 'x-octa-kind': 'any' }, { type: 'string' }];
  expect([...schemas, undefined].map(isModel)).toEqual([true, false, false, false, false]);
});

test('A row has the plans of all models that its forms lead to, and of no others.', () => {
  const part: Schema = { type: 'object', properties: { whole: ref('Whole'), note: { type: 'string' } } };
  const whole: Schema = {
    type: 'object',
    required: ['parts'],
    properties: { parts: { type: 'array', items: ref('Part') } },
  };
  const row = rowOf({ responses: { '200': answering(ref('Whole')) } }, { Part: part, Whole: whole });
  const plans = { Part: '\nWhole whole\nstring note', Whole: '\nPart[]! parts' };
  expect(row).toMatchObject({ id: 'getThing', answer: 'Whole', plans });
  expect(Object.keys(Object(row).plans)).toEqual(['Part', 'Whole']);
});

describe('types', () => {
  const info = { title: 'Things', version: '1' };
  async function typesOf(schemas: Record<string, Schema>, changes: Partial<Operation> = {}) {
    const spec = specOf(schemas, { '/things': { get: operationOf(changes) } });
    return typeSources({ openapi: '3.1.0', info, ...spec } as Spec);
  }

  test('are an interface per model and a type for the rest; kinds have none.', async () => {
    const { models, schema } = await typesOf({
      Kind: { type: 'string', description: 'What */ it is. ' },
      Wei: { type: 'integer', 'x-octa-kind': 'wei' },
      Bill: { type: 'object', required: ['sum'], properties: { sum: ref('Wei'), kind: ref('Kind') } },
    });
    expect(models).toContain('/** What *\\/ it is. */\nexport type Kind = string;\n');
    expect(models).toMatch(/export interface Bill \{\s+sum: bigint;\s+kind\?: Kind;\s+\}/);
    expect(models).not.toContain('Wei');
    expect(schema).toContain('    Bill: Bill;\n    Kind: Kind;\n    Thing: Thing;\n');
  });

  test('declare repeated parts of operations once, and omit missing parts.', async () => {
    const { schema } = await typesOf({});
    expect(schema).toMatch(/getThing: \{\s+parameters: NoParameters;\s+responses: \{\s+200: \S+;\s+\};\s+\};/);
    expect(schema).toMatch(/"\/things": \{\s+get: operations\["getThing"\];\s+\};/);
  });

  test('use Omit for a model that is another one without some fields, and keep its own descriptions.', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];
    const properties = Object.fromEntries(names.map((name): [string, Schema] => [name, { type: 'string' }]));
    const Part: Schema = {
      type: 'object',
      properties: { ...properties, b: { type: 'string', description: 'Other.' } },
    };
    const All: Schema = { type: 'object', properties: { ...properties, more: { type: 'boolean' } } };
    const { models } = await typesOf({ Part, All });
    expect(models).toMatch(
      /export interface Part extends Omit<All, 'more'> \{\s+\/\*\* Other\. \*\/\s+b\?: string;\s+\}/,
    );
    const Unlike: Schema = { type: 'object', required: ['a'], properties };
    expect((await typesOf({ Unlike, All })).models).toMatch(/export interface Unlike \{\s+a: string;/);
  });

  test('declare that a command returns nothing, and that a filter may be undefined.', async () => {
    const parameters = [{ in: 'query', name: 'country', schema: { type: 'string' } }];
    const { schema } = await typesOf({}, { 'x-octa-answer': 'none', parameters } as object);
    expect(schema).toMatch(/200: Answer<undefined>;/);
    expect(schema).toMatch(/country\?: string \| undefined;/);
  });

  test('stop the generator if a response has two media types.', async () => {
    const both = { content: { [json]: { schema: thing }, 'text/plain': { schema: thing } } };
    await expect(typesOf({}, { responses: { '200': both } })).rejects.toThrow('a response must have one media type');
  });
});

describe('the TypeScript type of a field', () => {
  function printed(schema: object): string | undefined {
    // Marks of our own are not in the type of a schema.
    const type = typeOfKind(schema as SchemaObject);
    const file = ts.createSourceFile('type.ts', '', ts.ScriptTarget.Latest);
    return type && ts.createPrinter().printNode(ts.EmitHint.Unspecified, type, file);
  }

  const table: [schema: object, type: string | undefined][] = [
    [{ 'x-octa-kind': 'wei' }, 'bigint'],
    [{ 'x-octa-kind': 'wei-input' }, 'bigint | number | string'],
    [{ 'x-octa-kind': 'integer' }, 'number'],
    [{ 'x-octa-kind': 'number-text' }, 'number'],
    [{ 'x-octa-kind': 'timestamp' }, 'number'],
    [{ 'x-octa-kind': 'mbits' }, 'number'],
    [{ 'x-octa-kind': 'ports' }, 'number[]'],
    [{ 'x-octa-kind': 'envs' }, 'Record<string, string>'],
    [{ 'x-octa-kind': 'log' }, 'string'],
    [{ 'x-octa-kind': 'config' }, undefined],
    [{ 'x-octa-kind': 'any' }, undefined],
    [{ type: 'string', format: 'binary' }, 'Blob'],
    [{ type: 'string' }, undefined],
  ];
  test.each(table)('%j is %s', (schema, type) => {
    expect(printed(schema)).toBe(type);
  });

  test('is known for every kind', () => {
    const tested = table.map(([schema]) => Reflect.get(schema, 'x-octa-kind')).filter((kind) => kind !== undefined);
    expect(Object.keys(typesByKind).sort()).toEqual(tested.sort());
  });

  test('is an error for an unknown kind', () => {
    expect(() => printed({ 'x-octa-kind': 'money' })).toThrow(new Error('unknown x-octa-kind: money'));
  });
});
