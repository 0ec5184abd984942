/** The row of an operation by its method and path, for calls that name no operation. */
import { type OperationRow, operations } from '../../generated/operations.ts';

let rows: ReadonlyMap<string, OperationRow> | undefined;

/**
 * The row for a method and a path of the spec. For others, which `client.api` lets through, nothing is known about the
 * effect, so nothing is ever repeated.
 */
export function rowAt(method: string, path: string): OperationRow {
  rows ??= new Map(Object.values<OperationRow>(operations).map((row) => [`${row.method} ${row.path}`, row]));
  const id = `${method} ${path}`;
  return rows.get(id) ?? { id, method, path, auth: 'optional', effect: 'disruptive', answer: 'any', plans: {} };
}
