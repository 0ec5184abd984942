/** Plain text for a terminal. */

/** Prints lines. */
export function print(...lines: readonly string[]): void {
  for (const line of lines) console.log(line);
}

let steps = 0;

/** Prints the heading of a step: what it does, and the call that does it. */
export function step(title: string, call: string): void {
  steps += 1;
  print('', `${steps}. ${title}`, `   ${call}`, '');
}

/** Prints names and values in two columns. */
export function facts(rows: readonly (readonly [name: string, value: string])[]): void {
  const width = Math.max(...rows.map(([name]) => name.length));
  for (const [name, value] of rows) print(`   ${name.padEnd(width)}   ${value}`);
}

/** One column of a table: its heading, and what it shows of a row. */
export interface Column<Row> {
  readonly title: string;
  readonly show: (row: Row) => string;
  /** Numbers stand on the right. Default: on the left. */
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
