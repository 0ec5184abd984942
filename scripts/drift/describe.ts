/** Converts the operations of any version of OpenAPI to one form. */
import { type Fields, fieldsOf } from './load.ts';
import { type Resolved, resolve, type Shape, shapesIn } from './shape.ts';

/** One parameter outside of the body. */
export interface Parameter {
  readonly required: boolean;
  readonly shape: Shape;
}

/** One operation. */
export interface Described {
  readonly method: string;
  /** The path in the description, without a prefix such as `/v1`. */
  readonly path: string;
  /** Whether the key is required; undefined if the description does not mention keys at all. */
  readonly key: 'required' | 'optional' | 'none' | undefined;
  /** Parameters by place and name, such as `query recent`; those of the path by position, such as `path 1`. */
  readonly parameters: ReadonlyMap<string, Parameter>;
  readonly body: Parameter | undefined;
  /** Shape of the response by status; undefined if the description has none. */
  readonly answers: ReadonlyMap<string, Shape | undefined>;
  /** References to parameters, or to the whole path, that cannot be followed. */
  readonly lost: readonly string[];
}

/** The method of an unknown path, whose reference cannot be followed. */
export const anyMethod = '*';

/** Operations by method and path with positions for parameters: `GET /services/{}/info`. */
export type Description = ReadonlyMap<string, Described>;

/** State for reading one description. */
interface Reader {
  readonly document: Fields;
  /** Whether any operation is said to need a key. */
  readonly speaksOfKeys: boolean;
  readonly shapeOf: (schema: unknown) => Shape;
}

const methods = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options'];
/** Headers that every client sends, or that carry the key, which is compared separately. */
const tacitHeaders = ['accept', 'authorization', 'content-type'];

/** A path without a version prefix and without a slash at the end. */
function barePath(path: string): string {
  return path.replace(/^\/v\d+(?=\/)/, '').replace(/(?<=.)\/$/, '');
}

function positional(path: string): string {
  return path.replace(/\{[^{}]*\}/g, '{}');
}

function listOf({ document }: Reader, value: unknown): Resolved[] {
  return Array.isArray(value) ? value.map((each) => resolve(document, each)) : [];
}

/** The schema of a body: JSON, if there is a choice. */
function mediaSchema(content: unknown): unknown {
  const media = fieldsOf(content);
  const names = Object.keys(media);
  const name = names.find((each) => /\bjson\b/i.test(each)) ?? names[0];
  return name === undefined ? undefined : fieldsOf(media[name]).schema;
}

/** The parameters of an operation, its own before those of its path, and references that cannot be followed. */
function parametersOf(reader: Reader, item: Fields, operation: Fields): { given: Fields[]; lost: string[] } {
  const all = [...listOf(reader, item.parameters), ...listOf(reader, operation.parameters)];
  const found = all.flatMap(({ fields, lost }) => (lost === undefined ? [fields] : []));
  const byPlace = new Map(found.map((each) => [`${each.in} ${each.name}`, each]));
  return { given: [...byPlace.values()], lost: all.flatMap(({ lost }) => lost ?? []) };
}

function outsideOfBody(reader: Reader, path: string, given: readonly Fields[]): Map<string, Parameter> {
  const positions = [...path.matchAll(/\{([^{}]*)\}/g)].map(([, name]) => name);
  const parameters = new Map<string, Parameter>();
  for (const parameter of given) {
    const { in: place, name, schema } = parameter;
    const key = place === 'path' ? `path ${positions.indexOf(String(name)) + 1}` : `${place} ${name}`;
    if (!['path', 'query', 'header'].includes(String(place)) || key === 'path 0') continue;
    if (place === 'header' && tacitHeaders.includes(String(name).toLowerCase())) continue;
    const required = parameter.required === true || place === 'path';
    // In Swagger 2.0 the parameter is its own schema, but its `required` is not that of a schema.
    const { required: _, ...own } = parameter;
    parameters.set(key, { required, shape: reader.shapeOf(schema ?? own) });
  }
  return parameters;
}

/** The fields of a form as one schema, as Swagger 2.0 has them. */
function formSchema(given: readonly Fields[]): Fields | undefined {
  const fields = given.filter((each) => each.in === 'formData');
  if (fields.length === 0) return undefined;
  const required = fields.filter((each) => each.required === true).map(({ name }) => name);
  const properties = Object.fromEntries(fields.map(({ required: _, ...own }) => [String(own.name), own]));
  return { type: 'object', properties, required };
}

function bodyOf({ document, shapeOf }: Reader, operation: Fields, given: readonly Fields[]): Parameter | undefined {
  if (operation.requestBody !== undefined) {
    const { fields: body, lost } = resolve(document, operation.requestBody);
    const schema = lost === undefined ? mediaSchema(body.content) : operation.requestBody;
    return { required: body.required === true, shape: shapeOf(schema) };
  }
  const body = given.find((each) => each.in === 'body');
  if (body !== undefined) return { required: body.required === true, shape: shapeOf(body.schema) };
  const form = formSchema(given);
  return form === undefined ? undefined : { required: true, shape: shapeOf(form) };
}

/** The status of a response. `default` counts as the success if no success is listed. */
function statusOf(name: string, names: readonly string[]): string | undefined {
  if (/^2XX$/i.test(name) || (name === 'default' && !names.some((each) => each.startsWith('2')))) return '200';
  return /^\d{3}$/.test(name) ? name : undefined;
}

function answersOf({ document, shapeOf }: Reader, operation: Fields): Map<string, Shape | undefined> {
  const responses = fieldsOf(operation.responses);
  const answers = new Map<string, Shape | undefined>();
  for (const [name, given] of Object.entries(responses)) {
    const status = statusOf(name, Object.keys(responses));
    const { fields: answer, lost } = resolve(document, given);
    const schema = lost === undefined ? (answer.schema ?? mediaSchema(answer.content)) : given;
    if (status !== undefined) answers.set(status, schema === undefined ? undefined : shapeOf(schema));
  }
  return answers;
}

/** Whether any operation of a description requires a key. */
function speaksOfKeys(document: Fields): boolean {
  const items = Object.values(fieldsOf(document.paths)).map(fieldsOf);
  const operations = items.flatMap((item) => methods.map((method) => fieldsOf(item[method])));
  return [document, ...operations].some(({ security }) => Array.isArray(security) && security.length > 0);
}

function keyOf({ document }: Reader, operation: Fields): Described['key'] {
  const { security = document.security } = operation;
  const choices = Array.isArray(security) ? security.map(fieldsOf) : [];
  if (choices.length === 0) return 'none';
  return choices.some((choice) => Object.keys(choice).length === 0) ? 'optional' : 'required';
}

function describe(reader: Reader, item: Fields, { method, path }: Pick<Described, 'method' | 'path'>): Described {
  const operation = fieldsOf(item[method.toLowerCase()]);
  const { given, lost } = parametersOf(reader, item, operation);
  return {
    method,
    path,
    key: reader.speaksOfKeys ? keyOf(reader, operation) : undefined,
    parameters: outsideOfBody(reader, path, given),
    body: bodyOf(reader, operation, given),
    answers: answersOf(reader, operation),
    lost,
  };
}

/** Converts a description to the form for comparison. Keeps broken references, to report them. */
export function describeApi(document: Fields): Description {
  const reader = { document, speaksOfKeys: speaksOfKeys(document), shapeOf: shapesIn(document) };
  const described = new Map<string, Described>();
  for (const [written, value] of Object.entries(fieldsOf(document.paths))) {
    const path = barePath(written);
    const { fields: item, lost } = resolve(document, value);
    const found = methods.filter((each) => item[each] !== undefined).map((each) => each.toUpperCase());
    for (const method of lost === undefined ? found : [anyMethod]) {
      const operation = describe(reader, item, { method, path });
      described.set(`${method} ${positional(path)}`, lost === undefined ? operation : { ...operation, lost: [lost] });
    }
  }
  return described;
}
