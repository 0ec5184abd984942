/** Demands on values; what is not met is said with both sides. */

/** A value as text that tells apart what is different; keys that are undefined count as absent. */
function shown(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(shown).join(', ')}]`;
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return `{${fields.map(([name, field]) => `${name}: ${shown(field)}`).join(', ')}}`;
}

export function demand(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what);
}

export function equal(actual: unknown, wanted: unknown, what = 'it'): void {
  const [is, shouldBe] = [shown(actual), shown(wanted)];
  demand(is === shouldBe, `${what} is ${is} instead of ${shouldBe}`);
}

/** Demands some fields of an object, and says what else there is when they are not so. */
export function matches(actual: object, wanted: Readonly<Record<string, unknown>>): void {
  const picked = Object.fromEntries(Object.keys(wanted).map((name) => [name, Reflect.get(actual, name)]));
  equal(picked, wanted, actual instanceof Error ? `${actual.name} (${actual.message})` : 'it');
}

type Class<Instance> = abstract new (...given: never[]) => Instance;

/** What a promise rejects with, which has to be of a class. */
export async function rejection<Failure extends Error>(
  wanted: Class<Failure> & { readonly name: string },
  promise: PromiseLike<unknown>,
): Promise<Failure> {
  const failure: unknown = await promise.then(
    (value) => new Error(`nothing was thrown; it gave ${shown(value)}`),
    (error: unknown) => error,
  );
  if (failure instanceof wanted) return failure;
  throw new Error(`it is no ${wanted.name}: ${shown(failure)}`, { cause: failure });
}

/** Waits until a promise is settled, one way or the other. */
export async function settled(promise: PromiseLike<unknown>): Promise<void> {
  await Promise.allSettled([promise]);
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** How long something may take that happens at once. Unit: ms. */
const patienceMs = 10_000;

/** Waits until something is true, but not for ever. */
export async function until(isTrue: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!(await isTrue())) {
    demand(performance.now() < end, `it was waited for in vain for ${patienceMs} ms`);
    await sleep(20);
  }
}
