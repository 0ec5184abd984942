/** New lines out of logs that are sent whole, again and again. */
import type { SessionLogs, SystemLogEntry } from '../../../generated/models.ts';

/** One line of a session's logs. */
export interface LogLine {
  /** Whose line it is: the platform's (`system`), or what the container wrote. */
  readonly source: 'system' | 'container';
  /** When it happened; system lines only. Unit: Unix milliseconds. */
  readonly ts?: number;
  /** The line, without its line break. */
  readonly text: string;
}

function isSame(left: SystemLogEntry | undefined, right: SystemLogEntry | undefined): boolean {
  return left?.ts === right?.ts && left?.msg === right?.msg;
}

/** How many entries at the beginning of `now` were at the end of `before`; the log may have lost its oldest. */
function knownEntries(before: readonly SystemLogEntry[], now: readonly SystemLogEntry[]): number {
  for (let start = 0; start < before.length; start++) {
    const length = before.length - start;
    if (length > now.length) continue;
    let same = 0;
    while (same < length && isSame(before[start + same], now[same])) same++;
    if (same === length) return length;
  }
  return 0;
}

/** How much of the beginning of `now` was the end of `before`; the log may have lost its oldest part. */
function knownText(before: string, now: string): number {
  if (now.startsWith(before)) return before.length;
  // Failure function of Knuth, Morris and Pratt over `now`, run along the end of `before`: linear, however long they are.
  const tail = before.slice(-now.length);
  const borders = [0];
  for (let at = 1, length = 0; at < now.length; at++) {
    while (length > 0 && now[at] !== now[length]) length = borders[length - 1] ?? 0;
    if (now[at] === now[length]) length++;
    borders.push(length);
  }
  let matched = 0;
  for (let at = 0; at < tail.length; at++) {
    while (matched > 0 && (matched === now.length || tail[at] !== now[matched])) matched = borders[matched - 1] ?? 0;
    if (tail[at] === now[matched]) matched++;
  }
  return matched;
}

function linesOf(text: string): string[] {
  return text.split(/\r?\n/);
}

function systemLines({ ts, msg = '' }: SystemLogEntry): LogLine[] {
  const lines = linesOf(msg.replace(/(?:\r?\n)+$/, ''));
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
    const added = text.slice(knownText(this.#container, text));
    this.#container = text;
    const lines = linesOf(this.#open + added);
    this.#open = lines.pop() ?? '';
    return lines.map((line) => ({ source: 'container', text: line }));
  }
}
