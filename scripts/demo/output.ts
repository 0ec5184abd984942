/** Prints text to a terminal, with colours and a changing line if the terminal supports them. */
import { stdout } from 'node:process';
import { readableLine } from '../../src/readable.ts';

/** Whether to use colours: if the terminal supports them, and NO_COLOR is not set. */
const colours = stdout.isTTY === true && !process.env.NO_COLOR && stdout.hasColors();
/** Whether a line can be overwritten. */
const redraws = stdout.isTTY === true && process.env.TERM !== 'dumb';

function styled(text: string, code: number): string {
  return colours ? `\u001B[${code}m${text}\u001B[0m` : text;
}

/** The current text of the changing line; undefined if there is none. */
let open: string | undefined;

function closeLine(): void {
  if (redraws && open !== undefined) stdout.write('\n');
  open = undefined;
}

function write(lines: readonly string[]): void {
  closeLine();
  for (const line of lines) console.log(line);
}

/** Prints lines, which may contain text of the API. */
export function print(...lines: readonly string[]): void {
  write(lines.map(readableLine));
}

/**
 * Shows a line that changes. A terminal overwrites it in place. Elsewhere, it is printed only when `meaning` changes.
 */
export function redraw(line: string, meaning: string = line): void {
  if (redraws) {
    // A line that is wider than the terminal cannot be overwritten.
    stdout.write(`\r\u001B[K${readableLine(line).slice(0, (stdout.columns || 80) - 1)}`);
  } else if (meaning !== open) {
    console.log(readableLine(line));
  }
  open = meaning;
}

let steps = 0;

/** Prints the heading of a step: its title, and the call. */
export function step(title: string, call: string): void {
  steps += 1;
  write(['', styled(`${steps}. ${readableLine(title)}`, 1), styled(`   ${readableLine(call)}`, 2), '']);
}

/** Prints names and values in two columns. */
export function facts(rows: readonly (readonly [name: string, value: string])[]): void {
  const width = Math.max(...rows.map(([name]) => name.length));
  for (const [name, value] of rows) print(`   ${name.padEnd(width)}   ${value}`);
}

/** One column of a table: its heading, and its text for a row. */
export interface Column<Row> {
  readonly title: string;
  readonly show: (row: Row) => string;
  /** Whether to align on the right, as for numbers. Default false. */
  readonly align?: 'right';
}

/** Prints rows in aligned columns. */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): void {
  const cells = columns.map(({ title, show, align }) => {
    const texts = [title, ...rows.map(show)];
    const width = Math.max(...texts.map((text) => text.length));
    return texts.map((text) => (align === 'right' ? text.padStart(width) : text.padEnd(width)));
  });
  for (let line = 0; line <= rows.length; line++) {
    print(`   ${cells.map((column) => column[line]).join('   ')}`.trimEnd());
  }
}
