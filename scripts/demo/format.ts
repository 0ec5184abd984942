/** Formats values for people. */
import { weiToUsd } from '../../src/index.ts';

/** Shown for an unknown value. */
export const unknown = '-';

/** A count with separated thousands. */
export function count(value: number | undefined): string {
  return value === undefined ? unknown : value.toLocaleString('en-US');
}

/** An amount in USD. */
export function usd(wei: bigint, marketPrice: number, digits = 2): string {
  return `${weiToUsd(wei, marketPrice).toFixed(digits)} USD`;
}

/** Date and time to the minute, in UTC. */
export function time(unixMs: number | undefined): string {
  return unixMs === undefined ? unknown : new Date(unixMs).toISOString().slice(0, 16).replace('T', ' ');
}

/** A duration in its largest units. */
export function duration(seconds: number | undefined): string {
  if (seconds === undefined) return unknown;
  const minutes = Math.floor(seconds / 60);
  if (minutes === 0) return `${seconds} s`;
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Text, cut to `length`. */
export function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 3)}...`;
}
