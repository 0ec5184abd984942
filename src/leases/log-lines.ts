/** Finds the new lines in logs that the API always sends in full. */
import type { SessionLogs, SystemLogEntry } from '../../generated/models.ts';

/** One line of a session's logs. */
export interface LogLine {
  /** Where the line comes from: the platform (`system`) or the container. */
  readonly source: 'system' | 'container';
  /** When it happened; system lines only. Unit: Unix milliseconds. */
  readonly ts?: number;
  /** The line, without its line break. */
  readonly text: string;
}

/** How much of the end of a log the follower remembers. Unit: characters. */
const memory = 1 << 20;
/** Block size for splitting text into lines. Unit: characters. */
const blockLength = 1 << 16;
/** A shorter overlap within one line may be chance. Unit: characters. */
const leastOverlap = 16;

/** Part of the line break, not of the line. */
const carriageReturn = /\r$/;
/** The time at the start of a line made from a system log entry. */
const time = /^\S+/;

/** V8 keeps the whole text in memory for a slice of it. Concatenation makes a copy, so that the whole text can be released. */
function copy(slice: string): string {
  return ` ${slice}`.slice(1);
}

/**
 * The length of the largest overlap: the beginning of `now`, at most `longest` characters, that `before` ends with. An overlap
 * longer than `before` ends with all of it. Takes linear time: Knuth, Morris and Pratt's search, from the back.
 */
function overlap(before: string, now: string, longest: number): number {
  const last = before.length - 1;
  const borders = new Int32Array(before.length);
  let matched = 0;
  const match = (text: string, at: number): void => {
    const code = text.charCodeAt(at);
    while (matched > 0 && code !== before.charCodeAt(last - matched)) matched = borders[matched - 1] ?? 0;
    if (code === before.charCodeAt(last - matched)) matched++;
  };
  for (let at = last - 1; at >= 0; at--) {
    match(before, at);
    borders[last - at] = matched;
  }
  matched = 0;
  for (let at = Math.min(longest, now.length) - 1; at >= 0; at--) {
    match(now, at);
    if (matched > last) return at + matched;
  }
  return matched;
}

/** Returns whether a line was there before; finds each line only as often as it was there. */
type Take = (line: string) => boolean;

/** Counts lines. The part of a line that matches `ignored` does not count. */
function countLines(lines: readonly string[], ignored: RegExp): Take {
  const counts = new Map<string, number>();
  const add = (line: string, difference: number): boolean => {
    const key = line.replace(ignored, '');
    const count = counts.get(key) ?? 0;
    // Looking for an unknown line must not add it.
    if (count + difference >= 0) counts.set(key, count + difference);
    return count > 0;
  };
  for (const line of lines) add(line, 1);
  return (line) => add(line, -1);
}

/**
 * Finds the new lines in a text that the API sends in full each time. It remembers the last megabyte of the previous text,
 * and applies the first of these rules that fits the next text:
 *
 * 1. The text begins with more than half of the remembered text, or with older text and all of the remembered text: the rest
 *    is new. Lines were appended; the log may have lost its oldest part.
 * 2. No remembered line is missing (lines were reordered or inserted): a line that occurs more often than before is new that
 *    many times. If the previous text was too long to be remembered whole, only the end of the text is compared, from where
 *    it contains all remembered lines; the text before that is old.
 * 3. The text begins with the end of the previous text, at least a line break or 16 characters: the rest is new.
 * 4. System log only: no remembered line is missing if times are ignored (the times were changed): as in 2.
 * 5. The log was restarted: everything is new.
 */
class TextFollower {
  readonly #isTimed: boolean;
  #tail = '';
  /** Length of the previous text. Unit: characters. */
  #length = 0;
  /** The last line, if it has no line break yet and was not returned yet. */
  #open = '';

  constructor(isTimed: boolean) {
    this.#isTimed = isTimed;
  }

  /** The new lines. An empty text changes nothing: the previous text is still remembered. */
  *read(text: string): Generator<string, void, void> {
    if (!text) return;
    let from = this.#overlap(text);
    let take: Take | undefined;
    if (from * 2 <= this.#tail.length) {
      const found =
        this.#rearranged(text, carriageReturn) ?? (from || !this.#isTimed ? undefined : this.#rearranged(text, time));
      if (found) {
        [from, take] = found;
        this.#open = '';
      }
    }
    if (!from && this.#open) yield this.end().replace(carriageReturn, '');
    for (; from < text.length; from += blockLength) {
      const lines = copy(text.slice(from, from + blockLength)).split('\n');
      lines[0] = this.#open + lines[0];
      this.#open = lines.pop() ?? '';
      for (const line of lines) if (!take?.(line)) yield line.replace(carriageReturn, '');
    }
    // A last line that is known counts as complete. Otherwise it would be returned again when other lines follow it.
    const end = this.#open && take?.(this.#open) ? '\n' : '';
    if (end) this.#open = '';
    this.#tail = copy(text.slice(-memory) + end);
    this.#length = text.length + end.length;
  }

  /** The last line, if it has no line break. It is returned only once. */
  end(): string {
    const line = this.#open;
    this.#open = '';
    return line;
  }

  /** How many characters at the beginning of `text` are old, because the previous text ended with them. */
  #overlap(text: string): number {
    if (text.startsWith(this.#tail, this.#length - this.#tail.length)) return this.#length;
    const length = overlap(this.#tail, text, this.#length);
    return length >= leastOverlap || text.slice(0, length).includes('\n') ? length : 0;
  }

  /** Finds the shortest end of `text` that has all remembered lines, without the part of each line that matches `ignored`. */
  #rearranged(text: string, ignored: RegExp): [from: number, take: Take] | undefined {
    const isWhole = this.#length === this.#tail.length;
    // The first line may have been cut, and the last one is not complete.
    const lines = this.#tail.split('\n').slice(isWhole ? 0 : 1, -1);
    const take = countLines(lines, ignored);
    let missing = lines.length;
    let from = missing && text.length + (text.endsWith('\n') ? 0 : 1);
    while (missing && from) {
      const end = from - 1;
      from = end && text.lastIndexOf('\n', end - 1) + 1;
      if (take(text.slice(from, end))) missing--;
    }
    return lines.length && !missing ? [isWhole ? 0 : from, countLines(lines, ignored)] : undefined;
  }
}

function systemLines({ ts, msg = '' }: SystemLogEntry = {}): LogLine[] {
  const lines = msg.split(/\r?\n/);
  while (lines.length > 1 && !lines.at(-1)) lines.pop();
  return lines.map((text) => (ts === undefined ? { source: 'system', text } : { source: 'system', ts, text }));
}

/** Reads the logs of one session each time they are sent, and returns each line once. */
export class LogReader {
  readonly #system = new TextFollower(true);
  readonly #container = new TextFollower(false);

  /** The lines that are new in these logs. Read them to the end before the next logs. */
  *read({ system, container = '' }: SessionLogs): Generator<LogLine, void, void> {
    // One line per entry, so that the same rules apply to both logs.
    const lines = system.map(({ ts, msg }) => `${ts} ${JSON.stringify(msg)}`);
    const entries = new Map(lines.map((line, at) => [line, system[at]]));
    for (const line of this.#system.read([...lines, ''].join('\n'))) yield* systemLines(entries.get(line));
    for (const text of this.#container.read(container)) yield { source: 'container', text };
  }

  /** The rest at the end of the logs: the last line of the container, if it has no line break. */
  end(): LogLine[] {
    const text = this.#container.end();
    return text ? [{ source: 'container', text }] : [];
  }
}
