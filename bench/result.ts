/** Results of benchmarks, and how they are printed. */

/** A figure that has a target. */
export interface Verdict {
  readonly value: number;
  /** A ratio (`×`), or a unit that follows the value. */
  readonly unit: '×' | 'ms' | 'left' | 'requests';
  /** Whether the target is a maximum or a minimum. */
  readonly is: 'at most' | 'at least';
  readonly target: number;
}

/** One entry of the report. */
export interface Result {
  readonly what: string;
  /** The figures, one or several lines. */
  readonly measured: readonly string[];
  /** Absent if there is no target. */
  readonly verdict?: Verdict;
}

function amount(value: number, unit: Verdict['unit'], digits: number): string {
  const text = digits === 0 ? String(value) : value.toFixed(digits);
  return unit === '×' ? `× ${text}` : `${text} ${unit}`;
}

function verdictText({ value, unit, is, target }: Verdict): string {
  // NaN does not meet a target.
  const within = is === 'at most' ? value <= target : value >= target;
  const measured = amount(value, unit, { '×': 2, ms: 1, left: 0, requests: 0 }[unit]);
  return `${measured} (${within ? 'within' : 'beyond'} the target of ${is} ${amount(target, unit, 0)})`;
}

/** The lines of a result. */
export function report({ what, measured, verdict }: Result): string {
  const lines = verdict === undefined ? measured : [...measured, verdictText(verdict)];
  return [what, ...lines.map((line) => `  ${line}`)].join('\n');
}

/** Columns of equal width: the first to the left, the others to the right. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widthOf = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const cell = (text: string, column: number) =>
    column === 0 ? text.padEnd(widthOf(column)) : text.padStart(widthOf(column));
  return rows.map((row) => row.map(cell).join('  '));
}
