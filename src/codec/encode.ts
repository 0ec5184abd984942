/** Converts request bodies to text, with every digit of a bigint. */
import { OctaConfigurationError } from '../errors/errors.ts';
import { integerFromText } from './decimal.ts';
import type { PlanFields } from './plan.ts';

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'toJSON') !== 'function';
}

/** JSON text of a value. Like JSON.stringify, but a bigint is written as a bare integer. */
export function encodeJson(value: unknown): string | undefined {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return `[${Array.from(value, (item) => encodeJson(item) ?? 'null').join(',')}]`;
  if (!isPlainObject(value)) return JSON.stringify(value);
  const members: string[] = [];
  for (const [key, field] of Object.entries(value)) {
    const text = encodeJson(field);
    if (text !== undefined) members.push(`${JSON.stringify(key)}:${text}`);
  }
  return `{${members.join(',')}}`;
}

function textOf(value: unknown): string {
  // String() throws for some objects, such as one without a prototype.
  return typeof value === 'object' && value !== null ? Object.prototype.toString.call(value) : String(value);
}

/** The integer of an amount, which may be a bigint, a number or a string. */
function integerFromAmount(name: string, value: unknown): bigint {
  if (typeof value === 'bigint' && value >= 0n) return value;
  // Take the digits that the number is printed with: its exact binary value may have other digits.
  const digits = typeof value === 'number' && Number.isInteger(value) ? integerFromText(String(value)) : undefined;
  if (digits !== undefined && digits >= 0n) return digits;
  if (typeof value === 'string' && /^\s*\d+\s*$/.test(value)) return BigInt(value);
  const given = typeof value === 'string' ? JSON.stringify(value) : textOf(value);
  const allowed = 'allowed: a whole number, 0 or more, as a bigint, a number or a string of digits';
  throw new OctaConfigurationError({ message: `${name} is ${given} (${typeof value}); ${allowed}` });
}

function encodeItem(item: unknown, plan: PlanFields, where: string): unknown {
  if (!isPlainObject(item) || Array.isArray(item)) {
    const what = where === '' ? 'the request body' : where.replace(/\.$/, '');
    throw new OctaConfigurationError({ message: `${what} is ${textOf(item)} (${typeof item}); allowed: an object` });
  }
  const encoded: Record<string, unknown> = { ...item };
  for (const [key, type] of Object.entries(plan)) {
    const field = encoded[key];
    if (type.endsWith('!') && (field === undefined || field === null)) {
      throw new OctaConfigurationError({ message: `${where}${key} is missing` });
    }
    if (type.startsWith('number') && typeof field === 'number' && !Number.isFinite(field)) {
      throw new OctaConfigurationError({ message: `${where}${key} is ${field}; allowed: a finite number` });
    }
    if (type.startsWith('wei-input') && field !== undefined) encoded[key] = integerFromAmount(`${where}${key}`, field);
  }
  return encoded;
}

/** Checks a request body against its plan: required fields must be present, and amounts must be exact integers. */
export function encodeBody(body: unknown, plan: PlanFields): unknown {
  if (!Array.isArray(body)) return encodeItem(body, plan, '');
  return body.map((item, index) => encodeItem(item, plan, body.length === 1 ? '' : `[${index}].`));
}
