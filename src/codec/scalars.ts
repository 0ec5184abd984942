/** One reader per kind of field. It returns `absent` for a value that cannot be of that kind, and `empty` for one that means "none". */

import { toJson } from '../wei.ts';
import { integerFromText, isRounded, longDigits, wholePartFromText } from './decimal.ts';
import { isRecord } from './record.ts';

/** The value is not of this kind: the field is left out, and reported. */
export const absent = Symbol('absent');
/** The API sent "" or null, which mean that there is no value: the field is left out. */
export const empty = Symbol('empty');

/** A larger bandwidth is in bytes per second. */
const largestMbits = 100_000;
const bytesPerSecondInMbit = 125_000;
const highestPort = 65_535;
/** The fraction of an amount is dropped if the amount is at least this large. A smaller number with a fraction is not in Wei. */
const leastLarge = 10 ** (longDigits - 1);
/** Slightly more digits than a number of 256 bits has. */
const plainAmountDigits = 80;

export function readWei(value: unknown): unknown {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return BigInt(value);
    return Math.abs(value) >= leastLarge && !isRounded(value) ? BigInt(Math.trunc(value)) : absent;
  }
  return typeof value === 'string' ? amountFromText(value) : absent;
}

function amountFromText(text: string): bigint | symbol {
  // Nearly all amounts are plain digits, and this is faster.
  if (text.length <= plainAmountDigits && /^-?\d+$/.test(text)) return BigInt(text);
  const trimmed = text.trim();
  return integerFromText(trimmed) ?? wholePartFromText(trimmed) ?? absent;
}

/** Whether a number loses digits of its text. Fractions are approximate anyway. */
function losesDigits(text: string, value: number): boolean {
  if (!isRounded(value)) return false;
  if (!Number.isFinite(value)) return true;
  // Text with an exponent was made from a double.
  if (/[eE]/.test(text)) return false;
  const exact = integerFromText(text.replace('+', ''));
  return exact === undefined ? /^[+-]?\d+$/.test(text) : exact !== BigInt(value);
}

function numberFromText(text: string): number | symbol {
  const trimmed = text.trim();
  if (trimmed === '') return empty;
  if (!/^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/.test(trimmed)) return absent;
  const value = Number(trimmed);
  return losesDigits(trimmed, value) ? absent : value;
}

/** A number that may come as text. */
export function readLooseNumber(value: unknown): unknown {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value === null) return empty;
  return typeof value === 'string' ? numberFromText(value) : absent;
}

const isoTime = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*(Z|[+-]\d{2}:?\d{2})?)?$/i;

/** Converts ISO 8601 to Unix milliseconds. A time without a zone is UTC, because the API does not know the zone of the caller. */
function timeFromText(text: string): number | symbol {
  const match = isoTime.exec(text.trim());
  if (match === null) return absent;
  const [, day, time = '00:00', zone = 'Z'] = match;
  const parsed = Date.parse(`${day}T${time}${zone.toUpperCase().replace(/(\d{2})(\d{2})$/, '$1:$2')}`);
  return Number.isNaN(parsed) ? absent : parsed;
}

export function readTimestamp(value: unknown): unknown {
  const ms = readLooseNumber(value);
  return ms === absent && typeof value === 'string' ? timeFromText(value) : ms;
}

export function readMbits(value: unknown): unknown {
  const rate = readLooseNumber(value);
  return typeof rate === 'number' && rate > largestMbits ? rate / bytesPerSecondInMbit : rate;
}

function readPort(value: unknown): number | undefined {
  const port = readLooseNumber(value);
  return typeof port === 'number' && Number.isInteger(port) && port >= 0 && port <= highestPort ? port : undefined;
}

function parseList(text: string): unknown {
  const trimmed = text.trim();
  if (trimmed === '') return [];
  try {
    return JSON.parse(trimmed);
  } catch {
    return trimmed.split(',');
  }
}

/** Ports; `absent` if one of them is not readable. */
export function readPorts(value: unknown): unknown {
  const parsed = typeof value === 'string' ? parseList(value) : (value ?? []);
  const ports = (Array.isArray(parsed) ? parsed : [parsed]).map(readPort);
  return ports.includes(undefined) ? absent : ports;
}

function envText(value: unknown): string {
  if (value === null) return '';
  try {
    return typeof value === 'object' ? toJson(value) : String(value);
  } catch {
    // The value is nested too deeply for the stack.
    return Object.prototype.toString.call(value);
  }
}

/** Environment variables. Some servers send an empty list for an empty map. */
export function readEnvs(value: unknown): unknown {
  if (value === null || value === '') return empty;
  if (Array.isArray(value)) return value.length === 0 ? {} : absent;
  if (typeof value !== 'object') return absent;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, envText(field)]));
}

export function readString(value: unknown): unknown {
  return ['string', 'number', 'boolean', 'bigint'].includes(typeof value) ? String(value) : absent;
}

export function readBoolean(value: unknown): unknown {
  if (value === 1 || value === '1' || value === 'true') return true;
  return value === 0 || value === '0' || value === 'false' ? false : absent;
}

/** The configuration of a VPN session: text, or the address of a proxy, whose port may come as text. */
function readConfig(value: unknown): unknown {
  if (value === null) return empty;
  if (!isRecord(value)) return typeof value === 'string' ? value : absent;
  const { port, ...rest } = value;
  if (typeof port !== 'string') return value;
  const number = readPort(port);
  return number === undefined ? rest : { ...rest, port: number };
}

/** Converts a value to its kind. */
export type Reader = (value: unknown) => unknown;

/** Readers of kinds for which other forms, such as a number as text, are expected and not reported. */
export const looseReaders: Readonly<Record<string, Reader>> = {
  wei: readWei,
  integer: readLooseNumber,
  number: readLooseNumber,
  'number-text': readLooseNumber,
  timestamp: readTimestamp,
  mbits: readMbits,
  ports: readPorts,
  envs: readEnvs,
  config: readConfig,
};

/** Readers of kinds with one form. A value that can be converted to it without loss is accepted, but reported. */
export const strictReaders: Readonly<Record<string, Reader>> = { string: readString, boolean: readBoolean };
