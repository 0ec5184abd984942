/**
 * Generates a function for each model of a long list, which checks quickly whether an object matches its plan. Engines read fields by name
 * faster than in any other way. The decoder uses the plan for objects that do not pass.
 */
import { modelsBehind, type Plans } from './plans.ts';

/** Operations with long responses. Only their models get such functions, because each function adds 0.1 kB or more to a bundle. */
export const longLists = ['listMrMachines'];

/** The helper for a type text: a capital letter for required fields. */
function helperOf(text: string): string {
  const kind = /^(string|number|boolean)[!?]?$/.exec(text)?.[1] ?? 'other';
  const helper = { string: 's', number: 'n', boolean: 'b', other: 'o' }[kind] ?? 'o';
  return text.endsWith('!') ? helper.toUpperCase() : helper;
}

/** Name of the function for a model. */
export function lookName(model: string): string {
  return `look${model}`;
}

function lookSource(model: string, fields: Readonly<Record<string, string>>): string {
  const terms = Object.entries(fields).map(([key, text]) => {
    const helper = helperOf(text);
    return `${helper}(v.${key})`;
  });
  return `export const ${lookName(model)}: Look = (v) =>\n  ${terms.join(' +\n  ')};\n`;
}

/** Source of generated/looks.ts. */
export function looksSource(answers: readonly string[], plans: Plans): string {
  const looks = modelsBehind(answers, plans).map((model) => lookSource(model, plans[model] ?? {}));
  return `/**
 * The number of declared fields that an object has. NaN if a field of a plain kind is missing, or its value has the wrong type. Fields of
 * other kinds are only counted.
 */
export type Look = (value: Readonly<Record<string, unknown>>) => number;

// One helper for each kind: string, number, boolean, others; capital letters for required fields. Null counts as a wrong type.
const s = (field: unknown): number => (field === undefined ? 0 : S(field));
const S = (field: unknown): number => (typeof field === 'string' ? 1 : Number.NaN);
const n = (field: unknown): number => (field === undefined ? 0 : N(field));
// A number from this size on may be a mark, which stands for another number.
const N = (field: unknown): number => (typeof field === 'number' && Math.abs(field) < 9_000_000_000_000_000 ? 1 : Number.NaN);
const b = (field: unknown): number => (field === undefined ? 0 : B(field));
const B = (field: unknown): number => (typeof field === 'boolean' ? 1 : Number.NaN);
const o = (field: unknown): number => (field === undefined ? 0 : 1);
const O = (field: unknown): number => (field === undefined ? Number.NaN : 1);

${looks.join('\n')}`;
}
