/** Exact amounts of OCTA and Wei, with integer arithmetic only. 1 OCTA is 10^18 Wei. */
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

/** `value / divisor`, rounded half up. `value` must not be negative, `divisor` must be positive. */
function divideHalfUp(value: bigint, divisor: bigint): bigint {
  return (value + divisor / 2n) / divisor;
}

/**
 * Formats Wei as OCTA, exactly: `formatOcta(1500000000000000000n)` is `'1.5'`.
 *
 * @param wei Amount in Wei.
 * @param digits Digits after the point, 0 to 18; rounds half away from zero. Default: as many as needed, without rounding.
 * @throws OctaConfigurationError if `wei` is not a bigint, or `digits` is out of range.
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
 * Parses an amount of OCTA as Wei, exactly: `parseOcta('1.5')` is `1500000000000000000n`.
 *
 * @param octa Decimal string such as `'0.1'`, with at most 18 digits after the point, without exponent and separators.
 * @throws OctaConfigurationError if `octa` is anything else.
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
 * The value of an amount in USD, for display.
 *
 * @param wei Amount in Wei.
 * @param marketPrice USD per OCTA, as in `network.get()`.market_price.
 * @returns USD as a rounded `number`. Do not use it for further calculations.
 * @throws OctaConfigurationError if `wei` is not a bigint, `marketPrice` is not a finite number, or the result is not finite.
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
 * Converts a scaled price such as `base_usd`, in units of 1/10 000 USD, to USD: `fromScaledUsd(3400)` is `0.34`.
 *
 * @throws OctaConfigurationError if `scaled` is not a finite number.
 */
export function fromScaledUsd(scaled: number): number {
  if (typeof scaled !== 'number' || !Number.isFinite(scaled)) refuse('scaled must be a finite number', scaled);
  return scaled / 10_000;
}

/**
 * Converts anything that the SDK returns to JSON text. Bigints, which `JSON.stringify` rejects, become decimal strings.
 *
 * @param value The value to convert.
 * @param space Indentation, as in `JSON.stringify`.
 * @throws OctaConfigurationError if the value has a circular reference, is nested too deeply, or has a `toJSON` that throws.
 */
export function toJson(value: unknown, space?: number | string): string {
  // Some programs add a toJSON that rounds to BigInt.prototype. The holder still has the exact amount.
  function written(this: unknown, key: string, field: unknown): unknown {
    const given: unknown = Reflect.get(this as object, key);
    if (typeof given === 'bigint') return given.toString();
    return typeof field === 'bigint' ? field.toString() : field;
  }
  try {
    // Some calls return undefined, which JSON.stringify does not convert to text.
    return JSON.stringify(value, written, space) ?? 'null';
  } catch (cause) {
    const message =
      'the value cannot be written as JSON; check for circular references, deep nesting and toJSON methods that throw';
    throw new OctaConfigurationError({ message, cause });
  }
}
