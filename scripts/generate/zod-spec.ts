/** The spec after decoding: JSON Schemas of decoded values, for tools that do not know `x-octa-kind`. */
import { nameOf, type Operation, operationsOf, type Schema, type Spec } from './spec.ts';

/** Our format for a bigint, which JSON Schema does not have. */
export const bigintFormat = 'bigint';

interface Bounded extends Schema {
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
}

function numberLike({ minimum }: Bounded): Bounded {
  return { type: 'number', ...(minimum === undefined ? {} : { minimum }) };
}

const amounts: readonly Bounded[] = [
  { type: 'integer', format: bigintFormat, minimum: 0 },
  // Only a safe integer: a larger number may already have lost digits.
  { type: 'integer', minimum: 0 },
  { type: 'string', pattern: '^\\s*\\d+\\s*$' },
];

/** The decoded form of each kind. Only `any` has no row, because decoding does not change it. */
const formsByKind: Readonly<Record<string, (schema: Schema) => Schema>> = {
  wei: () => ({ type: 'integer', format: bigintFormat }),
  'wei-input': () => ({ oneOf: amounts }),
  integer: numberLike,
  'number-text': numberLike,
  timestamp: numberLike,
  mbits: numberLike,
  ports: ({ items = {} }) => ({ type: 'array', items }),
  envs: () => ({ type: 'object', additionalProperties: { type: 'string' } }),
  log: () => ({ type: 'string' }),
  config: ({ 'x-octa-kind': _, ...forms }) => forms,
};

function kindOf(schema: Schema | undefined): string | undefined {
  const kind = schema?.['x-octa-kind'];
  return kind === 'any' ? undefined : kind;
}

/** The schema of the decoded value; references to models stay, references to kinds are resolved. */
export function decodedForm(schema: Schema, spec: Spec): Schema {
  if (schema.$ref !== undefined) {
    const target = spec.components.schemas[nameOf(schema.$ref)];
    return target !== undefined && kindOf(target) !== undefined ? decodedForm(target, spec) : { $ref: schema.$ref };
  }
  const kind = kindOf(schema);
  if (kind !== undefined) {
    const form = Object.hasOwn(formsByKind, kind) ? formsByKind[kind] : undefined;
    if (form === undefined) throw new Error(`no decoded form for x-octa-kind ${kind}`);
    return form(schema);
  }
  const { properties, items, oneOf, additionalProperties: others, ...rest } = schema;
  return {
    ...rest,
    ...(properties === undefined ? {} : { properties: decodedForms(properties, spec) }),
    ...(items === undefined ? {} : { items: decodedForm(items, spec) }),
    ...(oneOf === undefined ? {} : { oneOf: oneOf.map((form) => decodedForm(form, spec)) }),
    ...(others === undefined
      ? {}
      : { additionalProperties: typeof others === 'object' ? decodedForm(others, spec) : others }),
  };
}

function decodedForms(schemas: Readonly<Record<string, Schema>>, spec: Spec): Record<string, Schema> {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, decodedForm(schema, spec)]));
}

/** A body that is not just a model, under its own name. */
function bodyOf({ operationId, requestBody }: Operation): [name: string, schema: Schema][] {
  const schema = requestBody?.content?.['application/json']?.schema;
  if (schema === undefined || schema.$ref !== undefined) return [];
  const name = `${operationId.charAt(0).toUpperCase()}${operationId.slice(1)}Body`;
  return [[name, { description: `The request body of \`${operationId}\`, as it is sent.`, ...schema }]];
}

/** A model that is sent, with a reference to the schema of the method's argument. */
function described([name, schema]: [string, Schema]): [string, Schema] {
  const options = /^(\w+)Request$/.exec(name)?.[1];
  if (options === undefined) return [name, schema];
  const sent = `As it is sent; \`${options}OptionsSchema\` is for what the method takes.`;
  return [name, { ...schema, description: `${schema.description} ${sent}` }];
}

/** Every model and every request body by name, decoded, in alphabetical order. */
export function decodedModels(spec: Spec): Record<string, Schema> {
  const bodies = operationsOf(spec).flatMap(({ operation }) => bodyOf(operation));
  const models = [...Object.entries(spec.components.schemas), ...bodies]
    .filter(([, schema]) => kindOf(schema) === undefined)
    .map(described)
    .sort(([left], [right]) => (left < right ? -1 : 1));
  return decodedForms(Object.fromEntries(models), spec);
}
