/** What the text of a number says, to the last digit. */

/** Integers with fewer digits fit a double whatever they are. */
export const longDigits = 16;
/** More digits than any amount has. BigInt takes time that grows with their square. */
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
 * The exact integer that the text of a number stands for, with or without an exponent; undefined for fractions, for anything else,
 * and for integers of more than 100 digits.
 */
export function integerFromText(text: string): bigint | undefined {
  const decimal = decimalFromText(text);
  if (decimal === undefined) return undefined;
  const { sign, digits, power } = decimal;
  if (digits === '') return 0n;
  // As the last digit is not 0, a negative power leaves a fraction.
  if (power < 0 || digits.length + power > mostDigits) return undefined;
  return BigInt(`${sign}${digits}${'0'.repeat(power)}`);
}

/** What is in front of the point of a fraction so large that a double shows nothing behind it; undefined for all other texts. */
export function wholePartFromText(text: string): bigint | undefined {
  const decimal = decimalFromText(text);
  if (decimal === undefined) return undefined;
  const { sign, digits, power } = decimal;
  const length = digits.length + power;
  const isFraction = power < 0 && length >= longDigits && length <= mostDigits;
  return isFraction ? BigInt(sign + digits.slice(0, length)) : undefined;
}
