/** Is a session ours? By its UUID, or by the mark that its start gave it; never by elimination. */
import type { Session } from '../../generated/models.ts';

/** A UUID in the form in which UUIDs are compared: the API writes them in either letter case. */
export function keyOf(uuid: unknown): string {
  return String(uuid ?? '')
    .trim()
    .toLowerCase();
}

/** A new id for one attempt to start one session; in a virtual world, the same in each run. */
export function newLeaseId(random: (() => number) | undefined): string {
  const { crypto } = globalThis;
  // Pages that came by plain HTTP have no randomUUID.
  if (random === undefined && typeof crypto?.randomUUID === 'function') return crypto.randomUUID();
  return idFrom(random ?? Math.random);
}

function idFrom(random: () => number): string {
  const digits = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16));
  return digits.join('').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/**
 * The body of a start with the mark of each item among its variables. It comes after everything else, so that nothing a caller
 * passes on, such as the variables of a rented machine, repeats or erases it.
 */
export function withMarks(body: unknown, variable: string, ids: readonly string[]): unknown {
  const items: readonly unknown[] = Array.isArray(body) ? body : [body];
  const marked = items.map((item, index) => {
    if (typeof item !== 'object' || item === null) return item;
    const envs: unknown = Reflect.get(item, 'envs') ?? {};
    // What is no object is left as it is, for the API to refuse.
    return typeof envs === 'object' ? { ...item, envs: { ...envs, [variable]: ids[index] } } : item;
  });
  return Array.isArray(body) ? marked : marked[0];
}

/** The mark that a session carries; undefined when it has none, or the API does not show it. */
export function markOf({ user_envs = {} }: Pick<Session, 'user_envs'>, variable: string | false): string | undefined {
  return variable === false ? undefined : user_envs[variable] || undefined;
}
