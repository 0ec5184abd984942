/** Checks of the values that the simulator receives, and their errors. */
import { isRecord } from '../codec/record.ts';
import { OctaConfigurationError } from '../errors/errors.ts';
import { unknownOption } from '../nearest.ts';

/** Returns what is allowed if the value is wrong; undefined if it is valid. */
export type Check = (value: unknown) => string | undefined;

/** Longest allowed time: a year. Unit: ms. */
const longestMs = 365 * 24 * 3_600_000;

function given(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 60));
  if (typeof value === 'bigint') return `${value}n`;
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

/** Throws the error for a wrong value. */
export function refuse(name: string, value: unknown, allowed: string): never {
  throw new OctaConfigurationError({ message: `${name} is ${given(value)}; allowed: ${allowed}` });
}

/** Throws OctaConfigurationError if a value is wrong. */
export function check(name: string, value: unknown, rule: Check): void {
  const allowed = rule(value);
  if (allowed !== undefined) refuse(name, value, allowed);
}

/** The rule of a field. Throws OctaConfigurationError if the field does not exist. */
export function ruleOf<Rule>(what: string, name: string, rules: Readonly<Record<string, Rule>>): Rule {
  const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
  if (rule !== undefined) return rule;
  throw new OctaConfigurationError({ message: unknownOption(name, Object.keys(rules), what) });
}

/** Throws OctaConfigurationError if a field of an object is wrong or unknown. */
export function checkFields(what: string, value: unknown, rules: Readonly<Record<string, Check>>): void {
  if (!isRecord(value)) refuse(what, value, 'an object');
  for (const [name, field] of Object.entries(value)) {
    const rule = ruleOf(what, name, rules);
    if (field !== undefined) check(`${what}.${name}`, field, rule);
  }
}

function rule(allowed: string, isAllowed: (value: unknown) => boolean): Check {
  return (value) => (isAllowed(value) ? undefined : allowed);
}

function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value);
}

function isNumberIn(value: unknown, least: number, most: number): boolean {
  return typeof value === 'number' && value >= least && value <= most;
}

export const aText = rule('a non-empty string', (value) => typeof value === 'string' && value !== '');
export const anyText = rule('a string', (value) => typeof value === 'string');
export const aTextOrNull = rule('a string or null', (value) => value === null || typeof value === 'string');
export const aBoolean = rule('true or false', (value) => typeof value === 'boolean');
export const onlyTrue = rule('true', (value) => value === true);
export const anObject = rule('an object', isRecord);
export const anything = rule('anything', () => true);
export const aFunction = rule('a function', (value) => typeof value === 'function');
export const someMs = rule('a number of milliseconds, from 0 to a year', (value) => isNumberIn(value, 0, longestMs));
export const aSeed = rule(
  'a string or a finite number',
  (value) => typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value)),
);
export const anAmount = rule(
  'an amount of Wei as a bigint, 0n or more',
  (value) => typeof value === 'bigint' && value >= 0n,
);
export const aSpeed = rule('a number from 0 to 1 000 000', (value) => isNumberIn(value, 0, 1_000_000));
export const aTime = rule('a time in Unix ms, a whole number from 0 to the year 9999', (value) => {
  return isWhole(value) && value >= 0 && value < 253_402_300_800_000;
});
export const aNumber = rule('a number, 0 or more', (value) => isNumberIn(value, 0, Number.MAX_VALUE));
export const aNumberOrNull = rule(
  'a number, 0 or more, or null',
  (value) => value === null || isNumberIn(value, 0, Number.MAX_VALUE),
);
export const aWholeNumber = rule('a whole number, 0 or more', (value) => isWhole(value) && value >= 0);
export const anId = rule('a whole number, 1 or more', (value) => isWhole(value) && value >= 1);
export const aBasePath = rule(
  'an empty string, or a path such as /api/octa without a slash at its end, query or fragment',
  (value) => typeof value === 'string' && /^(\/[^/?#\\\s]+)*$/.test(value),
);
export const aShare = rule('a share, from 0 to 1', (value) => isNumberIn(value, 0, 1));
export const aFewSessions = rule(
  'a whole number from 0 to 1000',
  (value) => isWhole(value) && value >= 0 && value <= 1000,
);
export const aPort = rule('a port, from 0 to 65535', (value) => isWhole(value) && value >= 0 && value <= 65_535);
export const aStatus = rule(
  'an HTTP status, from 200 to 599',
  (value) => isWhole(value) && value >= 200 && value <= 599,
);
export const times = rule(
  'a whole number, 1 or more, or Infinity',
  (value) => value === Number.POSITIVE_INFINITY || (isWhole(value) && value >= 1),
);

/** A list of ports. */
export function ports(value: unknown): string | undefined {
  const allowed = 'an array of ports, from 1 to 65535';
  if (!Array.isArray(value)) return allowed;
  const wrong = value.findIndex((each) => !isWhole(each) || each < 1 || each > 65_535);
  return wrong === -1 ? undefined : `${allowed}; entry ${wrong + 1} is ${given(value[wrong])}`;
}

function canBeHeader(name: string, text: unknown): boolean {
  try {
    return typeof text === 'string' && new Headers([[name, text]]).has(name);
  } catch {
    return false;
  }
}

/** Headers of a response. */
export function headers(value: unknown): string | undefined {
  const allowed = 'an object of header names and string values';
  if (!isRecord(value)) return allowed;
  const wrong = Object.entries(value).find(([name, text]) => !canBeHeader(name, text));
  return wrong === undefined ? undefined : `${allowed}; ${given(wrong[0])} is ${given(wrong[1])}`;
}

/** One of the known strings. */
export function oneOf(known: readonly string[]): Check {
  return rule(
    `one of ${known.map((each) => JSON.stringify(each)).join(', ')}`,
    (value) => typeof value === 'string' && known.includes(value),
  );
}
