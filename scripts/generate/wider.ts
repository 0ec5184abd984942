/** Finds models that are other models without some fields. Their types refer to the other model instead of repeating its fields. */
import { isDeepStrictEqual } from 'node:util';
import type { Schema, Spec } from './spec.ts';

/** A model that has all fields of another, and more. */
export interface Wider {
  readonly model: string;
  /** Fields that the narrower one does not have. */
  readonly more: readonly string[];
  /** Fields of the narrower one that are described in other words. */
  readonly reworded: readonly string[];
}

function withoutWords({ description: _, ...schema }: Schema): Schema {
  return schema;
}

/** The model that has all fields of this one and more; undefined if there is none. */
export function widerModel(name: string, { components: { schemas } }: Spec): Wider | undefined {
  const { properties: own = {}, required = [] } = schemas[name] ?? {};
  const fields = Object.entries(own);
  // A few fields may be equal by chance.
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
