/** Recognizes our sessions, by their UUID or by the mark of their start and never by elimination. */
import type { Session } from '../../generated/models.ts';

/** A UUID in the form used for comparison: the API uses either letter case. */
export function keyOf(uuid: unknown): string {
  return String(uuid ?? '')
    .trim()
    .toLowerCase();
}

/** A new lease id; with a seeded `random`, the same one in each run. */
export function newLeaseId(random: (() => number) | undefined): string {
  const { crypto } = globalThis;
  // Pages served over plain HTTP have no randomUUID.
  if (random === undefined && typeof crypto?.randomUUID === 'function') return crypto.randomUUID();
  return idFrom(random ?? Math.random);
}

function idFrom(random: () => number): string {
  const digits = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16));
  return digits.join('').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/**
 * The checked body of a start with the mark of each item among its variables. The mark is set last, so that variables of the caller, such as
 * those inherited on a rented machine, cannot overwrite it.
 */
export function withMarks(body: unknown, variable: string, ids: readonly string[]): unknown {
  const items: readonly unknown[] = Array.isArray(body) ? body : [body];
  const marked = items.map((item, index) => {
    if (typeof item !== 'object' || item === null) return item;
    const envs: unknown = Reflect.get(item, 'envs');
    return { ...item, envs: { ...Object(envs), [variable]: ids[index] } };
  });
  return Array.isArray(body) ? marked : marked[0];
}

/** The mark that a session carries; undefined if it has none, or the API hides it. */
export function markOf({ user_envs = {} }: Pick<Session, 'user_envs'>, variable: string | false): string | undefined {
  return variable === false ? undefined : user_envs[variable] || undefined;
}
