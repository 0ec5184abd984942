/** Reads the text of numbers exactly. */

/** Every integer with fewer digits than this fits into a double. */
export const longDigits = 16;
/** Maximum number of digits; no amount has more. The time of BigInt grows with the square of it. */
export const mostDigits = 100;
const zero = 48;

/** Whether a number is so large that its digits may be lost. */
export function isRounded(value: number): boolean {
  return value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER;
}

/** A number as `digits` times a power of ten; its digits neither begin nor end with 0. */
interface Decimal {
  readonly sign: string;
  readonly digits: string;
  readonly power: number;
}

function decimalFromText(text: string): Decimal | undefined {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const written = whole + fraction;
  let start = 0;
  while (written.charCodeAt(start) === zero) start++;
  let end = written.length;
  while (end > start && written.charCodeAt(end - 1) === zero) end--;
  const power = Number(exponent) - fraction.length + (written.length - end);
  return { sign, digits: written.slice(start, end), power };
}

/**
 * The exact integer in the text of a number, with or without an exponent. Undefined for fractions, integers of more than 100 digits, and
 * text that is not a number.
 */
export function integerFromText(text: string): bigint | undefined {
  const decimal = decimalFromText(text);
  if (decimal === undefined) return undefined;
  const { sign, digits, power } = decimal;
  if (digits === '') return 0n;
  // The last digit is not 0, so a negative power means a fraction.
  if (power < 0 || digits.length + power > mostDigits) return undefined;
  return BigInt(`${sign}${digits}${'0'.repeat(power)}`);
}

/** The whole part of a fraction that is so large that a double cannot store its decimals; undefined for all other texts. */
export function wholePartFromText(text: string): bigint | undefined {
  const decimal = decimalFromText(text);
  if (decimal === undefined) return undefined;
  const { sign, digits, power } = decimal;
  const length = digits.length + power;
  const isFraction = power < 0 && length >= longDigits && length <= mostDigits;
  return isFraction ? BigInt(sign + digits.slice(0, length)) : undefined;
}
