/** One reader per kind of field. A reader gives `absent` for what cannot be that kind, and `empty` for what says "none". */

import { toJson } from '../wei.ts';

/** The value is not of this kind: the field is left out, and reported. */
export const absent = Symbol('absent');
/** The API says by "" or null that it has no value: the field is left out. */
export const empty = Symbol('empty');

/** Above this a bandwidth is in bytes per second. */
const largestMbits = 100_000;
const bytesPerSecondInMbit = 125_000;
const highestPort = 65_535;

/** The exact integer that decimal text says, an exponent or a fraction of zeros included; undefined for anything else. */
export function integerFromText(text: string): bigint | undefined {
  if (/^-?\d+$/.test(text)) return BigInt(text);
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]\+?(\d{1,3}))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const shift = Number(exponent);
  const kept = fraction.replace(/0+$/, '');
  return kept.length > shift ? undefined : BigInt(`${sign}${whole}${kept.padEnd(shift, '0')}`);
}

export function readWei(value: unknown): unknown {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  // The shortest text of a double is what the wire said; its binary value is not.
  if (typeof value === 'string' || typeof value === 'number') return integerFromText(String(value).trim()) ?? absent;
  return absent;
}

function numberFromText(text: string): number | symbol {
  const trimmed = text.trim();
  if (trimmed === '') return empty;
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(trimmed) ? Number(trimmed) : absent;
}

/** A number that may come as text. */
export function readLooseNumber(value: unknown): unknown {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value === null) return empty;
  return typeof value === 'string' ? numberFromText(value) : absent;
}

export function readTimestamp(value: unknown): unknown {
  const ms = readLooseNumber(value);
  if (ms !== absent || typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}/.test(value)) return ms;
  const parsed = Date.parse(value);
  return Number.isNaN(parsed) ? absent : parsed;
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

/** Ports; `absent` unless every one of them is readable. */
export function readPorts(value: unknown): unknown {
  const parsed = typeof value === 'string' ? parseList(value) : (value ?? []);
  const ports = (Array.isArray(parsed) ? parsed : [parsed]).map(readPort);
  return ports.includes(undefined) ? absent : ports;
}

function envText(value: unknown): string {
  if (value === null) return '';
  return typeof value === 'object' ? toJson(value) : String(value);
}

/** Environment variables; an empty list is how some servers write an empty map. */
export function readEnvs(value: unknown): unknown {
  if (value === null || value === '') return empty;
  if (Array.isArray(value)) return value.length === 0 ? {} : absent;
  if (typeof value !== 'object') return absent;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, envText(field)]));
}

export function readString(value: unknown): unknown {
  return ['number', 'boolean', 'bigint'].includes(typeof value) ? String(value) : absent;
}

export function readBoolean(value: unknown): unknown {
  if (value === 1 || value === '1' || value === 'true') return true;
  return value === 0 || value === '0' || value === 'false' ? false : absent;
}
