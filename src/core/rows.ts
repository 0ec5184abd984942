/** Looks things up in the generated rows. */
import { type OperationId, type OperationRow, operations as rows } from '../../generated/operations.ts';
import { plans } from '../../generated/plans.ts';
import { compiler, type FieldType, type PlanText } from '../codec/plan.ts';
import type { BodyForm } from '../transport/types.ts';

/** An operation with its name. */
export interface NamedRow {
  readonly operation: string;
  readonly row: OperationRow;
}

const fieldType = compiler(plans);
const formsByText = new Map<string, readonly FieldType[]>();

/** The forms that an answer may have, such as `StartResult[]` or `StartResult`. */
export function formsOf({ answer }: OperationRow): readonly FieldType[] {
  const known = formsByText.get(answer);
  if (known !== undefined) return known;
  const forms = answer.split('|').map(fieldType);
  formsByText.set(answer, forms);
  return forms;
}

/** How the body of an operation's answer is read. */
export function bodyFormOf({ answer }: OperationRow): BodyForm {
  if (answer === 'bytes' || answer === 'log') return 'bytes';
  if (answer === 'any') return 'json-or-nothing';
  return answer === 'none' ? 'text' : 'json';
}

/** The plan of an operation's request body, if it has one, and whether there must be a body. */
export function bodyPlanOf({ body = '' }: OperationRow): {
  readonly plan: PlanText | undefined;
  readonly required: boolean;
} {
  return { plan: plans[body.replace('!', '')], required: body.endsWith('!') };
}

/** The row of an operation. */
export function rowOf(operation: OperationId): OperationRow {
  return rows[operation];
}

let rowsByPath: ReadonlyMap<string, NamedRow> | undefined;

/**
 * The row for a method and a path of the spec. For others, which `client.api` lets through, nothing is known about the
 * effect, so nothing is ever repeated.
 */
export function rowAt(method: string, path: string): NamedRow {
  rowsByPath ??= new Map(
    Object.entries<OperationRow>(rows).map(([operation, row]) => [`${row.method} ${row.path}`, { operation, row }]),
  );
  const place = `${method} ${path}`;
  return (
    rowsByPath.get(place) ?? {
      operation: place,
      row: { method, path, auth: 'optional', effect: 'disruptive', answer: 'any' },
    }
  );
}
