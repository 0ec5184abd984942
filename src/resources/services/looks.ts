/** How a session is looked after again and again, whoever does: the pace, and what to believe when it is not where it should be. */
import type { ServiceInfo } from '../../../generated/models.ts';
import type { SessionCalls } from './live-session.ts';

/** Least time between two looks, whatever the caller says. Unit: ms. */
export const leastIntervalMs = 50;

/** Largest wait between two looks while they fail, unless more is asked for. Unit: ms. */
const longestWaitMs = 15_000;

/** How long to wait after so many failures in a row, for what is done every `intervalMs`. Unit: ms. */
export function waitAfterFailures(failures: number, intervalMs: number): number {
  return Math.min(intervalMs * 2 ** Math.min(failures, 16), Math.max(longestWaitMs, intervalMs));
}

/** How a session was found: alive, or over, with the record of its end if there is one. */
export type Finding =
  | { readonly state: 'alive'; readonly info: ServiceInfo }
  | { readonly state: 'ended'; readonly info: ServiceInfo | undefined };

/** A session that is not there any more may be found among those that ended, or among those that run after all. */
export async function lookAround(
  uuid: string,
  list: (recent: boolean) => ReturnType<SessionCalls['list']>,
): Promise<(Finding & { readonly info: ServiceInfo }) | undefined> {
  const isIt = (session: ServiceInfo) => session.uuid === uuid;
  const ended = (await list(true)).find(isIt);
  if (ended !== undefined) return { state: 'ended', info: ended };
  const alive = (await list(false)).find(isIt);
  return alive === undefined ? undefined : { state: 'alive', info: alive };
}

/** How often, and for how long, a session must be missing from everywhere to count as over: a new one takes a moment to appear. */
const missesBelieved = 3;
const missingForMs = 10_000;

/** When a session was first found nowhere, and how often since; forgotten as soon as it is found. */
export interface Missing {
  /** Unit: Unix ms. */
  readonly since: number;
  /** Unit: count. */
  readonly times: number;
}

/** The same, after one more look that found it nowhere. */
export function missedAgain(missing: Missing | undefined, now: number): Missing {
  return { since: missing?.since ?? now, times: (missing?.times ?? 0) + 1 };
}

/** Whether it has been missing for long enough to be over. */
export function isGone({ since, times }: Missing, now: number): boolean {
  return times >= missesBelieved && now - since >= missingForMs;
}
