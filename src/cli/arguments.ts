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

/** Reads the options of a command. Throws Misuse, naming what is allowed. */
export function readOptions(given: readonly string[], options: OptionTable): Values {
  try {
    return parseArgs({ args: [...given], options }).values;
  } catch (cause) {
    // Node adds advice in further sentences that does not fit here.
    const [problem = ''] = (cause instanceof Error ? cause.message : String(cause)).split(/\. |\n/);
    const allowed = Object.keys(options).map((name) => `--${name}`);
    throw new Misuse(`${problem.replace(/\.$/, '')}; allowed: ${allowed.join(', ')}`, { cause });
  }
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
