/** Measuring: rounds of both sides in turn, so that a busy moment hits both; the median of each. */

function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Median duration of each side. Unit: ms. */
export async function compare<Side extends string>(
  sides: Readonly<Record<Side, () => unknown>>,
  rounds: number,
): Promise<Record<Side, number>> {
  const names = Object.keys(sides) as Side[];
  const times = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Side, number[]>;
  for (let round = -Math.ceil(rounds / 3); round < rounds; round++) {
    // The order alternates, so that neither side always pays for the other's garbage.
    for (const name of round % 2 === 0 ? names : [...names].reverse()) {
      const startedAt = performance.now();
      await sides[name]();
      if (round >= 0) times[name].push(performance.now() - startedAt);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(times[name])])) as Record<Side, number>;
}

/** One line of the result table. */
export interface Result {
  readonly what: string;
  readonly measured: string;
  readonly ratio: number;
  /** Largest ratio that is good enough. */
  readonly target: number;
}
