/** Rows of the operation table. */
import { longLists, lookName, looksSource } from './looks.ts';
import { modelsBehind, plansOf, typeText } from './plans.ts';
import { nameOf, type Operation, operationsOf, type Schema, type Spec } from './spec.ts';

const json = 'application/json';

function authOf({ operationId, security }: Operation): string {
  if (security === undefined) throw new Error(`${operationId}: missing security`);
  if (security.length === 0) return 'none';
  return security.some((way) => Object.keys(way).length === 0) ? 'optional' : 'required';
}

/** Forms of a success: one per status, without duplicates; the response to a start may be one item or a batch. */
function answerOf(operation: Operation, spec: Spec): string {
  const marked = operation['x-octa-answer'];
  if (marked !== undefined) return marked;
  const forms = ['200', '201'].flatMap((status) => {
    const content = operation.responses[status]?.content;
    if (content === undefined) return [];
    const schema = content[json]?.schema;
    return [schema === undefined ? 'bytes' : typeText(schema, spec, operation.operationId)];
  });
  if (operation['x-octa-effect'] === 'billable')
    forms.push(...forms.map((form) => (form.endsWith('[]') ? form.slice(0, -2) : `${form}[]`)));
  if (forms.length === 0) throw new Error(`${operation.operationId}: no success with a body, and no x-octa-answer`);
  return [...new Set(forms)].join('|');
}

function itemOf(schema: Schema): Schema {
  return schema.items ?? schema;
}

function bodyOf(operation: Operation): string | undefined {
  const schema = operation.requestBody?.content?.[json]?.schema;
  const ref = schema === undefined ? undefined : itemOf(schema).$ref;
  return ref === undefined ? undefined : `${nameOf(ref)}${operation.requestBody?.required === true ? '!' : ''}`;
}

/** A row without its plans. */
interface Row {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly auth: string;
  readonly effect: string;
  readonly answer: string;
  readonly body?: string;
}

function rowOf({ path, method, operation }: ReturnType<typeof operationsOf>[number], spec: Spec): Row {
  const body = bodyOf(operation);
  return {
    id: operation.operationId,
    method,
    path,
    auth: authOf(operation),
    effect: operation['x-octa-effect'],
    answer: answerOf(operation, spec),
    ...(body === undefined ? {} : { body }),
  };
}

/** A row as code, with references to models. */
function rowSource(row: Row, models: readonly string[]): string {
  const members = Object.entries(row).map(([name, value]) => `  ${name}: ${JSON.stringify(value)},\n`);
  const plans = models.length === 0 ? '{}' : `{ ${models.join(', ')} }`;
  const looks = models.map((model) => `${model}: ${lookName(model)}`).join(', ');
  if (longLists.includes(row.id)) members.push(`  looks: { ${looks} },\n`);
  return `export const ${row.id} = {\n${members.join('')}  plans: ${plans},\n} as const satisfies OperationRow;\n`;
}

/** Source of generated/looks.ts, for the models of long lists. */
export function rowLooksSource(spec: Spec): string {
  const lists = operationsOf(spec).filter(({ operation }) => longLists.includes(operation.operationId));
  return looksSource(
    lists.map(({ operation }) => answerOf(operation, spec)),
    plansOf(spec),
  );
}

/** Source of generated/operations.ts: a constant per operation, so that bundles contain only those that are used. */
export function operationsSource(spec: Spec): string {
  const plans = plansOf(spec);
  const rows = operationsOf(spec).map(({ path, method, operation }) => rowOf({ path, method, operation }, spec));
  const models = new Map(
    rows.map((row) => [row.id, modelsBehind([...row.answer.split('|'), (row.body ?? '').replace('!', '')], plans)]),
  );
  const used = [...new Set([...models.values()].flat())].sort();
  const answers = rows.filter(({ id }) => longLists.includes(id)).map(({ answer }) => answer);
  const looks = modelsBehind(answers, plans).map(lookName);
  return `import { ${['type Look', ...looks].join(', ')} } from './looks.ts';
import { ${['type Plan', ...used].join(', ')} } from './plans.ts';

/** One operation of the API. */
export interface OperationRow {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  /** Whether the API key is required, optional, or never sent. */
  readonly auth: 'required' | 'optional' | 'none';
  /** What sending it twice would do. */
  readonly effect: 'read' | 'idempotent' | 'disruptive' | 'billable';
  /** Forms of the response by plan, joined by \`|\`; or \`none\`, \`bytes\`, \`log\`, \`any\`. */
  readonly answer: string;
  /** Plan of the request body, or of each of its items; \`!\` if a body is required. */
  readonly body?: string;
  /** All plans that the response and the body need. */
  readonly plans: Readonly<Record<string, Plan>>;
  /** What tells at a glance whether an object of a long list is as its plan says, by model. */
  readonly looks?: Readonly<Record<string, Look>>;
}

${rows.map((row) => rowSource(row, models.get(row.id) ?? [])).join('\n')}
/** Every operation of the API by its id. */
export const operations = {
${rows.map(({ id }) => `  ${id},\n`).join('')}} as const satisfies Readonly<Record<OperationId, OperationRow>>;

/** Name of an operation. */
export type OperationId =
${rows.map(({ id }) => `  | '${id}'`).join('\n')};
`;
}
