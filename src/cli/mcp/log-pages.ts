/** Splits logs into pages. A cursor marks how far a client has read. */
import type { LogLine, SessionLogs } from '../../index.ts';
import { longText, nameText } from './values.ts';

/** Bounds of one page. Unit: lines; characters; characters. */
const mostLines = 200;
const mostCharacters = 16_000;
const longestLine = 2_000;
/** How much of the log of a job is kept. Unit: characters. */
const mostKept = 1 << 20;

/** One line as tools return it. */
export interface ShownLine {
  readonly source: 'system' | 'container';
  readonly text: string;
}

/** A part of a log. */
export interface Page {
  readonly lines: readonly ShownLine[];
  /** Where the next page begins. */
  readonly cursor: string;
  /** Whether there are more lines now. */
  readonly more: boolean;
  /** Whether lines before this page are lost. */
  readonly gap: boolean;
}

/** How many of these lines fit into a page; at least one. */
function fitting(lines: readonly ShownLine[]): number {
  let characters = 0;
  const end = lines.findIndex(({ text }, index) => {
    characters += text.length;
    return index >= mostLines || (index > 0 && characters > mostCharacters);
  });
  return end === -1 ? lines.length : end;
}

function shown(source: ShownLine['source'], text: string): ShownLine {
  return { source, text: longText(text.replace(/\r$/, ''), longestLine).replaceAll('\n', ' ') };
}

function wrongCursor(cursor: string): never {
  throw new Error(`cursor is ${JSON.stringify(nameText(cursor))}; pass the cursor of the last result, or leave it out`);
}

/** The lines of a job, as they arrive. */
export class LinePages {
  #lines: ShownLine[] = [];
  #dropped = 0;
  #length = 0;

  add({ source, text }: LogLine): void {
    const line = shown(source, text);
    this.#lines.push(line);
    this.#length += line.text.length + 1;
    if (this.#length <= 2 * mostKept) return;
    let count = 0;
    for (; this.#length > mostKept; count++) this.#length -= (this.#lines[count]?.text.length ?? 0) + 1;
    this.#lines = this.#lines.slice(count);
    this.#dropped += count;
  }

  /** The page at a cursor. Throws for a wrong cursor. */
  page(cursor: string | undefined): Page {
    const [, digits] = /^j(\d{1,15})$/.exec(cursor ?? 'j0') ?? wrongCursor(cursor ?? '');
    const from = Math.max(Number(digits), this.#dropped);
    const rest = this.#lines.slice(from - this.#dropped);
    const lines = rest.slice(0, fitting(rest));
    const isGap = from > Number(digits);
    return { lines, cursor: `j${from + lines.length}`, more: rest.length > lines.length, gap: isGap };
  }
}

/** The page at a cursor of logs that the API always returns in full. An incomplete last line is left for the next page. */
export function pageOf({ system, container = '' }: SessionLogs, cursor: string | undefined, isOver: boolean): Page {
  const [, first, second] = /^s(\d{1,15})c(\d{1,15})$/.exec(cursor ?? 's0c0') ?? wrongCursor(cursor ?? '');
  const gap = Number(first) > system.length || Number(second) > container.length;
  const [entry, offset] = gap ? [0, 0] : [Number(first), Number(second)];
  const entries = system.slice(entry).map(({ msg = '' }) => shown('system', msg.trimEnd()));
  const end = isOver ? container.length : container.lastIndexOf('\n') + 1;
  const texts = container.slice(offset, Math.max(end, offset)).split('\n');
  if (texts.at(-1) === '') texts.pop();
  const all = [...entries, ...texts.map((text) => shown('container', text))];
  const lines = all.slice(0, fitting(all));
  const readEntries = Math.min(entries.length, lines.length);
  const readTexts = texts.slice(0, lines.length - readEntries);
  // Every line ends with a line break, except an unfinished last one.
  const read = readTexts.reduce((length, text) => length + text.length + 1, offset);
  return {
    lines,
    cursor: `s${entry + readEntries}c${Math.min(read, container.length)}`,
    more: all.length > lines.length,
    gap,
  };
}
