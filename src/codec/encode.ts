/** Request bodies to text, with the digits of bigints exactly as they are. */
import { OctaConfigurationError } from '../errors/errors.ts';
import type { PlanText } from './plan.ts';

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'toJSON') !== 'function';
}

/** JSON text of a value. Like JSON.stringify, but a bigint is written as a bare integer. */
export function encodeJson(value: unknown): string | undefined {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return `[${value.map((item) => encodeJson(item) ?? 'null').join(',')}]`;
  if (!isPlainObject(value)) return JSON.stringify(value);
  const members: string[] = [];
  for (const [key, field] of Object.entries(value)) {
    const text = encodeJson(field);
    if (text !== undefined) members.push(`${JSON.stringify(key)}:${text}`);
  }
  return `{${members.join(',')}}`;
}

/** The integer that an amount says, whichever of the three forms it has. */
function integerFromAmount(name: string, value: unknown): bigint {
  if (typeof value === 'bigint' && value >= 0n) return value;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return BigInt(value);
  if (typeof value === 'string' && /^\d+$/.test(value.trim())) return BigInt(value.trim());
  const given = typeof value === 'string' ? JSON.stringify(value) : String(value);
  const message = `${name} is ${given} (${typeof value}): a whole amount of 0 or more is needed, as a bigint, an integer number or a string of decimal digits`;
  throw new OctaConfigurationError({ message });
}

function encodeItem(item: unknown, plan: PlanText, where: string): unknown {
  if (!isPlainObject(item)) return item;
  const encoded: Record<string, unknown> = { ...item };
  for (const [key, type] of Object.entries(plan)) {
    const field = encoded[key];
    if (type.endsWith('!') && (field === undefined || field === null)) {
      throw new OctaConfigurationError({ message: `${where}${key} is missing` });
    }
    if (type.startsWith('wei-input') && field !== undefined) encoded[key] = integerFromAmount(`${where}${key}`, field);
  }
  return encoded;
}

/** Checks a request body against its plan: what is required is there, and amounts are exact integers. */
export function encodeBody(body: unknown, plan: PlanText): unknown {
  if (!Array.isArray(body)) return encodeItem(body, plan, '');
  return body.map((item, index) => encodeItem(item, plan, body.length === 1 ? '' : `[${index}].`));
}
