/**
 * Parsed values to what the plan promises. Every declared field ends up with its declared type or is left out; what had
 * to be changed, left out, or was not declared is reported, never thrown. Values are changed in place.
 */
import { isRounded, type ParsedJson, parseExact } from './json.ts';
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
  readonly path: (string | number)[];
  readonly report: ((drift: Drift, pattern: string) => void) | undefined;
  /** Gives back its digits to a number that was rounded. Throws `misaligned` when they are not next in the text. */
  readonly exact: (value: number) => bigint | number;
  /** Whether there are any digits to give back. */
  readonly rounded: boolean;
}

/** Thrown when values and digits do not pair up, which says nothing about the answer; see codec/json.ts. */
const misaligned = new Error('the order of the values is not that of the text');

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
  const drift = { path: pathText(run.path, (at) => `[${at}]`), expected, received };
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
  report(run, type.text, restore(value, run));
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

/** Keys that look like integers are not in the order of the text. */
function checkOrder(key: string, run: Run): void {
  if (!run.rounded) return;
  const first = key.charCodeAt(0);
  if (first >= 48 && first <= 57) throw misaligned;
}

/** Gives every rounded integer back its digits, however deep. */
function restore(value: unknown, run: Run): unknown {
  if (typeof value === 'number') return isRounded(value) ? run.exact(value) : value;
  if (!run.rounded || typeof value !== 'object' || value === null) return value;
  for (const [key, field] of Object.entries(value)) {
    if (!Array.isArray(value)) checkOrder(key, run);
    const exact = restore(field, run);
    // An own `__proto__` stays an own property: assignment finds it, and sets only that.
    if (exact !== field) Reflect.set(value, key, exact);
  }
  return value;
}

function decodeMap(value: Record<string, unknown>, type: FieldType, run: Run): Record<string, unknown> {
  const step = { type, run };
  for (const key of Object.keys(value)) {
    checkOrder(key, run);
    store(value, key, decodeAt(key, value[key], step));
  }
  return value;
}

function passThrough(value: Record<string, unknown>, key: string, run: Run): void {
  checkOrder(key, run);
  const field = restore(value[key], run);
  store(value, key, field);
  run.path.push(key);
  report(run, 'absent', field);
  run.path.pop();
}

function typeAt(position: number, key: string, model: Model): FieldType | undefined {
  const { lastKeys, lastTypes } = model;
  if (lastKeys[position] === key) return lastTypes[position];
  lastKeys[position] = key;
  lastTypes[position] = model.fields.get(key);
  return lastTypes[position];
}

/**
 * Keys whose values need more than a look; the bulk of any answer is text that is text, and numbers that are numbers.
 * Nothing but reading happens in the loop: engines are much slower at loops that might change what they walk over.
 */
function keysToDecode(value: Record<string, unknown>, model: Model): string[] {
  const keys: string[] = [];
  let position = 0;
  for (const key in value) {
    const field = value[key];
    const plain = typeAt(position++, key, model)?.plain;
    if (typeof field !== plain || (typeof field === 'number' && isRounded(field))) keys.push(key);
  }
  return keys;
}

/** Reports required fields that are not there, and puts in what stands in for them. */
function fillMissing(value: Record<string, unknown>, model: Model, run: Run): void {
  for (const key of model.required) {
    const type = model.fields.get(key);
    // JSON has no undefined, so this says that there is no such key.
    if (value[key] !== undefined || type === undefined) continue;
    run.path.push(key);
    store(value, key, mistyped(undefined, type, run));
    run.path.pop();
  }
}

function decodeModel(value: Record<string, unknown>, model: Model, run: Run): Record<string, unknown> {
  fillMissing(value, model, run);
  for (const key of keysToDecode(value, model)) {
    const type = model.fields.get(key);
    if (type === undefined) passThrough(value, key, run);
    else store(value, key, decodeAt(key, value[key], { type, run }));
  }
  return value;
}

function decodeScalar(value: unknown, type: FieldType, run: Run): unknown {
  const { kind } = type;
  const exact = restore(value, run);
  if (kind === 'any' || kind === 'log' || exact === undefined) return exact;
  const looseReader = loose[kind];
  if (looseReader !== undefined) {
    const read = looseReader(exact);
    return read === absent ? mistyped(exact, type, run) : read;
  }
  // A number with so many digits is still a number, and by contract only that.
  if (kind === 'number' && typeof exact === 'bigint') return Number(exact);
  if (typeof exact === type.plain) return exact;
  report(run, type.text, exact);
  const read = strict[kind]?.(exact) ?? absent;
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

function decodeWhole(value: unknown, forms: readonly FieldType[], run: Run): Omit<Decoded, 'drift'> {
  if (forms.some((form) => form.kind === 'any')) return { value: restore(value, run) };
  const list = forms.find((form) => form.kind === 'list');
  // Some servers write an empty list as null.
  if (value === null && list !== undefined) {
    report(run, list.text, null);
    return { value: [] };
  }
  const form = forms.find((each) => fits(value, each));
  if (form !== undefined) return { value: decodeHolder(value, form, run) };
  restore(value, run);
  const promised = forms.map((each) => each.text).join(' or ');
  return { value: undefined, mismatch: `${promised} was promised, but ${nameOf(value)} came` };
}

/** Decodes with what gives rounded numbers their digits. */
function decodeWith(
  exact: Run['exact'],
  value: unknown,
  request: { readonly forms: readonly FieldType[]; readonly watch: boolean; readonly rounded: boolean },
): Decoded {
  // The same difference in many items of a list is one entry.
  const found = new Map<string, Drift>();
  const note = (drift: Drift, pattern: string) => {
    if (!found.has(pattern)) found.set(pattern, drift);
  };
  const { forms, watch, rounded } = request;
  const decoded = decodeWhole(value, forms, { path: [], report: watch ? note : undefined, exact, rounded });
  return { ...decoded, drift: [...found.values()] };
}

/** Pairs rounded numbers with their digits in the order of the text. Throws `misaligned` when that does not come out. */
function decodeInOrder({ value, integers }: ParsedJson, forms: readonly FieldType[], watch: boolean): Decoded {
  let used = 0;
  const exact = (rounded: number): bigint => {
    const digits = integers[used++];
    if (digits === undefined || Number(digits) !== rounded) throw misaligned;
    return BigInt(digits);
  };
  const decoded = decodeWith(exact, value, { forms, watch, rounded: integers.length > 0 });
  if (used !== integers.length) throw misaligned;
  return decoded;
}

/** Decodes a whole answer. `forms` are the types it may have; `watch` says whether anyone wants to hear of drift. */
export function decode(json: ParsedJson, forms: readonly FieldType[], watch: boolean): Decoded {
  try {
    return decodeInOrder(json, forms, watch);
  } catch (error) {
    // A RangeError says that the values nest deeper than the stack; nothing there is left to be walked the other way.
    if (error !== misaligned && !(error instanceof RangeError)) throw error;
    // What is a number here is no integer in the text (`1e300`), and has no digits to be given back.
    return decodeWith((value) => value, parseExact(json.text), { forms, watch, rounded: false });
  }
}
