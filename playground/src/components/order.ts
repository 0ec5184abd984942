/** Sorts rows. */

/** The column and direction to sort by. */
export interface Order {
  readonly key: string;
  readonly descending: boolean;
}

function compare(left: number | string, right: number | string): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  return String(left).localeCompare(String(right), 'en', { numeric: true });
}

/** Sorts rows; those without a value come last in both directions. */
export function arrange<Row>(
  rows: readonly Row[],
  sortBy: ((row: Row) => number | string | undefined) | undefined,
  descending: boolean,
): readonly Row[] {
  if (sortBy === undefined) return rows;
  const sign = descending ? -1 : 1;
  return rows.toSorted((first, second) => {
    const [left, right] = [sortBy(first), sortBy(second)];
    if (left === undefined || right === undefined) return Number(left === undefined) - Number(right === undefined);
    return sign * compare(left, right);
  });
}
