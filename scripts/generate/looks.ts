/**
 * Looks as code: a function for each model of a long list, which tells at a glance whether an object is as its plan says. Reading fields by
 * name, one after another, is what engines do fastest; the plan is for whatever does not pass.
 */
import { modelsBehind, type Plans } from './plans.ts';

/** Operations whose answers are long enough for their models to be worth code of their own: each takes a tenth of a kilobyte or more. */
export const longLists = ['listMrMachines'];

/** The helper for a type text: capital letters for what has to be there. */
function helperOf(text: string): string {
  const kind = /^(string|number|boolean)[!?]?$/.exec(text)?.[1] ?? 'other';
  const helper = { string: 's', number: 'n', boolean: 'b', other: 'o' }[kind] ?? 'o';
  return text.endsWith('!') ? helper.toUpperCase() : helper;
}

/** Name of the look of a model. */
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
 * How many declared fields an object has, if those of plain kinds hold what they promise; NaN if one does not, or is missing. Other kinds are
 * only counted.
 */
export type Look = (value: Readonly<Record<string, unknown>>) => number;

// One for each kind: string, number, boolean, others; in capitals for fields that have to be there. Null fails: it needs a closer look.
const s = (field: unknown): number => (field === undefined ? 0 : S(field));
// Strings that begin with DEL may stand for a number.
const S = (field: unknown): number => (typeof field === 'string' && field.charCodeAt(0) !== 127 ? 1 : Number.NaN);
const n = (field: unknown): number => (field === undefined ? 0 : N(field));
const N = (field: unknown): number => (typeof field === 'number' && Number.isFinite(field) ? 1 : Number.NaN);
const b = (field: unknown): number => (field === undefined ? 0 : B(field));
const B = (field: unknown): number => (typeof field === 'boolean' ? 1 : Number.NaN);
const o = (field: unknown): number => (field === undefined ? 0 : 1);
const O = (field: unknown): number => (field === undefined ? Number.NaN : 1);

${looks.join('\n')}`;
}
