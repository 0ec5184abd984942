/** What an answer holds at the places that differ, in shapes. */
import type { FieldType } from '../../src/codec/plan.ts';
import { isRecord } from '../../src/codec/record.ts';
import { safeKey, shapeText } from './sanitise.ts';

/** One step down: a field, every item of a list, or every value of a map. */
export type Step = { readonly field: string } | 'items' | 'values';

/** Where something is, over all items of all lists on the way. */
export type Steps = readonly Step[];

/** One place, and what was found there. */
export interface Observation {
  readonly place: string;
  /** What came, by shape: how often. */
  readonly shapes: ReadonlyMap<string, number>;
}

const deepest = 8;
const deepestUnknown = 3;
const mostUnknown = 20;

/** Keys that a path may go on with, longest first, because a key may hold dots. */
function keysAt(rest: string, value: unknown, type: FieldType | undefined): string[] {
  const keys = [...(isRecord(value) ? Object.keys(value) : []), ...(type?.model?.fields.keys() ?? [])];
  const goesOn = (key: string) => rest.startsWith(key) && /^(?:$|[.[])/.test(rest.slice(key.length));
  return [...new Set(keys)]
    .filter((key) => key !== '' && goesOn(key))
    .sort((left, right) => right.length - left.length);
}

function follow(path: string, value: unknown, type: FieldType | undefined): Steps | undefined {
  if (path === '') return [];
  const index = /^\[(\d+)\]/.exec(path);
  if (index !== null && (Array.isArray(value) || type?.kind === 'list')) {
    const item: unknown = Array.isArray(value) ? value[Number(index[1])] : undefined;
    const more = follow(path.slice(index[0].length), item, type?.item);
    return more && ['items', ...more];
  }
  const rest = path.replace(/^\./, '');
  for (const key of keysAt(rest, value, type)) {
    const inside: unknown = isRecord(value) ? value[key] : undefined;
    const more = follow(rest.slice(key.length), inside, type?.model?.fields.get(key) ?? type?.item);
    if (more) return [type?.kind === 'map' ? 'values' : { field: key }, ...more];
  }
  return undefined;
}

/** The steps of a path that `onDrift` gave, such as `[3].gpus[0].model`; undefined when the answer has no such place. */
export function stepsOf(path: string, value: unknown, type: FieldType): Steps | undefined {
  return follow(path, value, type);
}

/** Every value at a place; undefined for each holder that has none. */
export function valuesAt(value: unknown, steps: Steps): unknown[] {
  const [step, ...rest] = steps;
  if (step === undefined) return [value];
  if (step === 'items') return Array.isArray(value) ? value.flatMap((item: unknown) => valuesAt(item, rest)) : [];
  if (!isRecord(value)) return [];
  if (step === 'values') return Object.values(value).flatMap((each) => valuesAt(each, rest));
  return valuesAt(Object.hasOwn(value, step.field) ? value[step.field] : undefined, rest);
}

/** A place for a report: `[].gpus[].model`. */
export function placeText(steps: Steps): string {
  const text = steps.map((step) => (step === 'items' ? '[]' : step === 'values' ? '{}' : `.${safeKey(step.field)}`));
  return text.join('').replace(/^\./, '') || 'the answer';
}

/** Counts the shapes of values. */
export function countShapes(values: readonly unknown[]): Map<string, number> {
  const shapes = new Map<string, number>();
  for (const value of values) {
    const shape = shapeText(value);
    shapes.set(shape, (shapes.get(shape) ?? 0) + 1);
  }
  return shapes;
}

function observe(values: readonly unknown[], steps: Steps): Observation {
  return { place: placeText(steps), shapes: countShapes(values.flatMap((value) => valuesAt(value, steps))) };
}

/** A place over several answers, and, as its fields are not promised either, what is inside of it. */
export function observeUnknown(answers: readonly unknown[], steps: Steps): Observation[] {
  const found: Observation[] = [];
  const visit = (at: Steps, depth: number) => {
    if (found.length >= mostUnknown) return;
    found.push(observe(answers, at));
    const values = answers.flatMap((answer) => valuesAt(answer, at));
    const keys = new Set(values.filter(isRecord).flatMap((value) => Object.keys(value)));
    if (depth === deepestUnknown) return;
    if (values.some(Array.isArray)) visit([...at, 'items'], depth + 1);
    // Keys that are no names of fields are those of a map.
    if ([...keys].some((key) => safeKey(key) !== key)) visit([...at, 'values'], depth + 1);
    else for (const key of [...keys].sort()) visit([...at, { field: key }], depth + 1);
  };
  visit(steps, 0);
  return found;
}

/** A place over several answers. */
export function observeAt(answers: readonly unknown[], steps: Steps): Observation {
  return observe(answers, steps);
}

/** Places for which the spec promises no type. */
export function untypedPlaces(type: FieldType, above: Steps = []): Steps[] {
  if (above.length > deepest) return [];
  if (type.kind === 'any') return [above];
  if (type.item !== undefined) return untypedPlaces(type.item, [...above, type.kind === 'list' ? 'items' : 'values']);
  const fields = [...(type.model?.fields ?? [])];
  return fields.flatMap(([field, inner]) => untypedPlaces(inner, [...above, { field }]));
}
