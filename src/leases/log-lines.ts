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

/** V8 keeps the whole text alive for a slice of it. Concatenation makes a copy, and that is what is kept instead. */
function copy(slice: string): string {
  return ` ${slice}`.slice(1);
}

/**
 * The largest overlap: how many characters at the beginning of `now`, at most `longest`, `before` ends with. An overlap
 * longer than `before` ends with all of it. Linear: Knuth, Morris and Pratt's search, from the back.
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

/** Whether a line was there before; each is found as often as it was there. */
type Take = (line: string) => boolean;

/** Counts lines, apart from the part of each that is `ignored`. */
function countLines(lines: readonly string[], ignored: RegExp): Take {
  const counts = new Map<string, number>();
  const add = (line: string, difference: number): boolean => {
    const key = line.replace(ignored, '');
    const count = counts.get(key) ?? 0;
    // An unknown line that is looked for is not added.
    if (count + difference >= 0) counts.set(key, count + difference);
    return count > 0;
  };
  for (const line of lines) add(line, 1);
  return (line) => add(line, -1);
}

/**
 * Finds the new lines in one text that is sent again and again. It remembers the last megabyte of the previous text,
 * and takes the first of these rules that applies to the next one:
 *
 * 1. It begins with more than half of what is remembered, or with older text and all of it: what follows is new. This is
 *    a log that was appended to; it may have lost its oldest part.
 * 2. No remembered line is missing (lines were reordered or inserted): a line is new as often as it is there more often
 *    than before. If the previous text was too long to be remembered whole, only the end of the text, from where it has
 *    all remembered lines, is compared; what is above is old.
 * 3. It begins with what the previous text ended with, at least a line break or 16 characters: what follows is new.
 * 4. System log only: no remembered line is missing apart from its time (the times were changed): as in 2.
 * 5. The log began anew: everything is new.
 */
class TextFollower {
  readonly #isTimed: boolean;
  #tail = '';
  /** Length of the previous text. Unit: characters. */
  #length = 0;
  /** A last line that has no line break yet, and has not been given. */
  #open = '';

  constructor(isTimed: boolean) {
    this.#isTimed = isTimed;
  }

  /** The new lines. An empty text is no news: what was there before stays known. */
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
    // A last line that is known counts as complete, or it would be given again when it moves up.
    const end = this.#open && take?.(this.#open) ? '\n' : '';
    if (end) this.#open = '';
    this.#tail = copy(text.slice(-memory) + end);
    this.#length = text.length + end.length;
  }

  /** The last line, if it has no line break; it is given once. */
  end(): string {
    const line = this.#open;
    this.#open = '';
    return line;
  }

  /** How many characters at the beginning of `text` are known, because the previous text ended with them. */
  #overlap(text: string): number {
    if (text.startsWith(this.#tail, this.#length - this.#tail.length)) return this.#length;
    const length = overlap(this.#tail, text, this.#length);
    return length >= leastOverlap || text.slice(0, length).includes('\n') ? length : 0;
  }

  /** Finds the shortest end of `text` that has all remembered lines, apart from the part of each that is `ignored`. */
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

/** Reads the logs of one session, as often as they are sent, and gives each line once. */
export class LogReader {
  readonly #system = new TextFollower(true);
  readonly #container = new TextFollower(false);

  /** The lines that are new in these logs. Read them to the end before the next logs. */
  *read({ system, container = '' }: SessionLogs): Generator<LogLine, void, void> {
    // One line per entry, so that both logs are followed by the same rules.
    const lines = system.map(({ ts, msg }) => `${ts} ${JSON.stringify(msg)}`);
    const entries = new Map(lines.map((line, at) => [line, system[at]]));
    for (const line of this.#system.read([...lines, ''].join('\n'))) yield* systemLines(entries.get(line));
    for (const text of this.#container.read(container)) yield { source: 'container', text };
  }

  /** What is left when nothing more will come: the last line of the container, if it has no line break. */
  end(): LogLine[] {
    const text = this.#container.end();
    return text ? [{ source: 'container', text }] : [];
  }
}
