/** Finds the shapes of values at the places that differ. */
import type { FieldType } from '../../src/codec/plan.ts';
import { isRecord } from '../../src/codec/record.ts';
import { safeKey, shapeText } from './sanitise.ts';

/** One level down: a field, every item of a list, or every value of a map. */
export type Step = { readonly field: string } | 'items' | 'values';

/** A place, for all items of all lists on the way. */
export type Steps = readonly Step[];

/** One place, and the values found there. */
export interface Observation {
  readonly place: string;
  /** Number of values by shape. */
  readonly shapes: ReadonlyMap<string, number>;
}

const deepest = 8;
const deepestUnknown = 3;
const mostUnknown = 20;

/** Keys that may follow in a path, longest first, because a key may contain dots. */
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

/** The steps of a path from `onDrift`, such as `[3].gpus[0].model`; undefined if the response has no such place. */
export function stepsOf(path: string, value: unknown, type: FieldType): Steps | undefined {
  return follow(path, value, type);
}

/** Every value at a place; undefined for each object without it. */
function valuesAt(value: unknown, steps: Steps): unknown[] {
  const [step, ...rest] = steps;
  if (step === undefined) return [value];
  if (step === 'items') return Array.isArray(value) ? value.flatMap((item: unknown) => valuesAt(item, rest)) : [];
  if (!isRecord(value)) return [];
  if (step === 'values') return Object.values(value).flatMap((each) => valuesAt(each, rest));
  return valuesAt(Object.hasOwn(value, step.field) ? value[step.field] : undefined, rest);
}

/** A place for a report: `[].gpus[].model`. */
function placeText(steps: Steps): string {
  const text = steps.map((step) => (step === 'items' ? '[]' : step === 'values' ? '{}' : `.${safeKey(step.field)}`));
  return text.join('').replace(/^\./, '') || 'the answer';
}

/** Counts the shapes of values. */
function countShapes(values: readonly unknown[], names: boolean): Map<string, number> {
  const shapes = new Map<string, number>();
  for (const value of values) {
    const shape = shapeText(value, names);
    shapes.set(shape, (shapes.get(shape) ?? 0) + 1);
  }
  return shapes;
}

/** Collects places over several responses. */
export class Observer {
  readonly #answers: readonly unknown[];
  readonly #names: boolean;

  /** Whether to include keys inside unknown fields, which may be personal. */
  constructor(answers: readonly unknown[], names: boolean) {
    this.#answers = answers;
    this.#names = names;
  }

  /** One place. */
  at(steps: Steps): Observation {
    return { place: placeText(steps), shapes: countShapes(this.#valuesAt(steps), this.#names) };
  }

  /** An unknown place, with the items of its lists and, if names are included, its fields. */
  unknownAt(steps: Steps): Observation[] {
    const found: Observation[] = [];
    this.#visit(steps, 0, found);
    return found;
  }

  #valuesAt(steps: Steps): unknown[] {
    return this.#answers.flatMap((answer) => valuesAt(answer, steps));
  }

  #visit(at: Steps, depth: number, found: Observation[]): void {
    if (found.length >= mostUnknown) return;
    found.push(this.at(at));
    if (depth === deepestUnknown) return;
    for (const step of this.#stepsInto(this.#valuesAt(at))) this.#visit([...at, step], depth + 1, found);
  }

  #stepsInto(values: readonly unknown[]): Step[] {
    const items: Step[] = values.some(Array.isArray) ? ['items'] : [];
    if (!this.#names) return items;
    const keys = [...new Set(values.filter(isRecord).flatMap((value) => Object.keys(value)))].sort();
    // Keys that do not look like field names belong to a map.
    if (keys.some((key) => safeKey(key) !== key)) return [...items, 'values'];
    return [...items, ...keys.map((field) => ({ field }))];
  }
}

/** Places that have no type in the spec. */
export function untypedPlaces(type: FieldType, above: Steps = []): Steps[] {
  if (above.length > deepest) return [];
  if (type.kind === 'any') return [above];
  if (type.item !== undefined) return untypedPlaces(type.item, [...above, type.kind === 'list' ? 'items' : 'values']);
  const fields = [...(type.model?.fields ?? [])];
  return fields.flatMap(([field, inner]) => untypedPlaces(inner, [...above, { field }]));
}
