/** Exact amounts: OCTA and Wei by integer arithmetic alone. 1 OCTA is 10^18 Wei. */
import { OctaConfigurationError } from './errors/errors.ts';

const decimals = 18;
const weiPerOcta = 1_000_000_000_000_000_000n;

function refuse(needed: string, given: unknown): never {
  const shown = ['string', 'number', 'bigint'].includes(typeof given)
    ? `the ${typeof given} ${typeof given === 'string' ? JSON.stringify(given) : String(given)}`
    : `of type ${typeof given}`;
  throw new OctaConfigurationError({ message: `${needed}, but is ${given === null ? 'null' : shown}` });
}

function isWholeNumber(value: unknown, from: number, to: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to;
}

/** `value / divisor`, rounded half away from zero; both must be positive or zero. */
function divideHalfUp(value: bigint, divisor: bigint): bigint {
  return (value + divisor / 2n) / divisor;
}

/**
 * Writes Wei as OCTA, exactly: `formatOcta(1500000000000000000n)` is `'1.5'`.
 *
 * @param wei Amount in Wei.
 * @param digits Digits after the point, 0 to 18; rounds half up (away from zero). Left out: as many as there are.
 * @throws OctaConfigurationError when `wei` is no bigint or `digits` is out of range.
 */
export function formatOcta(wei: bigint, digits?: number): string {
  if (typeof wei !== 'bigint') refuse('wei must be a bigint, such as 1500000000000000000n', wei);
  if (digits !== undefined && !isWholeNumber(digits, 0, decimals))
    refuse('digits must be a whole number from 0 to 18', digits);
  const kept = digits ?? decimals;
  const scaled = divideHalfUp(wei < 0n ? -wei : wei, 10n ** BigInt(decimals - kept));
  const text = scaled.toString().padStart(kept + 1, '0');
  const whole = text.slice(0, text.length - kept);
  const behind = text.slice(text.length - kept);
  const fraction = digits === undefined ? (/^\d*[1-9]/.exec(behind)?.[0] ?? '') : behind;
  const sign = wei < 0n && scaled > 0n ? '-' : '';
  return fraction === '' ? `${sign}${whole}` : `${sign}${whole}.${fraction}`;
}

/**
 * Reads an amount of OCTA as Wei, exactly: `parseOcta('1.5')` is `1500000000000000000n`.
 *
 * @param octa Decimal text such as `'0.1'`, with at most 18 digits after the point; no exponent, no separators.
 * @throws OctaConfigurationError when the text is something else.
 */
export function parseOcta(octa: string): bigint {
  const match = typeof octa === 'string' ? /^([+-]?)(\d+)(?:\.(\d{1,18}))?$/.exec(octa.trim()) : null;
  if (match === null) {
    refuse("octa must be a decimal string, such as '1.5', with at most 18 digits after the point", octa);
  }
  const [, sign, whole = '', fraction = ''] = match;
  const wei = BigInt(whole + fraction.padEnd(decimals, '0'));
  return sign === '-' ? -wei : wei;
}

/**
 * What an amount is worth, for display.
 *
 * @param wei Amount in Wei.
 * @param marketPrice USD per OCTA, as in `network.get()`.market_price.
 * @returns USD, as a rounded `number`; do not calculate on with it.
 * @throws OctaConfigurationError unless both are numbers of their kind, and the result is finite.
 */
export function weiToUsd(wei: bigint, marketPrice: number): number {
  if (typeof marketPrice !== 'number' || !Number.isFinite(marketPrice))
    refuse('marketPrice must be a finite number', marketPrice);
  if (typeof wei !== 'bigint') refuse('wei must be a bigint', wei);
  const whole = wei / weiPerOcta;
  const usd = (Number(whole) + Number(wei - whole * weiPerOcta) / 1e18) * marketPrice;
  if (!Number.isFinite(usd)) refuse('the value in USD must fit into a number', usd);
  return usd;
}

/**
 * USD of a scaled price such as `base_usd`, which counts 1/10 000 USD: `fromScaledUsd(3400)` is `0.34`.
 *
 * @throws OctaConfigurationError unless it is a finite number.
 */
export function fromScaledUsd(scaled: number): number {
  if (typeof scaled !== 'number' || !Number.isFinite(scaled)) refuse('scaled must be a finite number', scaled);
  return scaled / 10_000;
}

/**
 * JSON text of anything the SDK returned. `JSON.stringify` alone refuses bigints; here they become decimal strings.
 *
 * @param value What to write.
 * @param space Indentation, as in `JSON.stringify`.
 * @throws OctaConfigurationError for a value that contains itself or nests too deeply, or whose `toJSON` throws.
 */
export function toJson(value: unknown, space?: number | string): string {
  // Some programs give BigInt.prototype a toJSON that rounds; the holder has the amount before it.
  function written(this: unknown, key: string, field: unknown): unknown {
    const given: unknown = Reflect.get(this as object, key);
    if (typeof given === 'bigint') return given.toString();
    return typeof field === 'bigint' ? field.toString() : field;
  }
  try {
    // A call without an answer gives undefined, for which JSON.stringify has no text.
    return JSON.stringify(value, written, space) ?? 'null';
  } catch (cause) {
    const message =
      'the value cannot be written as JSON; check for circular references, deep nesting and toJSON methods that throw';
    throw new OctaConfigurationError({ message, cause });
  }
}
