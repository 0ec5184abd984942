/** Decode plans as data: model → field → type text. See src/codec/plan.ts for the notation. */
import { isModel, nameOf, type Schema, type Spec } from './spec.ts';
import { typesByKind } from './types.ts';

const plainKinds: Readonly<Record<string, string>> = {
  string: 'string',
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
};

/** Type text of a schema, without its `!` or `?`. */
export function typeText(schema: Schema, spec: Spec, where: string): string {
  if (schema.$ref !== undefined) {
    const name = nameOf(schema.$ref);
    const target = spec.components.schemas[name];
    if (target === undefined) throw new Error(`${where}: no schema ${name}`);
    return isModel(target) ? name : typeText(target, spec, where);
  }
  const kind = schema['x-octa-kind'];
  if (kind !== undefined) {
    if (!Object.hasOwn(typesByKind, kind)) throw new Error(`${where}: unknown x-octa-kind ${kind}`);
    return kind;
  }
  const types = [schema.type ?? []].flat().filter((type) => type !== 'null');
  const [type, second] = types;
  if (type === undefined) return 'any';
  if (second !== undefined) throw new Error(`${where}: more than one type needs an x-octa-kind`);
  if (type === 'array') return `${typeText(schema.items ?? {}, spec, `${where}[]`)}[]`;
  if (type === 'object') return objectText(schema, spec, where);
  const plain = plainKinds[type];
  if (plain === undefined) throw new Error(`${where}: no kind for type ${type}`);
  return plain;
}

function objectText(schema: Schema, spec: Spec, where: string): string {
  if (schema.properties !== undefined) throw new Error(`${where}: give the object a model file of its own`);
  const values = schema.additionalProperties;
  return typeof values === 'object' ? `${typeText(values, spec, `${where}{}`)}{}` : 'any';
}

function isNullable({ type }: Schema): boolean {
  return Array.isArray(type) && type.includes('null');
}

function planOf(name: string, schema: Schema, spec: Spec): Record<string, string> {
  const fields = Object.entries(schema.properties ?? {}).map(([key, field]): [string, string] => {
    const text = typeText(field, spec, `${name}.${key}`);
    const mark = isNullable(field) ? '?' : schema.required?.includes(key) ? '!' : '';
    return [key, text + mark];
  });
  return Object.fromEntries(fields);
}

/** Source of generated/plans.ts. */
export function plansSource(spec: Spec): string {
  const models = Object.entries(spec.components.schemas).filter(([, schema]) => isModel(schema));
  const plans = Object.fromEntries(
    models
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, schema]) => [name, planOf(name, schema, spec)]),
  );
  return `/** How each model is decoded: field → kind or model, \`[]\` list, \`{}\` map, \`!\` always present, \`?\` may be null. */
export const plans: Readonly<Record<string, Readonly<Record<string, string>>>> = ${JSON.stringify(plans, null, 2)};
`;
}
