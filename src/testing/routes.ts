/** Finds the operation of a request. */
import { type OperationId, type OperationRow, operations } from '../../generated/operations.ts';

/** The operation of a request, with the parameters of its path. */
export interface Route {
  readonly operation: OperationId;
  readonly row: OperationRow;
  /** Values of the path's parameters, decoded. */
  readonly parameters: Readonly<Record<string, string>>;
}

interface Pattern {
  readonly operation: OperationId;
  readonly row: OperationRow;
  readonly segments: readonly string[];
}

function isOperationId(id: string): id is OperationId {
  return Object.hasOwn(operations, id);
}

const patterns: readonly Pattern[] = Object.keys(operations)
  .filter(isOperationId)
  .map((operation) => {
    const row = operations[operation];
    return { operation, row, segments: row.path.split('/') };
  });

/** Methods that older clients use on the path of an operation. */
const olderMethods: Partial<Record<OperationId, string>> = { stopSession: 'GET' };

const fixed = new Map<string, Route>();
const open = new Map<string, Pattern[]>();
for (const pattern of patterns) {
  const { operation, row, segments } = pattern;
  if (!row.path.includes('{')) {
    fixed.set(`${row.method} ${row.path}`, { operation, row, parameters: {} });
    continue;
  }
  for (const method of [row.method, olderMethods[operation] ?? row.method]) {
    const key = `${method} ${segments.length}`;
    const known = open.get(key) ?? [];
    if (!known.includes(pattern)) open.set(key, [...known, pattern]);
  }
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

function parametersOf(pattern: Pattern, segments: readonly string[]): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (const [index, expected] of pattern.segments.entries()) {
    const segment = segments[index] ?? '';
    if (!expected.startsWith('{')) {
      if (segment !== expected) return undefined;
      continue;
    }
    const value = decoded(segment);
    if (value === undefined || value === '') return undefined;
    parameters[expected.slice(1, -1)] = value;
  }
  return parameters;
}

/** The route of a method and a path without query; undefined if there is none. */
export function routeOf(method: string, path: string): Route | undefined {
  const known = fixed.get(`${method} ${path}`);
  if (known !== undefined) return known;
  const segments = path.split('/');
  for (const pattern of open.get(`${method} ${segments.length}`) ?? []) {
    const parameters = parametersOf(pattern, segments);
    if (parameters !== undefined) return { operation: pattern.operation, row: pattern.row, parameters };
  }
  return undefined;
}
