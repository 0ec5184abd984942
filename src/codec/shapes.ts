/** Keeps the shapes of decoded objects, so that later objects of the same shape are decoded faster. */
import type { Model } from './plan.ts';

/** Only objects with numbers in this range are checked for their shape, so that short lists cost nothing. */
const firstLooked = 2 ** 4;
const lastLooked = 2 ** 16;
const blanks: Readonly<Record<string, unknown>> = { string: '', bigint: '', boolean: false, object: null };

/** Longest field name that is kept with a shape. Unit: characters. */
const longestName = 64;

/** Whether a shape is small enough to be kept. The server decides its field names, so they could be many or long. */
function isKeepable(value: Record<string, unknown>, { fields }: Model): boolean {
  const names = Object.keys(value);
  return names.length <= 2 * fields.size && names.every(({ length }) => length <= longestName);
}

/** An object of the same shape without data. JSON.parse creates it, as it creates the objects of a response. */
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
