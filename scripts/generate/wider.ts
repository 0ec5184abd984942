/** Models that are others without some fields: their types say so, instead of the fields again. */
import { isDeepStrictEqual } from 'node:util';
import type { Schema, Spec } from './spec.ts';

/** A model that has all fields of another, and more. */
export interface Wider {
  readonly model: string;
  /** Fields that the narrower one has not. */
  readonly more: readonly string[];
  /** Fields of the narrower one that are described in other words. */
  readonly reworded: readonly string[];
}

function withoutWords({ description: _, ...schema }: Schema): Schema {
  return schema;
}

/** The model that has all fields of this one and others; undefined when there is none. */
export function widerModel(name: string, { components: { schemas } }: Spec): Wider | undefined {
  const { properties: own = {}, required = [] } = schemas[name] ?? {};
  const fields = Object.entries(own);
  // A few fields are alike by chance.
  if (fields.length < 10) return undefined;
  for (const [other, { properties = {}, required: wanted = [] }] of Object.entries(schemas)) {
    const more = Object.keys(properties).filter((field) => !Object.hasOwn(own, field));
    const isSame = ([field, schema]: [string, Schema]) =>
      isDeepStrictEqual(withoutWords(properties[field] ?? {}), withoutWords(schema)) &&
      required.includes(field) === wanted.includes(field);
    if (more.length === 0 || !fields.every(isSame)) continue;
    const reworded = fields.filter(([field, { description }]) => properties[field]?.description !== description);
    return { model: other, more, reworded: reworded.map(([field]) => field) };
  }
  return undefined;
}

/** Names as a union of texts. */
export function union(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(' | ');
}
