/** Reads the arguments of commands, and throws {@link Misuse} for wrong ones. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { parseOcta } from '../index.ts';
import { didYouMean } from '../nearest.ts';

/** Wrong arguments. The message is one line that says what is allowed. */
export class Misuse extends Error {
  override readonly name = 'Misuse';
}

/** Why a command failed although it was used correctly. The message is one line. */
export class Failure extends Error {
  override readonly name = 'Failure';
}

/** Options by name, in the form of `node:util`. */
export type OptionTable = NonNullable<ParseArgsConfig['options']>;

/** The arguments that a command accepts. */
export interface Syntax {
  /** Name of the command. */
  readonly command: string;
  readonly options: OptionTable;
  /** Whether it accepts arguments that are not options. Default false. */
  readonly positionals?: boolean;
  /** Boolean options that may have a value, as in `--simulate=7`. Default: none. */
  readonly valued?: readonly string[];
  /** Examples of values by option, for the error if the value is missing. Default: none. */
  readonly examples?: Readonly<Record<string, string>>;
}

/** Options of every command. */
export const commonOptions = {
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies OptionTable;

/** Values of options by name. */
export type Values = Readonly<Record<string, unknown>>;

/** Which numbers an option accepts. */
export interface NumberRule {
  /** What is allowed, in words. */
  readonly allowed: string;
  readonly fits: (value: number) => boolean;
}

/** The arguments of a command line. */
export interface Arguments {
  readonly values: Values;
  readonly positionals: readonly string[];
  /** Arguments after `--`, which `positionals` also contains; undefined without `--`. */
  readonly rest: readonly string[] | undefined;
}

/** Whether one of these options is given before `--`. Needs no syntax, so it also works for wrong arguments. */
export function hasOption(given: readonly string[], ...names: readonly string[]): boolean {
  const end = given.indexOf('--');
  return (end === -1 ? given : given.slice(0, end)).some((each) => names.includes(each.replace(/^(--\w+)=.*/s, '$1')));
}

interface Lenient {
  options: OptionTable;
  allowPositionals: true;
  strict: false;
  tokens: true;
}
type Token = ReturnType<typeof parseArgs<Lenient>>['tokens'][number];

function dashed(name: string): string {
  return `--${name}`;
}

/** Whether a value looks like the next option. A negative number is a value. */
function looksLikeOption(value: string): boolean {
  return /^-./.test(value) && !/^-\.?\d/.test(value);
}

/** Whether an option takes a value, and only one. */
function takesOne(name: string, { options, valued = [] }: Syntax): boolean {
  const { type, multiple } = options[name] ?? {};
  return (type === 'string' && multiple !== true) || valued.includes(name);
}

/** The option that is given again, although it takes only one value; undefined if there is none. */
function repeatedIn(tokens: readonly Token[], syntax: Syntax): string | undefined {
  const names = tokens.flatMap((token) => (token.kind === 'option' && takesOne(token.name, syntax) ? token.name : []));
  return names.find((name, index) => names.indexOf(name) < index);
}

/** The value of an option in `valued` that is not written with `=`, if the next argument can only be meant as its value. */
function separateIn(tokens: readonly Token[], { valued = [] }: Syntax): string | undefined {
  const hasEnd = tokens.some(({ kind }) => kind === 'option-terminator');
  const found = tokens.flatMap((token, at) => {
    const before = tokens[at - 1];
    if (token.kind !== 'positional' || before?.kind !== 'option' || !valued.includes(before.name)) return [];
    const isValue = before.value === undefined && (hasEnd || /^\d+$/.test(token.value));
    return isValue ? `${JSON.stringify(token.value)}; write ${before.rawName}=${token.value}` : [];
  });
  return found[0];
}

/** What is wrong with one argument; undefined if nothing is. */
function problemWith(
  token: Token,
  { command, options, positionals, valued = [], examples = {} }: Syntax,
): string | undefined {
  const names = Object.keys(options);
  if (token.kind === 'positional' && positionals !== true) {
    const known = names.map(dashed).join(', ');
    return `unexpected argument ${JSON.stringify(token.value)}; ${command} accepts only options: ${known}`;
  }
  if (token.kind !== 'option') return undefined;
  const { name, rawName, value, inlineValue } = token;
  const option = Object.hasOwn(options, name) ? options[name] : undefined;
  if (option === undefined) {
    return `unknown option ${JSON.stringify(rawName)} for ${command}; ${didYouMean(name, names, dashed)}`;
  }
  if (option.type === 'boolean') {
    return value === undefined || valued.includes(name) ? undefined : `${rawName} does not take a value`;
  }
  const example = Object.hasOwn(examples, name) ? `, such as ${rawName} ${examples[name]}` : '';
  if (value === undefined) return `${rawName} needs a value${example}`;
  if (inlineValue === true || !looksLikeOption(value)) return undefined;
  return `${rawName} needs a value${example}; write one that begins with a dash as ${rawName}=VALUE`;
}

/** Reads the arguments of a command. Throws Misuse for the first wrong one. */
export function readArguments(given: readonly string[], syntax: Syntax): Arguments {
  const { values, positionals, tokens } = parseArgs({
    args: [...given],
    options: syntax.options,
    allowPositionals: true,
    // The errors of Node have several sentences, and suggest no spelling.
    strict: false,
    tokens: true,
  });
  const problem = tokens.map((token) => problemWith(token, syntax)).find((each) => each !== undefined);
  if (problem !== undefined) throw new Misuse(problem);
  const repeated = repeatedIn(tokens, syntax);
  if (repeated !== undefined) throw new Misuse(`${dashed(repeated)} is given more than once; it takes one value`);
  const separate = separateIn(tokens, syntax);
  if (separate !== undefined) throw new Misuse(`unexpected argument ${separate}`);
  const end = tokens.find(({ kind }) => kind === 'option-terminator')?.index;
  return { values, positionals, rest: end === undefined ? undefined : given.slice(end + 1) };
}

/** Reads the arguments of a command that accepts only options. Throws Misuse for the first wrong one. */
export function readOptions(given: readonly string[], syntax: Syntax): Values {
  return readArguments(given, syntax).values;
}

/** The text of an option; undefined if it was not given. Throws Misuse if it is blank. */
export function textOf(values: Values, name: string): string | undefined {
  const value = values[name];
  if (typeof value !== 'string') return undefined;
  if (value.trim() === '') throw new Misuse(`--${name} is empty`);
  return value.trim();
}

/** The texts of an option that can be repeated. Throws Misuse if one is blank. */
export function textsOf(values: Values, name: string): string[] {
  const all = values[name];
  if (!Array.isArray(all)) return [];
  return all.flatMap((value) => textOf({ [name]: value }, name) ?? []);
}

/** The number of an option, in plain digits; undefined if it was not given. Throws Misuse. */
export function numberOf(values: Values, name: string, { allowed, fits }: NumberRule): number | undefined {
  const text = textOf(values, name);
  if (text === undefined) return undefined;
  const value = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!fits(value)) throw new Misuse(`--${name} is ${JSON.stringify(text)}; allowed: ${allowed}`);
  return value;
}

export const wholeNumber: NumberRule = {
  allowed: 'a whole number, 0 or more',
  fits: (value) => Number.isSafeInteger(value),
};

export const portNumber: NumberRule = {
  allowed: 'a port, 0 to 65535; 0 is a free one',
  fits: (value) => Number.isInteger(value) && value <= 65_535,
};

export const positiveNumber: NumberRule = { allowed: 'a number above 0', fits: (value) => value > 0 };

/** The value of an option that is an amount of OCTA; undefined if it was not given. Unit: Wei. Throws Misuse, with an example. */
export function octaOf(values: Values, name: string, example: string): bigint | undefined {
  const text = textOf(values, name);
  if (text === undefined) return undefined;
  const wei = /^\d+(?:\.\d{1,18})?$/.test(text) ? parseOcta(text) : 0n;
  if (wei > 0n) return wei;
  throw new Misuse(
    `${dashed(name)} is ${JSON.stringify(text)}; allowed: an amount of OCTA above 0, such as ${example}`,
  );
}
