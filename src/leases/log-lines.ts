/** New lines out of logs that are sent whole, again and again. */
import type { SessionLogs, SystemLogEntry } from '../../generated/models.ts';

/** One line of a session's logs. */
export interface LogLine {
  /** Whose line it is: the platform's (`system`), or what the container wrote. */
  readonly source: 'system' | 'container';
  /** When it happened; system lines only. Unit: Unix milliseconds. */
  readonly ts?: number;
  /** The line, without its line break. */
  readonly text: string;
}

/** A shorter overlap within one line may be chance. Unit: characters. */
const leastOverlap = 16;

/** How many items at the beginning of `now` were at the end of `before`. Linear, by the borders of Knuth, Morris and Pratt. */
function overlap<Item>(
  before: ArrayLike<Item>,
  now: ArrayLike<Item>,
  isSame: (left: Item | undefined, right: Item | undefined) => boolean,
): number {
  const borders = [0];
  const matchedWith = (item: Item | undefined, matchedBefore: number): number => {
    let matched = matchedBefore;
    while (matched > 0 && !isSame(item, now[matched])) matched = borders[matched - 1] ?? 0;
    return isSame(item, now[matched]) ? matched + 1 : 0;
  };
  for (let at = 1, length = 0; at < now.length; at++) {
    length = matchedWith(now[at], length);
    borders.push(length);
  }
  let matched = 0;
  for (let at = Math.max(0, before.length - now.length); at < before.length; at++) {
    matched = matchedWith(before[at], matched);
  }
  return matched;
}

/** How many entries at the beginning of `now` were at the end of `before`; the log may have lost its oldest. */
function knownEntries(before: readonly SystemLogEntry[], now: readonly SystemLogEntry[]): number {
  return overlap(before, now, (left, right) => left?.ts === right?.ts && left?.msg === right?.msg);
}

/** How much of the beginning of `now` was the end of `before`; the log may have lost its oldest part, or begun anew. */
function knownText(before: string, now: string): number {
  if (now.startsWith(before)) return before.length;
  const length = overlap(before, now, (left, right) => left === right);
  return length >= leastOverlap || now.slice(0, length).includes('\n') ? length : 0;
}

function linesOf(text: string): string[] {
  return text.split(/\r?\n/);
}

function systemLines({ ts, msg = '' }: SystemLogEntry): LogLine[] {
  const lines = linesOf(msg);
  while (lines.length > 1 && lines.at(-1) === '') lines.pop();
  return lines.map((text) => (ts === undefined ? { source: 'system', text } : { source: 'system', ts, text }));
}

/** Reads the logs of one session, as often as they are sent, and gives each line once. */
export class LogReader {
  #system: readonly SystemLogEntry[] = [];
  #container = '';
  /** A line of the container that has no end yet. */
  #open = '';

  /** The lines that are new in these logs. */
  read({ system, container = '' }: SessionLogs): LogLine[] {
    const fresh = system.slice(knownEntries(this.#system, system));
    // An answer without a log that had one is no news; what it had is remembered, or all of it would come again.
    if (system.length > 0) this.#system = system;
    return [...fresh.flatMap(systemLines), ...this.#readContainer(container)];
  }

  /** What is left when nothing more will come: the last line of the container, if it has no end. */
  end(): LogLine[] {
    const text = this.#open;
    this.#open = '';
    return text === '' ? [] : [{ source: 'container', text }];
  }

  #readContainer(text: string): LogLine[] {
    if (text === '') return [];
    const known = knownText(this.#container, text);
    this.#container = text;
    // Where the log has begun anew, the line that has no end will not get one.
    const end = known === 0 && this.#open !== '' ? '\n' : '';
    const lines = linesOf(this.#open + end + text.slice(known));
    this.#open = lines.pop() ?? '';
    return lines.map((line) => ({ source: 'container', text: line }));
  }
}
