/** What may be shown of a value that is not ours. */
import { OctaError } from '../errors/errors.ts';

/** An array, or an object with nothing but fields. */
export function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  // Objects of another realm have another Object.prototype.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Methods that `JSON.stringify` and runtimes call to print an object. They may print data that is not in its fields. */
const showing = [
  'toJSON',
  Symbol.for('nodejs.util.inspect.custom'),
  Symbol.for('Deno.customInspect'),
  Symbol.for('Deno.privateCustomInspect'),
];

/** Whether an object shows its own fields and nothing else: plain data, or an error. Others may hold, and show, anything. */
export function isSafeKind(value: object): boolean {
  if (isPlain(value)) return !('toJSON' in value);
  return isError(value) && showing.every((name) => !(name in value)) && hasNoGetters(value);
}

/** Whether it is an error, also one of another realm, such as those of Node in a Jest environment. */
function isError(value: unknown): value is Error {
  return value instanceof Error || /^\[object (?:Error|DOMException)\]$/.test(Object.prototype.toString.call(value));
}

function hasNoGetters(error: object): boolean {
  // Some engines make `stack` one.
  return Object.entries(Object.getOwnPropertyDescriptors(error)).every(
    ([name, { get }]) => get === undefined || name === 'stack',
  );
}

/** Deepest chain of causes that is copied. Unit: count. */
const deepest = 8;

type CleanText = (text: string) => string;

function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return typeof value;
  }
}

/** Fields of system errors that tell what failed. */
const tellingFields = ['code', 'syscall', 'errno'] as const;

/** Whether an error of the SDK hides its cause, which may be anything. */
function hidesCause(error: Error): boolean {
  return error instanceof OctaError && Object.getOwnPropertyDescriptor(error, 'cause')?.get !== undefined;
}

/**
 * A copy of an error with what is known to be safe of it: name, message, code and causes that are not hidden. The text of anything else.
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
