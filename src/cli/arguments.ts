/** Arguments of commands, and what is said when they are wrong. */
import { type ParseArgsConfig, parseArgs } from 'node:util';

/** Wrong arguments; the message says what is allowed. */
export class Misuse extends Error {}

/** Options by name, as `node:util` wants them. */
export type OptionTable = NonNullable<ParseArgsConfig['options']>;

/** Values of options by name. */
export type Values = Readonly<Record<string, unknown>>;

/** Numbers that an option takes. */
export interface NumberRule {
  /** What is allowed, in words. */
  readonly allowed: string;
  readonly fits: (value: number) => boolean;
}

/** What was given: options, and what stands between them. */
export interface Arguments {
  readonly values: Values;
  readonly positionals: readonly string[];
}

/** Numbers below zero joined to their option, because Node takes everything with a dash for an option. */
function withNumbersJoined(given: readonly string[], options: OptionTable): string[] {
  const joined: string[] = [];
  for (const argument of given) {
    const before = joined.at(-1) ?? '';
    const takesText = before.startsWith('--') && options[before.slice(2)]?.type === 'string';
    if (takesText && /^-\.?\d/.test(argument)) joined.splice(-1, 1, `${before}=${argument}`);
    else joined.push(argument);
  }
  return joined;
}

function problemIn(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  const unclear = message.includes("' argument is ambiguous") ? /--[\w-]+/.exec(message)?.[0] : undefined;
  if (unclear !== undefined)
    return `${unclear} needs a value; one that begins with a dash is written ${unclear}=-VALUE`;
  // Node adds advice in further sentences that does not fit here.
  const [problem = ''] = message.split(/\. |\n/);
  return problem.replace(/\.$/, '');
}

/** Reads the arguments of a command. Throws Misuse, naming what is allowed. */
export function readArguments(given: readonly string[], options: OptionTable, allowPositionals: boolean): Arguments {
  try {
    return parseArgs({ args: withNumbersJoined(given, options), options, allowPositionals });
  } catch (cause) {
    const allowed = Object.keys(options).map((name) => `--${name}`);
    throw new Misuse(`${problemIn(cause)}; allowed: ${allowed.join(', ')}`, { cause });
  }
}

/** Reads the arguments of a command that takes options only. Throws Misuse, naming what is allowed. */
export function readOptions(given: readonly string[], options: OptionTable): Values {
  return readArguments(given, options, false).values;
}

/** The text of an option; undefined when it was not given. Throws Misuse for blanks. */
export function textOf(values: Values, name: string): string | undefined {
  const value = values[name];
  if (typeof value !== 'string') return undefined;
  if (value.trim() === '') throw new Misuse(`--${name} is empty`);
  return value.trim();
}

/** The number of an option, in plain digits; undefined when it was not given. Throws Misuse. */
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
