/** How decoded objects look, so that the next ones like them take less time. */
import type { Model } from './plan.ts';

/** Objects of a model before the first one, and after the last one, are not looked at for their shape: short lists are to cost nothing. */
const firstLooked = 2 ** 4;
const lastLooked = 2 ** 16;
const blanks: Readonly<Record<string, unknown>> = { string: '', bigint: '', boolean: false, object: null };

/** Longest field name that is kept with a shape. Unit: characters. */
const longestName = 64;

/** Whether a shape is small enough to be kept: its names are what the server says. */
function isKeepable(value: Record<string, unknown>, { fields }: Model): boolean {
  const names = Object.keys(value);
  return names.length <= 2 * fields.size && names.every(({ length }) => length <= longestName);
}

/** An object of the same shape with no values, made by JSON.parse as those of a response are. */
function blankOf(value: Record<string, unknown>): object {
  const blank = (key: string, field: unknown) => {
    if (key === '' && field === value) return field;
    return typeof field === 'number' ? (Number.isInteger(field) ? 0 : 0.5) : blanks[typeof field];
  };
  return JSON.parse(JSON.stringify(value, blank));
}

/**
 * Keeps the shapes of a model's objects. V8 drops a hidden class, and the code that it has optimised for it, when a garbage collection
 * finds no object of it; decoding the next long list would then take twice the time. Decoding changes hidden classes at first, so later
 * objects are looked at, too: the 16th, the 32nd, the 64th and so on.
 */
export function keepShape(value: Record<string, unknown>, model: Model): void {
  model.seen++;
  const isTurn = model.seen >= firstLooked && model.seen <= lastLooked && (model.seen & (model.seen - 1)) === 0;
  if (isTurn && isKeepable(value, model)) model.shapes.push(blankOf(value));
}

/** How many fields an object has. */
export function countOf(value: object): number {
  let count = 0;
  for (const _ in value) count++;
  return count;
}
