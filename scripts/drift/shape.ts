/** Converts schemas of Swagger 2.0 and OpenAPI 3.x to shapes for comparison. */
import { type Fields, fieldsOf } from './load.ts';

/** The shape of a value. Its parts are functions, because a schema may contain itself. */
export interface Shape {
  /** The schema it was made from; the same object for the same schema, to detect cycles. */
  readonly source: object;
  /** JSON types, without null, sorted; empty for any type. */
  readonly types: readonly string[];
  readonly nullable: boolean;
  readonly format: string | undefined;
  /** Allowed values, as JSON text; undefined if all are allowed. */
  readonly values: readonly string[] | undefined;
  /** Fields by name, each with a function that returns its shape. */
  readonly fields: ReadonlyMap<string, () => Shape>;
  /** Required fields; undefined if the schema does not say. */
  readonly required: readonly string[] | undefined;
  /** Items of a list. */
  readonly items: (() => Shape) | undefined;
  /** Values of a map. */
  readonly entries: (() => Shape) | undefined;
  /** References that cannot be followed; if there are any, the shape is incomplete. */
  readonly lost: readonly string[];
}

/** A resolved value or reference. */
export interface Resolved {
  readonly fields: Fields;
  /** The reference, if it cannot be followed; then there are no fields. */
  readonly lost?: string;
}

/** The name in a step of a reference. */
function nameOfStep(step: string): string {
  return decoded(step).replaceAll('~1', '/').replaceAll('~0', '~');
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    // A lone `%` is a mistake in the reference; treat it as part of the name.
    return step;
  }
}

/** The target of a reference within the document; undefined if it is broken, or leads to another document. */
function targetOf(document: Fields, reference: string): Fields | undefined {
  if (!reference.startsWith('#/')) return undefined;
  const names = reference.slice(2).split('/').map(nameOfStep);
  const found = names.reduce<unknown>((holder, name) => fieldsOf(holder)[name], document);
  return typeof found === 'object' && found !== null ? fieldsOf(found) : undefined;
}

/** Follows a chain of references within a document to its end. */
export function resolve(document: Fields, value: unknown): Resolved {
  const seen = new Set<string>();
  let fields = fieldsOf(value);
  while (typeof fields.$ref === 'string') {
    const { $ref: reference } = fields;
    const target = seen.has(reference) ? undefined : targetOf(document, reference);
    if (target === undefined) return { fields: {}, lost: reference };
    seen.add(reference);
    fields = target;
  }
  return { fields };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function typesIn({ type, properties, additionalProperties, items, enum: values }: Fields): string[] {
  if (type !== undefined) return [type].flat().map((name) => (name === 'file' ? 'string' : String(name)));
  if (values !== undefined) return listOf(values).map((value) => (value === null ? 'null' : typeof value));
  if (properties !== undefined || additionalProperties !== undefined) return ['object'];
  return items === undefined ? [] : ['array'];
}

function ownShape(schema: Fields, shapeOf: (schema: unknown) => Shape): Shape {
  const types = typesIn(schema);
  const { additionalProperties, items, required } = schema;
  const listed = schema.const === undefined ? schema.enum : [schema.const];
  const isMap = typeof additionalProperties === 'object' && Object.keys(fieldsOf(additionalProperties)).length > 0;
  return {
    source: schema,
    types: [...new Set(types.filter((type) => type !== 'null'))].sort(),
    nullable: types.includes('null') || schema.nullable === true || schema['x-nullable'] === true,
    format: schema.type === 'file' ? 'binary' : typeof schema.format === 'string' ? schema.format : undefined,
    values: listed === undefined ? undefined : listOf(listed).map((value) => JSON.stringify(value)),
    fields: new Map(
      Object.entries(fieldsOf(schema.properties)).map(([name, field]) => [name, () => shapeOf(field)] as const),
    ),
    required: Array.isArray(required) ? required.map(String) : undefined,
    items: items === undefined ? undefined : () => shapeOf(items),
    entries: isMap ? () => shapeOf(additionalProperties) : undefined,
    lost: [],
  };
}

function union(left: readonly string[], right: readonly string[]): string[] {
  return [...new Set([...left, ...right])].sort();
}

/** Combines all shapes: `allOf`. */
function both(left: Shape, right: Shape): Shape {
  const types = left.types.length === 0 || right.types.length === 0 ? union(left.types, right.types) : left.types;
  return {
    source: left.source,
    types,
    nullable: left.nullable || right.nullable,
    format: left.format ?? right.format,
    values: left.values ?? right.values,
    fields: new Map([...left.fields, ...right.fields]),
    required:
      left.required || right.required ? [...new Set([...(left.required ?? []), ...(right.required ?? [])])] : undefined,
    items: left.items ?? right.items,
    entries: left.entries ?? right.entries,
    lost: [...left.lost, ...right.lost],
  };
}

/** Combines alternatives: `oneOf`, `anyOf`. If one allows anything, the result does too. */
function either(left: Shape, right: Shape): Shape {
  const open = left.types.length === 0 || right.types.length === 0;
  const always = left.required?.filter((name) => right.required?.includes(name));
  return {
    source: left.source,
    types: open ? [] : union(left.types, right.types),
    nullable: left.nullable || right.nullable,
    format: left.format === right.format ? left.format : undefined,
    values: left.values && right.values ? [...new Set([...left.values, ...right.values])] : undefined,
    fields: new Map([...left.fields, ...right.fields]),
    required: always?.length ? always : undefined,
    items: left.items ?? right.items,
    entries: left.entries ?? right.entries,
    lost: [...left.lost, ...right.lost],
  };
}

/** Converts the schemas of one document to shapes. */
export function shapesIn(document: Fields): (schema: unknown) => Shape {
  const known = new Map<object, Shape>();
  const open = new Set<object>();

  function shapeOf(given: unknown): Shape {
    const { fields: schema, lost } = resolve(document, given);
    if (lost !== undefined) return { ...ownShape({}, shapeOf), lost: [lost] };
    const before = known.get(schema);
    if (before !== undefined) return before;
    const own = ownShape(schema, shapeOf);
    // A schema that is part of itself adds nothing to itself.
    if (open.has(schema)) return own;
    open.add(schema);
    const all = listOf(schema.allOf).map(shapeOf).reduce(both, own);
    const choices = [...listOf(schema.oneOf), ...listOf(schema.anyOf)].map(shapeOf);
    // A `null` alternative only means that the value may be null.
    const real = choices.filter(({ types, nullable }) => types.length > 0 || !nullable);
    const [first, ...others] = real;
    const chosen = first === undefined ? all : both(all, others.reduce(either, first));
    const shape = { ...chosen, source: schema, nullable: chosen.nullable || real.length < choices.length };
    open.delete(schema);
    known.set(schema, shape);
    return shape;
  }

  return shapeOf;
}

/** The text for a broken reference. */
export function lostText(reference: string): string {
  return `reference ${reference} cannot be followed`;
}

/** A shape in a few words: `integer or string`, `list of object`. */
export function nameOf({ types, items, lost }: Shape): string {
  if (lost.length > 0) return lost.map(lostText).join(', ');
  if (types.length === 0) return 'anything';
  return types.map((type) => (type === 'array' ? `list of ${itemName(items)}` : type)).join(' or ');
}

function itemName(items: Shape['items']): string {
  const types = (items?.().types ?? []).map((type) => (type === 'array' ? 'list' : type));
  if (types.length === 0) return 'anything';
  return types.length === 1 ? types.join() : `(${types.join(' or ')})`;
}
