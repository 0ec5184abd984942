/** The comparison of API descriptions in scripts/drift/. */
import { describe, expect, test } from 'vitest';
import { compareDescriptions } from '../../scripts/drift/compare.ts';
import { describeApi } from '../../scripts/drift/describe.ts';
import { entriesFor, explanationsIn, fits } from '../../scripts/drift/explained.ts';
import { type Fields, parseDescription } from '../../scripts/drift/load.ts';

type Json = Readonly<Record<string, unknown>>;

const ok = { responses: { 200: { description: 'OK' } } };

/** A description in OpenAPI 3.1 with one operation, `GET /a`, that answers with a schema. */
function answering(schema: unknown, schemas: Json = {}): Fields {
  const operation = { responses: { 200: { content: { 'application/json': { schema } } } } };
  return { openapi: '3.1.0', paths: { '/a': { get: operation } }, components: { schemas } };
}

/** The same in Swagger 2.0. */
function swaggerAnswering(schema: unknown, definitions: Json = {}): Fields {
  return { swagger: '2.0', paths: { '/a': { get: { responses: { 200: { schema } } } } }, definitions };
}

/** A description in OpenAPI 3.1 of the given paths. */
function withPaths(paths: Json): Fields {
  return { openapi: '3.1.0', paths };
}

function differences(theirs: Fields, ours: Fields): string[] {
  return compareDescriptions(describeApi(theirs), describeApi(ours)).map(({ key }) => key);
}

const object = (properties: Json, required?: string[]) => ({
  type: 'object',
  properties,
  ...(required === undefined ? {} : { required }),
});
const text = { type: 'string' };
const integer = { type: 'integer' };
const list = (items: unknown) => ({ type: 'array', items });

describe('answers', () => {
  const cases: [title: string, theirs: unknown, ours: unknown, want: string[]][] = [
    ['nothing differs', object({ a: text }), object({ a: text }), []],
    ['a field more', object({ a: text, b: integer }), object({ a: text }), ['b: only in theirs (integer)']],
    ['a field less', object({}), object({ a: list(integer) }), ['a: only in ours (list of integer)']],
    [
      'a field more that is always there',
      object({ a: text }, ['a']),
      object({}),
      ['a: only in theirs (string, required)'],
    ],
    ['a type', object({ a: text }), object({ a: integer }), ['a type: string in theirs, integer in ours']],
    ['types without order', { type: ['string', 'integer'] }, { type: ['integer', 'string'] }, []],
    [
      'one of our types',
      text,
      { type: ['integer', 'string', 'null'] },
      ['type: string in theirs, integer or string in ours'],
    ],
    ['null in ours', text, { type: ['string', 'null'] }, []],
    ['null in theirs', { type: ['string', 'null'] }, text, ['null: allowed in theirs only']],
    ['null as OpenAPI 3.0 writes it', { type: 'string', nullable: true }, text, ['null: allowed in theirs only']],
    ['anything in theirs', object({ a: {} }), object({ a: text }), ['a type: anything in theirs, string in ours']],
    [
      'deep inside',
      list(object({ a: list(object({ b: text })) })),
      list(object({ a: list(object({})) })),
      ['[].a[].b: only in theirs (string)'],
    ],
    ['a scalar in a list', list(text), list(integer), ['[] type: string in theirs, integer in ours']],
    [
      'values of a map',
      object({ a: { type: 'object', additionalProperties: text } }),
      object({ a: { type: 'object', additionalProperties: integer } }),
      ['a{} type: string in theirs, integer in ours'],
    ],
    [
      'a value more',
      { type: 'string', enum: ['a', 'b'] },
      { type: 'string', enum: ['a'] },
      ['enum "b": only in theirs'],
    ],
    ['a value less', { type: 'string', enum: ['a'] }, { type: 'string', enum: ['a', 'b'] }, ['enum "b": only in ours']],
    [
      'always there in theirs',
      object({ a: text }, ['a']),
      object({ a: text }),
      ['a required: yes in theirs, no in ours'],
    ],
    [
      'always there in ours',
      object({ a: text, b: text }, ['b']),
      object({ a: text, b: text }, ['a', 'b']),
      ['a required: no in theirs, yes in ours'],
    ],
    ['theirs does not say what is always there', object({ a: text }), object({ a: text }, ['a']), []],
    [
      'an object for a list of objects',
      object({ a: text }),
      list(object({ b: text })),
      [
        'type: object in theirs, list of object in ours',
        '[].a: only in theirs (string)',
        '[].b: only in ours (string)',
      ],
    ],
    [
      'a list of objects for an object',
      list(object({ a: text })),
      object({ a: integer }),
      ['type: list of object in theirs, object in ours', '[].a type: string in theirs, integer in ours'],
    ],
    ['a time', { type: 'string', format: 'date-time' }, text, ['format: date-time in theirs, none in ours']],
    [
      '64 bits for an amount without bound',
      { ...integer, format: 'int64' },
      { ...integer, format: 'wei' },
      ['format: int64 in theirs, wei in ours'],
    ],
    ['formats that change nothing', { ...integer, format: 'int64' }, { ...integer, format: 'uint16' }, []],
    ['a type that goes without saying', { properties: { a: { items: text } } }, object({ a: list(text) }), []],
    ['values that say their type', { enum: ['a'] }, { type: 'string', enum: ['a'] }, []],
    [
      'all of several',
      { allOf: [object({ a: text }, ['a']), object({ b: text })] },
      object({ a: text, b: text }, ['a']),
      [],
    ],
    ['one of several', { oneOf: [text, integer] }, { type: ['integer', 'string'] }, []],
    ['any of several, null among them', { anyOf: [text, { type: 'null' }] }, { type: ['string', 'null'] }, []],
  ];
  test.each(cases)('%s', (_, theirs, ours, want) => {
    const keys = want.map((each) => `GET /a 200 ${each}`);
    expect(differences(answering(theirs), answering(ours))).toEqual(keys);
    expect(differences(swaggerAnswering(theirs), answering(ours))).toEqual(keys);
  });

  test('references, also to themselves, are followed once', () => {
    const tree = (leaf: unknown) =>
      object({ leaf, parent: { $ref: '#/definitions/Tree' }, children: list({ $ref: '#/definitions/Tree' }) });
    const ours = JSON.parse(JSON.stringify(tree(integer)).replaceAll('#/definitions/', '#/components/schemas/'));
    expect(
      differences(
        swaggerAnswering({ $ref: '#/definitions/Tree' }, { Tree: tree(text) }),
        answering({ $ref: '#/components/schemas/Tree' }, { Tree: ours }),
      ),
    ).toEqual(['GET /a 200 leaf type: string in theirs, integer in ours']);
  });

  test('a schema with allOf of itself ends', () => {
    const loop = { allOf: [{ $ref: '#/definitions/Loop' }, object({ a: text })] };
    expect(
      differences(swaggerAnswering({ $ref: '#/definitions/Loop' }, { Loop: loop }), answering(object({ a: text }))),
    ).toEqual([]);
  });

  test.each([
    ['that leads nowhere', '#/definitions/None'],
    ['to another file', 'other.json#/definitions/A'],
    ['to what is no schema', '#/swagger'],
    ['to itself', '#/definitions/Self'],
  ])('a reference %s is reported at its place, and the rest is compared', (_, $ref) => {
    const theirs = swaggerAnswering(
      object({ a: { $ref }, b: list({ $ref }), c: text, d: { allOf: [{ $ref }, text] } }),
      {
        Self: { $ref: '#/definitions/Self' },
      },
    );
    const ours = answering(object({ a: text, b: list(text), c: integer, d: object({ e: text }) }));
    expect(differences(theirs, ours)).toEqual([
      `GET /a 200 a: reference ${$ref} cannot be followed`,
      `GET /a 200 b[]: reference ${$ref} cannot be followed`,
      'GET /a 200 c type: string in theirs, integer in ours',
      `GET /a 200 d: reference ${$ref} cannot be followed`,
    ]);
  });

  test('a broken reference is also reported for a field that only theirs has', () => {
    const theirs = swaggerAnswering(object({ a: { $ref: '#/definitions/None' } }));
    expect(differences(theirs, answering(object({})))).toEqual([
      'GET /a 200 a: only in theirs (reference #/definitions/None cannot be followed)',
    ]);
  });

  test('names in references may hold slashes, spaces and signs', () => {
    const names = { 'a/b': text, 'a b': text, '100%': text, '%ff': text };
    const references = ['a~1b', 'a%20b', '100%', '%ff'].map((name) => ({ $ref: `#/definitions/${name}` }));
    const [theirs, ours] = [references, references.map(() => text)].map((fields) =>
      object(Object.fromEntries(fields.map((field, at) => [`f${at}`, field]))),
    );
    expect(differences(swaggerAnswering(theirs, names), answering(ours))).toEqual([]);
  });

  test('a file is binary in either version', () => {
    expect(differences(swaggerAnswering({ type: 'file' }), answering({ type: 'string', format: 'binary' }))).toEqual(
      [],
    );
  });

  test('a body that theirs does not describe is one difference', () => {
    expect(differences(withPaths({ '/a': { get: ok } }), answering(object({ a: text })))).toEqual([
      'GET /a 200 body: only in ours',
    ]);
  });
});

describe('operations', () => {
  const cases: [title: string, theirs: Json, ours: Json, want: string[]][] = [
    ['one more', { '/a': { get: ok, post: ok } }, { '/a': { get: ok } }, ['POST /a: only in theirs']],
    ['one less', { '/a': { get: ok } }, { '/a': { get: ok }, '/b/{c}': { get: ok } }, ['GET /b/{c}: only in ours']],
    ['other names in the path', { '/a/{id}/b/{no}': { get: ok } }, { '/a/{uuid}/b/{number}': { get: ok } }, []],
    ['a version in front', { '/v1/a': { get: ok } }, { '/a': { get: ok } }, []],
    ['a slash behind', { '/a/': { get: ok } }, { '/a': { get: ok } }, []],
  ];
  test.each(cases)('%s', (_, theirs, ours, want) => {
    expect(differences(withPaths(theirs), withPaths(ours))).toEqual(want);
  });

  describe('partly unreadable descriptions', () => {
    const lost = { $ref: 'other.yaml#/x' };
    const told = 'reference other.yaml#/x cannot be followed';
    const body = { content: { 'application/json': { schema: object({ b: text }) } }, required: true };
    const query = { name: 'b', in: 'query', schema: text };
    const cases: [title: string, theirs: Json, ours: Json, want: string[]][] = [
      [
        'a whole path',
        { '/a': lost, '/b': { get: ok } },
        { '/a': { get: ok, post: ok }, '/b': {} },
        [`* /a: ${told}`, 'GET /b: only in theirs'],
      ],
      [
        'a parameter',
        { '/a': { get: { ...ok, parameters: [lost, query] } } },
        { '/a': { get: { ...ok, parameters: [query] } } },
        [`GET /a parameter: ${told}`],
      ],
      [
        'a body',
        { '/a': { post: { ...ok, requestBody: lost } } },
        { '/a': { post: { ...ok, requestBody: body } } },
        [`POST /a body: ${told}`],
      ],
      [
        'an answer',
        { '/a': { get: { responses: { 200: lost, 409: {} } } } },
        answering(object({ a: text })).paths as Json,
        [`GET /a 200: ${told}`, 'GET /a 409: only in theirs'],
      ],
    ];
    test.each(cases)('%s', (_, theirs, ours, want) => {
      expect(differences(withPaths(theirs), withPaths(ours))).toEqual(want);
    });
  });

  test('a version in the address is no difference', () => {
    const paths = { '/a': { get: ok } };
    const ours = { ...withPaths(paths), servers: [{ url: 'https://api.octa.computer' }] };
    expect(differences({ swagger: '2.0', basePath: '/v1', paths }, ours)).toEqual([]);
    expect(differences({ ...withPaths(paths), servers: [{ url: 'https://api.octa.space/v1' }] }, ours)).toEqual([]);
  });

  test('keys of the API', () => {
    const secured = { ...withPaths({ '/a': { get: ok } }), security: [{ key: [] }] };
    const optional = withPaths({ '/a': { get: { ...ok, security: [{}, { key: [] }] } } });
    expect(differences(secured, optional)).toEqual(['GET /a key: required in theirs, optional in ours']);
    expect(differences(withPaths({ '/a': { get: ok } }), optional)).toEqual([]);
  });

  const statuses = (...names: string[]) => ({
    '/a': { get: { responses: Object.fromEntries(names.map((name) => [name, {}])) } },
  });
  test.each([
    ['an error more', ['200', '409'], ['200'], ['409: only in theirs']],
    ['an error less', ['200'], ['200', '404'], ['404: only in ours']],
    ['a default alone', ['default'], ['200'], []],
    ['any success', ['2XX'], ['200'], []],
    ['errors that may come anywhere', ['200', 'default'], ['200', '401', '429', '503'], []],
    ['another success', ['201'], ['200'], ['201: only in theirs']],
    ['a success more in ours', ['200'], ['200', '201'], []],
  ])('%s', (_, theirs, ours, want) => {
    const keys = differences(withPaths(statuses(...theirs)), withPaths(statuses(...ours)));
    expect(keys).toEqual(want.map((each) => `GET /a ${each}`));
  });
});

describe('parameters', () => {
  const get = (parameters: unknown[], path = '/a') => ({ [path]: { get: { ...ok, parameters } } });
  const query = (name: string, more: Json = {}) => ({ name, in: 'query', schema: text, ...more });
  const cases: [title: string, theirs: Json, ours: Json, want: string[]][] = [
    ['one more', get([query('b')]), get([]), ['GET /a query b: only in theirs (string)']],
    [
      'one more that is required',
      get([query('b', { required: true })]),
      get([]),
      ['GET /a query b: only in theirs (string, required)'],
    ],
    ['one less', get([]), get([query('b')]), ['GET /a query b: only in ours (string)']],
    [
      'one that became required',
      get([query('b', { required: true })]),
      get([query('b')]),
      ['GET /a query b required: yes in theirs, no in ours'],
    ],
    [
      'another type, as in Swagger 2.0',
      get([{ name: 'b', in: 'query', type: 'integer' }]),
      get([query('b')]),
      ['GET /a query b type: integer in theirs, string in ours'],
    ],
    [
      'in the path, by position',
      get([{ name: 'x', in: 'path', required: true, schema: text }], '/a/{x}'),
      get([{ name: 'y', in: 'path', required: true, schema: integer }], '/a/{y}'),
      ['GET /a/{y} path 1 type: string in theirs, integer in ours'],
    ],
    ['for all of a path', { '/a': { parameters: [query('b')], get: ok } }, get([query('b')]), []],
    [
      'a header',
      get([{ name: 'X-Trace', in: 'header', schema: text }]),
      get([]),
      ['GET /a header X-Trace: only in theirs (string)'],
    ],
    [
      'the header of the key',
      get([{ name: 'Authorization', in: 'header', type: 'string', required: true }]),
      get([]),
      [],
    ],
    ['a cookie', get([{ name: 'a', in: 'cookie', schema: text }]), get([]), []],
  ];
  test.each(cases)('%s', (_, theirs, ours, want) => {
    expect(differences(withPaths(theirs), withPaths(ours))).toEqual(want);
  });
});

describe('request bodies', () => {
  const json3 = (schema: unknown, required = true) => ({
    requestBody: { required, content: { 'application/json': { schema } } },
  });
  const body2 = (schema: unknown, required = true) => ({
    parameters: [{ name: 'body', in: 'body', required, schema }],
  });
  const form = { parameters: [{ name: 'a', in: 'formData', type: 'string', required: true }] };
  const cases: [title: string, theirs: Json, ours: Json, want: string[]][] = [
    ['the same in both versions', body2(object({ a: text }, ['a'])), json3(object({ a: text }, ['a'])), []],
    ['a form', form, json3(object({ a: text }, ['a'])), []],
    ['none in ours', body2(object({})), {}, ['body: only in theirs (object, required)']],
    ['none in theirs', {}, json3(list(text), false), ['body: only in ours (list of string)']],
    [
      'one that became required',
      body2(object({})),
      json3(object({}), false),
      ['body required: yes in theirs, no in ours'],
    ],
    [
      'a field that became required',
      body2(object({ a: text }, ['a'])),
      json3(object({ a: text })),
      ['body a required: yes in theirs, no in ours'],
    ],
    [
      'a field more',
      body2(object({ a: text }, ['a'])),
      json3(object({})),
      ['body a: only in theirs (string, required)'],
    ],
  ];
  test.each(cases)('%s', (_, theirs, ours, want) => {
    const [their, our] = [theirs, ours].map((each) => withPaths({ '/a': { post: { ...ok, ...each } } }));
    expect(differences(their ?? {}, our ?? {})).toEqual(want.map((each) => `POST /a ${each}`));
  });
});

describe('reading a description', () => {
  test('YAML and JSON are the same', () => {
    const fromYaml = parseDescription('openapi: 3.0.3\npaths:\n  /a:\n    get: {}\n', 'a.yaml');
    expect(fromYaml).toEqual(parseDescription('{"openapi":"3.0.3","paths":{"/a":{"get":{}}}}', 'a.json'));
  });

  test('a mark of the encoding at the beginning is no part of it', () => {
    const json = '{"openapi":"3.0.3","paths":{"/a":{"get":{}}}}';
    expect(parseDescription(`\ufeff${json}`, 'a.json')).toEqual(parseDescription(json, 'a.json'));
    const yaml = 'openapi: 3.0.3\npaths:\n  /a:\n    get: {}\n';
    expect(parseDescription(`\ufeff${yaml}`, 'a.yaml')).toEqual(parseDescription(json, 'a.json'));
  });

  test.each([
    ['broken JSON', '{"swagger": ', /^x is neither JSON nor YAML: /],
    ['broken YAML', 'a: [', /^x is neither JSON nor YAML: /],
    ['a page', '<!doctype html><p>Not found', /^x is not a description of an API/],
    ['another version', '{"swagger":"1.2","paths":{"/a":{}}}', /^x is not a description of an API/],
    ['no paths', '{"openapi":"3.1.0"}', /^x describes no paths$/],
  ])('%s is refused', (_, given, message) => {
    expect(() => parseDescription(given, 'x')).toThrow(message);
  });
});

describe('explanations', () => {
  test('a pattern fits a whole key, and only * is special in it', () => {
    expect(fits('GET /a/{*}/b 200 [].c*', 'GET /a/{uuid}/b 200 [].c type: x')).toBe(true);
    expect(fits('GET /a 200 [].c', 'GET /a 200 [].cd')).toBe(false);
    expect(fits('GET /a 200 [].c', 'GET /a 200 a.c')).toBe(false);
  });

  test('patterns belong to the entry that they stand in', () => {
    const page =
      '# Page\n\n## 1. One\n\n- **Explains:** `a*`, `b, c`\n\n## 2. Two\n\n## 3. Three\n\n- **Explains:** `a b`\n';
    const explanations = explanationsIn(page);
    expect(explanations).toEqual([
      { entry: 1, pattern: 'a*' },
      { entry: 1, pattern: 'b, c' },
      { entry: 3, pattern: 'a b' },
    ]);
    expect(entriesFor('a b', explanations)).toEqual([1, 3]);
    expect(entriesFor('c', explanations)).toEqual([]);
  });
});
