/** Derives request and response bodies from the row of an operation. */
import type { OperationRow } from '../../generated/operations.ts';
import { compiler, type FieldType, fieldsOf, type PlanFields } from '../codec/plan.ts';
import type { BodyForm } from '../transport/types.ts';

const formsByRow = /* @__PURE__ */ new WeakMap<OperationRow, readonly FieldType[]>();

/** The types that a response may have, such as `StartResult[]` or `StartResult`. */
export function formsOf(row: OperationRow): readonly FieldType[] {
  const known = formsByRow.get(row);
  if (known !== undefined) return known;
  const forms = row.answer.split('|').map(compiler(row.plans, row.looks));
  formsByRow.set(row, forms);
  return forms;
}

/** How to read the response body of an operation. */
export function bodyFormOf({ answer }: OperationRow): BodyForm {
  if (answer === 'bytes' || answer === 'log') return 'bytes';
  if (answer === 'any') return 'json-or-nothing';
  return answer === 'none' ? 'text' : 'json';
}

/** The plan of an operation's request body, if it has one, and whether the body is required. */
export function bodyPlanOf({ body = '', plans }: OperationRow): {
  readonly plan: PlanFields | undefined;
  readonly required: boolean;
} {
  const plan = plans[body.replace('!', '')];
  return { plan: plan === undefined ? undefined : fieldsOf(plan), required: body.endsWith('!') };
}
