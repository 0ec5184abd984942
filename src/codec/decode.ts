/**
 * Parsed values to what the plan promises. Every declared field ends up with its declared type or is left out; what had
 * to be changed, left out, or was not declared is reported, never thrown. Values are changed in place.
 */
import { type MarkedJson, unmark } from './json.ts';
import type { FieldType, Model } from './plan.ts';
import {
  absent,
  empty,
  readBoolean,
  readEnvs,
  readLooseNumber,
  readMbits,
  readPorts,
  readString,
  readTimestamp,
  readWei,
} from './scalars.ts';

/** One difference between an answer and what the API promises. */
export interface Drift {
  /** Where: `[3].gpus[0].model`. The first place, when the same difference occurs in several items of a list. */
  readonly path: string;
  /** The promised type; `absent` for a field that is not promised at all. */
  readonly expected: string;
  /** What came instead; undefined for a missing field. */
  readonly received: unknown;
}

/** What one decoding needs to know besides value and type. */
interface Run {
  readonly mark: string;
  readonly path: (string | number)[];
  readonly report: ((drift: Drift, pattern: string) => void) | undefined;
}

type Reader = (value: unknown) => unknown;

/** Kinds whose odd wire forms are expected, not drift. */
const loose: Readonly<Record<string, Reader>> = {
  wei: readWei,
  integer: readLooseNumber,
  'number-text': readLooseNumber,
  timestamp: readTimestamp,
  mbits: readMbits,
  ports: readPorts,
  envs: readEnvs,
};

/** Kinds that have one wire form; what can be turned into it without loss is taken, and reported. */
const strict: Readonly<Record<string, Reader>> = { string: readString, number: readLooseNumber, boolean: readBoolean };

function pathText(path: readonly (string | number)[], index: (at: number) => string): string {
  let text = '';
  for (const step of path) text += typeof step === 'number' ? index(step) : `${text === '' ? '' : '.'}${step}`;
  return text;
}

/** Reports a difference at the run's present place. */
function report(run: Run, expected: string, received: unknown): void {
  if (run.report === undefined) return;
  const drift = { path: pathText(run.path, (at) => `[${at}]`), expected, received: unmark(received, run.mark) };
  run.report(drift, `${pathText(run.path, () => '[]')} ${expected}`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What stands in for a value that is not what was promised. */
function replacement(type: FieldType): unknown {
  return type.required && (type.kind === 'list' || type.kind === 'ports') ? [] : absent;
}

function mistyped(value: unknown, type: FieldType, run: Run): unknown {
  report(run, type.text, value);
  return replacement(type);
}

function store(target: Record<string, unknown>, key: string, decoded: unknown): void {
  if (typeof decoded === 'symbol') delete target[key];
  else if (decoded !== target[key]) target[key] = decoded;
}

/** Decodes what stands at a key or an index of the present place. */
function decodeAt(
  key: string | number,
  value: unknown,
  step: { readonly type: FieldType; readonly run: Run },
): unknown {
  const { type, run } = step;
  run.path.push(key);
  const decoded = decodeField(value, type, run);
  run.path.pop();
  return decoded;
}

/** Items that cannot be what the list promises are dropped, so that the others stay usable. */
function decodeList(value: unknown[], type: FieldType, run: Run): unknown[] {
  const step = { type, run };
  let kept = 0;
  for (let index = 0; index < value.length; index++) {
    const decoded = decodeAt(index, value[index], step);
    if (typeof decoded !== 'symbol') value[kept++] = decoded;
  }
  value.length = kept;
  return value;
}

function decodeMap(value: Record<string, unknown>, type: FieldType, run: Run): Record<string, unknown> {
  const step = { type, run };
  for (const key of Object.keys(value)) store(value, key, decodeAt(key, value[key], step));
  return value;
}

function passThrough(value: Record<string, unknown>, key: string, run: Run): void {
  const field = value[key];
  run.path.push(key);
  report(run, 'absent', field);
  run.path.pop();
  if (run.mark !== '') store(value, key, unmark(field, run.mark));
}

function decodeModel(value: Record<string, unknown>, model: Model, run: Run): Record<string, unknown> {
  let found = 0;
  for (const key in value) {
    const type = model.fields.get(key);
    if (type === undefined) {
      passThrough(value, key, run);
      continue;
    }
    if (type.required) found++;
    const field = value[key];
    // The bulk of any answer: numbers that are numbers, and text that is text.
    if (type.kind === 'number' && typeof field === 'number') continue;
    if (type.kind === 'string' && typeof field === 'string' && (run.mark === '' || field[0] !== run.mark)) continue;
    store(value, key, decodeAt(key, field, { type, run }));
  }
  if (found < model.required.length) fillMissing(value, model, run);
  return value;
}

function fillMissing(value: Record<string, unknown>, model: Model, run: Run): void {
  for (const key of model.required) {
    const type = model.fields.get(key);
    // A field that was there and unusable has been reported already.
    if (type === undefined || key in value) continue;
    run.path.push(key);
    store(value, key, mistyped(undefined, type, run));
    run.path.pop();
  }
}

function decodeScalar(value: unknown, type: FieldType, run: Run): unknown {
  const { kind } = type;
  if (kind === 'any' || kind === 'log') return unmark(value, run.mark);
  const marked = run.mark !== '' && typeof value === 'string' && value[0] === run.mark;
  const plain = marked ? value.slice(1) : value;
  const looseReader = loose[kind];
  if (looseReader !== undefined) {
    const read = looseReader(kind === 'envs' || kind === 'ports' ? unmark(plain, run.mark, String) : plain);
    return read === absent ? mistyped(value, type, run) : read;
  }
  return decodeStrict(plain, { type, run, marked });
}

/** `marked` says that the text in `value` are the digits of a bare integer. */
function decodeStrict(
  value: unknown,
  state: { readonly type: FieldType; readonly run: Run; readonly marked: boolean },
): unknown {
  const { type, run, marked } = state;
  const { kind } = type;
  // A number with so many digits is still a number, and only that.
  if (marked && kind === 'number') return Number(value);
  // The kinds that get here bear the names that typeof gives.
  if (typeof value === kind && !marked) return value;
  report(run, type.text, marked ? BigInt(String(value)) : value);
  const read = marked && kind === 'string' ? value : (strict[kind]?.(value) ?? absent);
  return read === empty ? absent : read;
}

function decodeField(value: unknown, type: FieldType, run: Run): unknown {
  if (value === null && type.nullable) return null;
  if (type.model === undefined && type.item === undefined) return decodeScalar(value, type, run);
  return fits(value, type) ? decodeHolder(value, type, run) : mistyped(value, type, run);
}

function fits(value: unknown, { kind }: FieldType): boolean {
  return kind === 'list' ? Array.isArray(value) : isRecord(value);
}

/** Decodes what holds other values; whether it fits its type was checked before. */
function decodeHolder(value: unknown, { item, model }: FieldType, run: Run): unknown {
  if (item !== undefined && Array.isArray(value)) return decodeList(value, item, run);
  if (!isRecord(value)) return value;
  if (item !== undefined) return decodeMap(value, item, run);
  return model === undefined ? value : decodeModel(value, model, run);
}

/** What decoding gives: the value, or undefined with a reason when the answer as a whole is something else. */
export interface Decoded {
  readonly value: unknown;
  /** Set when the answer is not even a list, or an object, as promised. */
  readonly mismatch?: string;
  readonly drift: readonly Drift[];
}

function nameOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** Decodes a whole answer. `forms` are the types it may have; `watch` says whether anyone wants to hear of drift. */
export function decode({ value, mark }: MarkedJson, forms: readonly FieldType[], watch: boolean): Decoded {
  // The same difference in many items of a list is one entry.
  const found = new Map<string, Drift>();
  const note = (drift: Drift, pattern: string) => {
    if (!found.has(pattern)) found.set(pattern, drift);
  };
  const run: Run = { mark, path: [], report: watch ? note : undefined };
  const list = forms.find((form) => form.kind === 'list');
  if (forms.some((form) => form.kind === 'any')) return { value: unmark(value, mark), drift: [] };
  // Some servers write an empty list as null.
  if (value === null && list !== undefined) {
    report(run, list.text, null);
    return { value: [], drift: [...found.values()] };
  }
  const form = forms.find((each) => fits(value, each));
  if (form !== undefined) return { value: decodeHolder(value, form, run), drift: [...found.values()] };
  const promised = forms.map((each) => each.text).join(' or ');
  return { value: undefined, mismatch: `${promised} was promised, but ${nameOf(value)} came`, drift: [] };
}
