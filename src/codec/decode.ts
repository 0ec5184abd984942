/**
 * Converts parsed values to the types of the plan. Afterwards, every declared field has its declared type, or is left out. Fields that
 * were changed, left out or not declared are reported; they never throw. Values are changed in place.
 */
import { exactScalar, type ParsedJson, parseExtremes, replaceScalars } from './json.ts';
import { leastMarked, type Marks, markedNumber } from './marks.ts';
import type { FieldType, Model } from './plan.ts';
import { isRecord } from './record.ts';
import { absent, empty } from './scalars.ts';
import { countOf, keepShape } from './shapes.ts';

/** One difference between a response and the description of the API. */
export interface Drift {
  /**
   * Path in the response, such as `[3].gpus[0].model`. If several items of a list have the same difference, the path in the first one. Names
   * of more than 200 characters are cut.
   */
  readonly path: string;
  /** The declared type; `absent` for a field that is not declared. */
  readonly expected: string;
  /** The received value; undefined for a missing field. */
  readonly received: unknown;
}

/** The state of one decoding. */
interface Run {
  readonly path: (string | number)[];
  /** Whether to collect differences. */
  readonly watch: boolean;
  /** The differences by path and type, without indices, so that the same difference in many items is reported once. */
  found: Map<string, Drift> | undefined;
  readonly marks: Marks | undefined;
  /** Whether a decoded number may originally have had a huge exponent, which JSON.parse lost. */
  isDoubtful: boolean;
}

/** Longer names are cut in paths. A name may have many fields below it, and each of their paths has the name. Unit: characters. */
const longestName = 200;

function nameText(name: string): string {
  return name.length > longestName ? `${name.slice(0, longestName)}…` : name;
}

function pathText(path: readonly (string | number)[], index: (at: number) => string): string {
  let text = '';
  for (const step of path)
    text += typeof step === 'number' ? index(step) : `${text === '' ? '' : '.'}${nameText(step)}`;
  return text;
}

/** Reports a difference at the current path. */
function report(run: Run, expected: string, received: unknown): void {
  if (!run.watch) return;
  const pattern = `${pathText(run.path, () => '[]')} ${expected}`;
  run.found ??= new Map();
  if (run.found.has(pattern)) return;
  run.found.set(pattern, { path: pathText(run.path, (at) => `[${at}]`), expected, received });
}

/** Empty lists that decoding has inserted for missing or wrong ones. */
const standIns = /* @__PURE__ */ new WeakSet<object>();

/** Whether decoding inserted this empty list because the API sent none. Such a list does not mean that there are no items. */
export function isStandIn(list: object): boolean {
  return standIns.has(list);
}

/** The replacement for a value of the wrong type: an empty list for a required list, otherwise nothing. */
function replacement(type: FieldType): unknown {
  if (!type.required || (type.kind !== 'list' && type.kind !== 'ports')) return absent;
  const list: unknown[] = [];
  standIns.add(list);
  return list;
}

/** Reports a value of the wrong type, without marks, and returns its replacement. A number that was restored can look like a mark. */
function mistyped(exact: unknown, type: FieldType, run: Run): unknown {
  report(run, type.text, exact);
  return replacement(type);
}

function store(target: Record<string, unknown>, key: string, decoded: unknown): void {
  if (typeof decoded === 'symbol') delete target[key];
  else target[key] = decoded;
}

/** Decodes the items of a list. Drops items of the wrong type, so that the others stay usable. */
function decodeList(value: unknown[], type: FieldType, run: Run): unknown[] {
  let kept = 0;
  for (let index = 0; index < value.length; index++) {
    const item = value[index];
    if (type.plain !== '' && isPlain(item, type)) {
      value[kept++] = item;
      continue;
    }
    run.path.push(index);
    const decoded = decodeField(item, type, run);
    run.path.pop();
    if (typeof decoded !== 'symbol') value[kept++] = decoded;
  }
  // Setting the length takes time even if it does not change.
  if (kept < value.length) value.length = kept;
  return value;
}

/** Whether a value already has its declared type and needs no conversion, such as a string that is declared as one. */
function isPlain(value: unknown, { plain }: FieldType): boolean {
  return typeof value === plain && (typeof value !== 'number' || Math.abs(value) < leastMarked);
}

/** Converts marks, and numbers beyond 2^53, to exact numbers, at any depth. */
function restore(value: unknown, { marks }: Run): unknown {
  if (typeof value !== 'object' || value === null) return exactScalar(marks, value);
  return replaceScalars(value, (scalar) => exactScalar(marks, scalar));
}

function decodeMap(value: Record<string, unknown>, type: FieldType, run: Run): Record<string, unknown> {
  for (const key of Object.keys(value)) decodeMember(value, key, type, run);
  return value;
}

// biome-ignore lint/complexity/useMaxParams: an object for them would be made for every field of an answer.
function decodeMember(holder: Record<string, unknown>, key: string, type: FieldType | undefined, run: Run): void {
  const value = holder[key];
  run.path.push(key);
  const decoded = type === undefined ? passThrough(value, run) : decodeField(value, type, run);
  run.path.pop();
  if (decoded !== value) store(holder, key, decoded);
}

function passThrough(value: unknown, run: Run): unknown {
  const exact = restore(value, run);
  report(run, 'absent', exact);
  return exact;
}

/** Reports missing required fields, and inserts their replacements. */
function fillMissing(value: Record<string, unknown>, model: Model, run: Run): void {
  for (const { key, type } of model.required) {
    // JSON has no undefined, so an undefined value means that the key is missing.
    if (value[key] !== undefined) continue;
    run.path.push(key);
    const stand = mistyped(undefined, type, run);
    run.path.pop();
    if (stand !== absent) value[key] = stand;
  }
}

/** Decodes the fields of an object that its model does not declare. */
function decodeUnknown(value: Record<string, unknown>, { fields }: Model, run: Run): void {
  for (const key of Object.keys(value)) if (!fields.has(key)) decodeMember(value, key, undefined, run);
}

/** Decodes the usual forms of a scalar, which are never reported. Returns a symbol for all other values. */
function decodeUsual(value: unknown, { reader, loose }: FieldType, { marks }: Run): unknown {
  if (!loose || reader === undefined) return absent;
  if (typeof value === 'string') return reader(value);
  if (typeof value !== 'number' || value === 0) return absent;
  if (Math.abs(value) < leastMarked) return reader(value);
  const marked = markedNumber(marks, value);
  return typeof marked === 'bigint' ? reader(marked) : absent;
}

/** Decodes the fields of kinds that always need a conversion. */
function decodeBusy(value: Record<string, unknown>, { busy }: Model, run: Run): void {
  for (const { key, type } of busy) {
    const field = value[key];
    if (field === undefined) continue;
    const usual = decodeUsual(field, type, run);
    if (typeof usual !== 'symbol') {
      value[key] = usual;
      continue;
    }
    run.path.push(key);
    const decoded = decodeField(field, type, run);
    run.path.pop();
    if (decoded !== field) store(value, key, decoded);
  }
}

function decodeModel(value: Record<string, unknown>, model: Model, run: Run): Record<string, unknown> {
  const known = model.look?.(value) ?? Number.NaN;
  if (Number.isNaN(known)) decodeClosely(value, model, run);
  else {
    if (known !== countOf(value)) decodeUnknown(value, model, run);
    decodeBusy(value, model, run);
  }
  keepShape(value, model);
  return value;
}

function decodeClosely(value: Record<string, unknown>, model: Model, run: Run): void {
  fillMissing(value, model, run);
  for (const key of Object.keys(value)) {
    const field = value[key];
    const type = model.fields.get(key);
    if (type === undefined || !isPlain(field, type)) decodeMember(value, key, type, run);
  }
}

/** Whether JSON.parse may have made this value from a number with a huge exponent. For most kinds, almost 0 is the same as 0. */
function isDoubtful(value: unknown, { kind, loose }: FieldType): boolean {
  return value === 0 ? kind === 'wei' || !loose : typeof value === 'number' && !Number.isFinite(value);
}

function decodeScalar(value: unknown, type: FieldType, run: Run): unknown {
  const { reader } = type;
  if (isDoubtful(value, type)) run.isDoubtful = true;
  if (reader === undefined || value === undefined) return restore(value, run);
  const marked = markedNumber(run.marks, value);
  // Unlike in a field that is not declared, a fraction stays text, so that it is not rounded and then read as an amount.
  const exact = marked ?? restore(value, run);
  if (type.loose) {
    const read = reader(exact);
    return read === absent || (read === empty && type.required) ? mistyped(exact, type, run) : read;
  }
  if (marked === undefined && typeof exact === type.plain) return exact;
  report(run, type.text, exact);
  return reader(exact);
}

function decodeField(value: unknown, type: FieldType, run: Run): unknown {
  if (value === null && type.nullable) return null;
  if (type.model === undefined && type.item === undefined) return decodeScalar(value, type, run);
  return fits(value, type) ? decodeHolder(value, type, run) : mistyped(restore(value, run), type, run);
}

function fits(value: unknown, { kind }: FieldType): boolean {
  return kind === 'list' ? Array.isArray(value) : isRecord(value);
}

/** Decodes a list, map or model. The caller has checked that the value fits the type. */
function decodeHolder(value: unknown, { item, model }: FieldType, run: Run): unknown {
  if (item !== undefined && Array.isArray(value)) return decodeList(value, item, run);
  if (!isRecord(value)) return value;
  if (item !== undefined) return decodeMap(value, item, run);
  return model === undefined ? value : decodeModel(value, model, run);
}

/** The result of decoding: the value or, if the response as a whole has the wrong type, undefined and a reason. */
export interface Decoded {
  readonly value: unknown;
  /** Set if the response is not even a list, or an object, as declared. */
  readonly mismatch?: string;
  readonly drift: readonly Drift[];
}

function nameOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'bigint') return 'a number';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function decodeWhole(value: unknown, forms: readonly FieldType[], run: Run): Decoded {
  const form = forms.find((each) => each.kind === 'any' || fits(value, each));
  if (form?.kind === 'any') return { value: restore(value, run), drift: noDrift };
  if (form !== undefined) return { value: decodeHolder(value, form, run), drift: driftOf(run) };
  const list = forms.find((each) => each.kind === 'list');
  // Some servers send null for an empty list.
  if (value === null && list !== undefined) {
    report(run, list.text, null);
    return { value: [], drift: driftOf(run) };
  }
  const promised = forms.map((each) => each.text).join(' or ');
  const mismatch = `expected ${promised}, but the response is ${nameOf(restore(value, run))}`;
  return { value: undefined, mismatch, drift: noDrift };
}

const noDrift: readonly Drift[] = [];

function driftOf({ found }: Run): readonly Drift[] {
  return found === undefined ? noDrift : [...found.values()];
}

/** Decodes a whole response. `forms` are the types that it may have; `watch` says whether to collect drift. */
export function decode(parsed: ParsedJson, forms: readonly FieldType[], watch: boolean): Decoded {
  const run: Run = { path: [], watch, found: undefined, marks: parsed.marks, isDoubtful: false };
  const decoded = decodeWhole(parsed.value, forms, run);
  const closer = run.isDoubtful ? parseExtremes(parsed) : undefined;
  if (closer === undefined) return decoded;
  const closerRun: Run = { path: [], watch, found: undefined, marks: closer.marks, isDoubtful: false };
  return decodeWhole(closer.value, forms, closerRun);
}
