/** Decides which parts of foreign values, such as causes, are safe to show. */
import { OctaError } from '../errors/errors.ts';

/** Whether a value is an array or a plain object. */
export function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  // Objects of another realm have another Object.prototype.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Methods that `JSON.stringify` and runtimes call to print an object. They may print data that is not in the fields. */
const showing = [
  'toJSON',
  Symbol.for('nodejs.util.inspect.custom'),
  Symbol.for('Deno.customInspect'),
  Symbol.for('Deno.privateCustomInspect'),
];

/** Whether printing an object shows only its own fields: plain data or an error. Other objects may contain and show anything. */
export function isSafeKind(value: object): boolean {
  if (isPlain(value)) return !('toJSON' in value);
  return isError(value) && showing.every((name) => !(name in value)) && hasNoGetters(value);
}

/** Whether a value is an error, including one of another realm, such as Node's errors in a Jest environment. */
function isError(value: unknown): value is Error {
  return value instanceof Error || /^\[object (?:Error|DOMException)\]$/.test(Object.prototype.toString.call(value));
}

function hasNoGetters(error: object): boolean {
  // In some engines, `stack` is a getter.
  return Object.entries(Object.getOwnPropertyDescriptors(error)).every(
    ([name, { get }]) => get === undefined || name === 'stack',
  );
}

/** Maximum depth of the copied chain of causes. */
const deepest = 8;

type CleanText = (text: string) => string;

function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return typeof value;
  }
}

/** Fields of system errors that say what failed. */
const tellingFields = ['code', 'syscall', 'errno'] as const;

/** Whether an error of the SDK hides its cause because it may contain anything. */
function hidesCause(error: Error): boolean {
  return error instanceof OctaError && Object.getOwnPropertyDescriptor(error, 'cause')?.get !== undefined;
}

/**
 * Copies the safe parts of an error: name, message, code and causes that are not hidden. Any other value becomes text.
 */
export function safeCopy(given: unknown, clean: CleanText, depth = 0): unknown {
  if (!isError(given)) return clean(textOf(given));
  const name = clean(textOf(given.name));
  const copy = new Error(clean(textOf(given.message)));
  Object.defineProperty(copy, 'name', { value: name, configurable: true, writable: true });
  copy.stack = `${name}: ${copy.message}`;
  for (const field of tellingFields) {
    const value: unknown = Reflect.get(given, field);
    if (typeof value === 'number') Object.assign(copy, { [field]: value });
    if (typeof value === 'string') Object.assign(copy, { [field]: clean(value) });
  }
  if (depth >= deepest) return copy;
  if (!hidesCause(given) && given.cause !== undefined) {
    const value = safeCopy(given.cause, clean, depth + 1);
    Object.defineProperty(copy, 'cause', { value, configurable: true, writable: true });
  }
  const errors: unknown = Reflect.get(given, 'errors');
  if (Array.isArray(errors)) Object.assign(copy, { errors: errors.map((each) => safeCopy(each, clean, depth + 1)) });
  return copy;
}
