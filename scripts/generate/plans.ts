/** Decode plans as data: type texts and fields of each model. See src/codec/plan.ts for the notation. */
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
  if (schema.properties !== undefined) throw new Error(`${where}: move the object to its own model file`);
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

/** The model in a type text, if there is one. */
function modelIn(text: string, plans: Plans): string | undefined {
  const name = text.replace(/[[\]{}!?]+$/, '');
  return Object.hasOwn(plans, name) ? name : undefined;
}

/** The models that type texts need, directly or through other models, by name. */
export function modelsBehind(texts: readonly string[], plans: Plans): string[] {
  const found = new Set<string>();
  const open = [...texts];
  for (let text = open.pop(); text !== undefined; text = open.pop()) {
    const name = modelIn(text, plans);
    if (name === undefined || found.has(name)) continue;
    found.add(name);
    open.push(...Object.values(plans[name] ?? {}));
  }
  return [...found].sort();
}

/** Fields of each model as type texts. */
export type Plans = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The plan of every model, by name. */
export function plansOf(spec: Spec): Plans {
  const models = Object.entries(spec.components.schemas).filter(([, schema]) => isModel(schema));
  return Object.fromEntries(
    models
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, schema]) => [name, planOf(name, schema, spec)]),
  );
}

/** A plan with a line for each type: the type text, and the fields of that type. */
function planText(plan: Readonly<Record<string, string>>): string {
  const lines = new Map<string, string>();
  for (const [key, type] of Object.entries(plan)) lines.set(type, `${lines.get(type) ?? type} ${key}`);
  return [...lines.values()].join('\n');
}

/** Source of generated/plans.ts: a constant per model, so that bundles contain only those that are used. */
export function plansSource(spec: Spec): string {
  const plans = Object.entries(plansOf(spec));
  const constants = plans.map(([name, plan]) => `export const ${name}: Plan = \`\n${planText(plan)}\`;\n`);
  return `/**
 * How a model is decoded. Each line begins with a kind or a model (\`[]\` list, \`{}\` map, \`!\` always present, \`?\` may be null), and goes on
 * with the fields that are of it.
 */
export type Plan = string;

${constants.join('\n')}`;
}
