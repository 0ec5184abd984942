/** Finds the row of an operation by method and path, for calls without an operation name. */
import { type OperationRow, operations } from '../../generated/operations.ts';

let rows: ReadonlyMap<string, OperationRow> | undefined;

/**
 * The row for a method and a path. `client.api` also accepts paths that are not in the spec. Their effect is unknown, so they are
 * never retried.
 */
export function rowAt(method: string, path: string): OperationRow {
  rows ??= new Map(Object.values<OperationRow>(operations).map((row) => [`${row.method} ${row.path}`, row]));
  const id = `${method} ${path}`;
  return rows.get(id) ?? { id, method, path, auth: 'optional', effect: 'disruptive', answer: 'any', plans: {} };
}
