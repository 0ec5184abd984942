/** Request bodies: parsed exactly, and checked against what the API requires. */

import { type OperationRow, operations } from '../../generated/operations.ts';
import { parseExact } from '../codec/json.ts';
import { fieldsOf } from '../codec/plan.ts';
import { isRecord } from '../codec/record.ts';
import { protocols, subkinds } from './vpn-config.ts';

/** The result of parsing a body. */
export type ParsedBody = { readonly value: unknown } | { readonly malformed: true };

/** Parses the text of a body. The value of a missing body is undefined. */
export function parseBody(text: string | undefined): ParsedBody {
  if (text === undefined || text === '') return { value: undefined };
  try {
    return { value: parseExact(text) };
  } catch {
    return { malformed: true };
  }
}

function isInteger(value: unknown): boolean {
  return typeof value === 'bigint' || Number.isSafeInteger(value);
}

function fits(value: unknown, type: string): boolean {
  if (type.endsWith('[]')) return Array.isArray(value) && value.every((each) => fits(each, type.slice(0, -2)));
  if (type.endsWith('{}'))
    return isRecord(value) && Object.values(value).every((each) => fits(each, type.slice(0, -2)));
  if (type === 'any') return true;
  // All numbers in requests are whole numbers.
  if (type === 'number') return Number.isSafeInteger(value);
  if (type === 'wei-input') return isInteger(value) && Number(value) >= 0;
  return typeof value === type;
}

/** Checks of values that have the right type. */
const limits: Readonly<Record<string, (value: unknown) => boolean>> = {
  disk_size: (value) => Number(value) >= 1,
  score: (value) => Number(value) >= 1 && Number(value) <= 5,
  subkind: (value) => subkinds.some((known) => known === value),
  protocol: (value) => protocols.some((known) => known === value),
  ports: (value) => Array.isArray(value) && value.every((port) => port >= 1 && port <= 65_535),
  http_ports: (value) => Array.isArray(value) && value.every((port) => port >= 1 && port <= 65_535),
};

function problemWithItem(item: unknown, plan: Readonly<Record<string, string>>): string | undefined {
  if (!isRecord(item)) return 'an object is required';
  for (const [key, text] of Object.entries(plan)) {
    const value = item[key];
    const required = text.endsWith('!');
    if (value === undefined || (value === null && !required)) {
      if (required) return `${key} is missing`;
      continue;
    }
    const type = required ? text.slice(0, -1) : text;
    if (!fits(value, type) || limits[key]?.(value) === false) return `${key} is invalid`;
  }
  return undefined;
}

/** Describes what is wrong with a body; undefined if it is valid. */
export function problemWithBody(id: keyof typeof operations, body: unknown): string | undefined {
  const { body: name, plans }: OperationRow = operations[id];
  if (name === undefined) return undefined;
  const required = name.endsWith('!');
  const plan = fieldsOf(plans[required ? name.slice(0, -1) : name] ?? '');
  if (body === undefined || body === null) return required ? 'a body is required' : undefined;
  if (!Array.isArray(body)) {
    // Older clients send a single item without an array and without an id.
    const { id: _, ...single } = plan;
    return problemWithItem(body, single);
  }
  if (id !== 'startMr' || body.length === 0) return 'an object is required';
  return body.map((item) => problemWithItem(item, plan)).find((problem) => problem !== undefined);
}
