/** Creates the list of schemas of decoded responses. */
import { nameOf, type Operation, operationsOf, type Schema, type Spec } from './spec.ts';

/** Forms of a success that is JSON; the response to a start may be one item or a batch. */
function formsOf(operation: Operation): Schema[] {
  if (operation['x-octa-answer'] !== undefined) return [];
  const forms = ['200', '201'].flatMap((status) => {
    const schema = operation.responses[status]?.content?.['application/json']?.schema;
    return schema === undefined ? [] : [schema];
  });
  const others = forms.map((form) => form.items ?? { type: 'array', items: form });
  return operation['x-octa-effect'] === 'billable' ? [...forms, ...others] : forms;
}

function expressionOf(schema: Schema, where: string): string {
  if (schema.$ref !== undefined) return `schemas.${nameOf(schema.$ref)}Schema`;
  if (schema.items === undefined) throw new Error(`${where}: a response must be a model or a list`);
  return `/* @__PURE__ */ z.array(${expressionOf(schema.items, where)})`;
}

/** Source of generated/zod-answers.ts. */
export function zodAnswersSource(spec: Spec): string {
  const rows = operationsOf(spec).flatMap(({ operation }) => {
    const name = operation.operationId;
    const forms = [...new Set(formsOf(operation).map((form) => expressionOf(form, name)))];
    if (forms.length === 0) return [];
    return [`  ${name}: ${forms.length === 1 ? forms[0] : `/* @__PURE__ */ z.union([${forms.join(', ')}])`},\n`];
  });
  return `import * as z from 'zod/mini';
import * as schemas from './zod.ts';

/** Schema of the decoded response of each operation with a JSON response. */
export const answerSchemas: Readonly<Record<string, z.ZodMiniType>> = {
${rows.join('')}};
`;
}
