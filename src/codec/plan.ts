/**
 * Plans as the generator writes them, and as the decoder runs them.
 *
 * A plan has a line for each type, which begins with the type text and goes on with the names of all fields of that type. A type text is a
 * kind in lower case or the name of another model, then any of `[]` (list of) and `{}` (map of), then `?` (null is a value of its own) or
 * `!` (always present).
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
 * How many declared fields an object has, if those of plain kinds hold what they promise; NaN if one does not, or is missing. Other kinds are
 * only counted.
 */
export type Look = (value: Readonly<Record<string, unknown>>) => number;

/** What one field is. */
export interface FieldType {
  /** Kind of scalar; `model`, `list` and `map` for what holds others. */
  readonly kind: string;
  readonly model: Model | undefined;
  readonly item: FieldType | undefined;
  readonly required: boolean;
  readonly nullable: boolean;
  /** The type as the drift report names it. */
  readonly text: string;
  /** What typeof says of a value that needs no work; empty when every value does. */
  readonly plain: string;
  /** Reads a scalar; absent for kinds that take any value. */
  readonly reader: Reader | undefined;
  /** Whether odd wire forms are expected. Otherwise what the reader has to turn into the kind is reported. */
  readonly loose: boolean;
}

/** A field of a model. */
export interface Field {
  readonly key: string;
  readonly type: FieldType;
}

/** What one model is. */
export interface Model {
  readonly fields: ReadonlyMap<string, FieldType>;
  readonly required: readonly Field[];
  /** Fields of kinds that always need work. */
  readonly busy: readonly Field[];
  /** Absent for models that are not in long lists. */
  readonly look: Look | undefined;
  /** Objects without data, of the shapes that were decoded. */
  readonly shapes: object[];
  /** How many objects were decoded. Unit: count. */
  seen: number;
}

const plainKinds = new Set(['string', 'number', 'boolean']);

/** Reads type text against the models of one set of plans; models are compiled when first met, and once. */
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
    // Every type has all of its fields, so that engines see one shape.
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
