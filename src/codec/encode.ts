/** Converts request bodies to text, with every digit of a bigint. */
import { OctaConfigurationError } from '../errors/errors.ts';
import { integerFromText } from './decimal.ts';
import type { PlanFields } from './plan.ts';
import { isPlainRecord } from './record.ts';

/** Whether JSON has the fields of a value, and not what its method `toJSON` returns. */
function isWrittenByFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'toJSON') !== 'function';
}

/** JSON text of a value. Like JSON.stringify, but a bigint is written as a bare integer. */
export function encodeJson(value: unknown): string | undefined {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return `[${Array.from(value, (item) => encodeJson(item) ?? 'null').join(',')}]`;
  if (!isWrittenByFields(value)) return JSON.stringify(value);
  const members: string[] = [];
  for (const [key, field] of Object.entries(value)) {
    const text = encodeJson(field);
    if (text !== undefined) members.push(`${JSON.stringify(key)}:${text}`);
  }
  return `{${members.join(',')}}`;
}

/** The kind of a value. Errors show only this, because the value may be a secret, such as that of an environment variable. */
function kindOf(value: unknown): string {
  if (value === null || value === undefined || (typeof value === 'number' && !Number.isFinite(value)))
    return String(value);
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function refuse(name: string, given: string, allowed: string): never {
  throw new OctaConfigurationError({ message: `${name} is ${given}; allowed: ${allowed}` });
}

/** The integer of an amount, which may be a bigint, a number or a string. */
function integerFromAmount(name: string, value: unknown): bigint {
  if (typeof value === 'bigint' && value >= 0n) return value;
  // Take the digits that the number is printed with: its exact binary value may have other digits.
  const digits = typeof value === 'number' && Number.isInteger(value) ? integerFromText(String(value)) : undefined;
  if (digits !== undefined && digits >= 0n) return digits;
  if (typeof value === 'string' && /^\s*\d+\s*$/.test(value)) return BigInt(value);
  const isObject = typeof value === 'object' || typeof value === 'function';
  const given = isObject ? kindOf(value) : typeof value === 'string' ? JSON.stringify(value) : String(value);
  return refuse(name, given, 'a whole number, 0 or more, as a bigint, a number or a string of digits');
}

/** Checks that a value has a type of a plan, such as `string{}`. A type without a check here, such as `any`, accepts every value. */
function checkType(name: string, value: unknown, type: string): void {
  const item = type.slice(0, -2);
  if (type.endsWith('[]')) {
    if (!Array.isArray(value)) refuse(name, kindOf(value), 'an array');
    for (const [index, each] of value.entries()) checkType(`${name}[${index}]`, each, item);
  } else if (type.endsWith('{}')) {
    if (!isPlainRecord(value)) refuse(name, kindOf(value), 'a plain object');
    for (const [key, each] of Object.entries(value)) if (each !== undefined) checkType(`${name}.${key}`, each, item);
  } else if (type === 'number') {
    if (typeof value !== 'bigint' && !Number.isFinite(value)) refuse(name, kindOf(value), 'a finite number');
  } else if (type === 'string' || type === 'boolean') {
    if (typeof value !== type) refuse(name, kindOf(value), type === 'string' ? 'a string' : 'true or false');
  }
}

function encodeItem(item: unknown, plan: PlanFields, where: string): unknown {
  if (!isWrittenByFields(item) || !isPlainRecord(item))
    refuse(where.replace(/\.$/, '') || 'the request body', kindOf(item), 'a plain object');
  const encoded: Record<string, unknown> = { ...item };
  for (const [key, type] of Object.entries(plan)) {
    const field = encoded[key];
    const name = where + key;
    if (type.endsWith('!') && (field === undefined || field === null)) {
      throw new OctaConfigurationError({ message: `${name} is missing` });
    }
    if (field === undefined) continue;
    if (type.startsWith('wei-input')) encoded[key] = integerFromAmount(name, field);
    else if (field !== null) checkType(name, field, type.replace(/[!?]$/, ''));
  }
  return encoded;
}

/**
 * Checks a request body against its plan, and returns it with its amounts as bigints. Required fields must be present, and every field of
 * the plan must have its type. Other fields are not checked.
 */
export function encodeBody(body: unknown, plan: PlanFields): unknown {
  if (!Array.isArray(body)) return encodeItem(body, plan, '');
  return body.map((item, index) => encodeItem(item, plan, body.length === 1 ? '' : `[${index}].`));
}
