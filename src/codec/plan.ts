/**
 * Plans: the text that the generator writes, and the compiled form that the decoder uses.
 *
 * A plan has a line for each type. The line begins with the type text, followed by the names of all fields of that type. A type text is a
 * kind in lower case or the name of another model. Then come `[]` (list of) and `{}` (map of), any number of times, and at the end `?`
 * (null is a valid value) or `!` (always present).
 */

import { looseReaders, type Reader, strictReaders } from './scalars.ts';

/** Plan of every model by name. */
export type Plans = Readonly<Record<string, string>>;
/** Field types of one model, as text. */
export type PlanFields = Readonly<Record<string, string>>;

/** The lines of a plan: a type text, and the fields of that type. */
function linesOf(plan: string): (readonly [type: string, ...keys: string[]])[] {
  return plan
    .trim()
    .split('\n')
    .map((line) => line.split(' ') as [string, ...string[]]);
}

/** The fields of a plan. */
export function fieldsOf(plan: string): PlanFields {
  return Object.fromEntries(linesOf(plan).flatMap(([type, ...keys]) => keys.map((key) => [key, type])));
}

/**
 * The number of declared fields that an object has. NaN if a field of a plain kind is missing, or its value has the wrong type. Fields of
 * other kinds are only counted.
 */
export type Look = (value: Readonly<Record<string, unknown>>) => number;

/** The type of one field. */
export interface FieldType {
  /** Kind of scalar, or `model`, `list` or `map`. */
  readonly kind: string;
  readonly model: Model | undefined;
  readonly item: FieldType | undefined;
  readonly required: boolean;
  readonly nullable: boolean;
  /** The type as drift reports show it. */
  readonly text: string;
  /** The `typeof` of values that need no conversion; empty if all values need one. */
  readonly plain: string;
  /** Converts a scalar; undefined for kinds that allow any value. */
  readonly reader: Reader | undefined;
  /** Whether other forms, such as a number as text, are expected. Otherwise each conversion is reported. */
  readonly loose: boolean;
}

/** A field of a model. */
export interface Field {
  readonly key: string;
  readonly type: FieldType;
}

/** One model. */
export interface Model {
  readonly fields: ReadonlyMap<string, FieldType>;
  readonly required: readonly Field[];
  /** Fields of kinds that always need a conversion. */
  readonly busy: readonly Field[];
  /** Undefined for models that do not occur in long lists. */
  readonly look: Look | undefined;
  /** Objects without data that have the shapes of decoded objects. */
  readonly shapes: object[];
  /** How many objects were decoded. Unit: count. */
  seen: number;
}

const plainKinds = new Set(['string', 'number', 'boolean']);

/** Returns a function that compiles type texts of one set of plans. It compiles each model once, on first use. */
export function compiler(plans: Plans, looks: Readonly<Record<string, Look>> = {}): (text: string) => FieldType {
  const models = new Map<string, Model>();

  function model(name: string): Model | undefined {
    const known = models.get(name);
    const plan = plans[name];
    if (known !== undefined || plan === undefined) return known;
    const fields = new Map<string, FieldType>();
    const required: Field[] = [];
    const busy: Field[] = [];
    const look = looks[name];
    const compiled: Model = { fields, required, busy, look, shapes: [], seen: 0 };
    // Registered before its fields are read, because models may refer to themselves.
    models.set(name, compiled);
    for (const [text, ...keys] of linesOf(plan)) {
      const type = read(text);
      for (const key of keys) {
        fields.set(key, type);
        if (type.required) required.push({ key, type });
        if (type.plain === '') busy.push({ key, type });
      }
    }
    return compiled;
  }

  function read(text: string): FieldType {
    const bare = text.replace(/[!?]$/, '');
    const holds = bare.endsWith('[]') ? 'list' : bare.endsWith('{}') ? 'map' : undefined;
    const inner = holds === undefined ? model(bare) : undefined;
    // Set all fields for every type, so that engines see one shape.
    return {
      kind: holds ?? (inner === undefined ? bare : 'model'),
      model: inner,
      item: holds === undefined ? undefined : read(bare.slice(0, -2)),
      required: text.endsWith('!'),
      nullable: text.endsWith('?'),
      text: bare,
      plain: plainKinds.has(bare) ? bare : '',
      reader: looseReaders[bare] ?? strictReaders[bare],
      loose: bare in looseReaders,
    };
  }

  return read;
}
