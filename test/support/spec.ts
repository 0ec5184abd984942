/** The contents of the bundled spec, read from it so that nothing is forgotten. */
import { readFileSync } from 'node:fs';
import type { OperationId } from '../../generated/operations.ts';
import { operationsOf, type Schema, type Spec } from '../../scripts/generate/spec.ts';

interface Example {
  readonly value: unknown;
}

interface Media {
  readonly schema?: Schema;
  readonly examples?: Readonly<Record<string, Example>>;
}

interface DocumentedResponse {
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, Media>>;
}

interface FullSpec extends Spec {
  readonly components: Spec['components'] & { readonly responses: Readonly<Record<string, DocumentedResponse>> };
}

/** One documented response of an operation: a status, one of its named examples, and its schema. */
export interface Documented {
  readonly id: OperationId;
  readonly status: number;
  readonly mediaType: string;
  readonly example: string;
  readonly value: unknown;
  readonly schema: Schema;
}

export const spec: FullSpec = JSON.parse(
  readFileSync(new URL('../../generated/openapi.json', import.meta.url), 'utf8'),
);

function resolved(response: DocumentedResponse): DocumentedResponse {
  const name = response.$ref?.replace('#/components/responses/', '');
  if (name === undefined) return response;
  const target = spec.components.responses[name];
  if (target === undefined) throw new Error(`no response ${name}`);
  return target;
}

function documentedBy(id: string, status: string, response: DocumentedResponse): Documented[] {
  const answers = Object.entries(resolved(response).content ?? {}).flatMap(([mediaType, { schema, examples }]) =>
    Object.entries(examples ?? {}).map(([example, { value }]) => ({
      // The rows are generated from the same spec; another test compares the two.
      id: id as OperationId,
      status: Number(status),
      mediaType,
      example,
      value,
      schema: schema ?? {},
    })),
  );
  if (answers.length === 0) throw new Error(`${id}: ${status} is documented without an example`);
  return answers;
}

/** Every documented response of every operation. */
export const documented: readonly Documented[] = operationsOf(spec).flatMap(({ operation }) =>
  Object.entries(operation.responses).flatMap(([status, response]) =>
    documentedBy(operation.operationId, status, response),
  ),
);

/** The schema of an operation's success, for the lowest status. */
export function schemaOf(id: OperationId): Schema {
  const success = documented.find((each) => each.id === id && each.status < 300);
  if (success === undefined) throw new Error(`${id}: no success is documented`);
  return success.schema;
}

/** The schema that a reference points to, or the schema itself. */
export function targetOf(schema: Schema): Schema {
  const name = schema.$ref?.replace('#/components/schemas/', '');
  if (name === undefined) return schema;
  const target = spec.components.schemas[name];
  if (target === undefined) throw new Error(`no schema ${name}`);
  return target;
}
