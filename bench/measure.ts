/** Measures all sides in alternating rounds, so that a busy moment affects each, and takes the median. */

/** The median; NaN without values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Time of one round of a side. */
export interface Times {
  /** Unit: ms. */
  readonly wallMs: number;
  /** CPU time of all threads of this process. A busy machine has little effect on it. Unit: ms. */
  readonly cpuMs: number;
}

async function timed(work: () => unknown): Promise<Times> {
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  await work();
  const wallMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpu);
  return { wallMs, cpuMs: (user + system) / 1000 };
}

/** Medians of each side, after a third as many rounds as warm-up. `before` runs before each round, and is not measured. */
export async function compare<Side extends string>(
  sides: Readonly<Record<Side, () => unknown>>,
  rounds: number,
  before: () => void = () => undefined,
): Promise<Record<Side, Times>> {
  // The record has no other keys, because the callers create it inline.
  const names = Object.keys(sides) as Side[];
  const times = new Map<Side, Times[]>(names.map((name) => [name, []]));
  for (let round = -Math.ceil(rounds / 3); round < rounds; round++) {
    // The order alternates, so that no side always pays for the garbage of another one.
    for (const name of round % 2 === 0 ? names : [...names].reverse()) {
      before();
      const taken = await timed(sides[name]);
      if (round >= 0) times.get(name)?.push(taken);
    }
  }
  const medians = names.map((name) => {
    const taken = times.get(name) ?? [];
    return [name, { wallMs: median(taken.map((each) => each.wallMs)), cpuMs: median(taken.map((each) => each.cpuMs)) }];
  });
  // One entry for each name.
  return Object.fromEntries(medians) as Record<Side, Times>;
}
