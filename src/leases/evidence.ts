/** Is a session over? Sightings in, verdict out: nothing else decides it. Pure, and without a clock of its own. */
import type { ServiceInfo } from '../../generated/models.ts';

/** What the API said of one session at one moment. What was not asked, or not answered, is left out. */
export interface Sighting {
  /** When it was asked. Unit: ms of the clock. */
  readonly at: number;
  /** `missing`: 404 or 410. */
  readonly info?: ServiceInfo | 'missing' | undefined;
  /** Its entry in the list of active sessions. */
  readonly active?: ServiceInfo | 'absent' | undefined;
  /** Its entry in the list of recent sessions. */
  readonly recent?: ServiceInfo | 'absent' | undefined;
}

/** `finished` is final. `gone` is nearly so: a sign of life takes it back. */
export type Verdict = 'alive' | 'finished' | 'gone' | 'unknown';

/** All that is known of whether one session is over. */
export interface Evidence {
  readonly verdict: Verdict;
  /** When its start was answered; undefined for a session that was not started here. Unit: ms of the clock. */
  readonly startedAt: number | undefined;
  /** The last sign of life. Unit: ms of the clock. */
  readonly aliveAt: number | undefined;
  /** Looks in a row that found it nowhere, and when the first and the last of them were. Unit: count, ms of the clock. */
  readonly misses: number;
  readonly missingSince: number | undefined;
  readonly missedAt: number | undefined;
  /** Whether it was ever listed as active. */
  readonly listed: boolean;
  /** The highest figures that it has shown. */
  readonly duration: number | undefined;
  readonly charge: bigint | undefined;
  /** The last that was heard of it; once it is finished, the record of its end. */
  readonly record: ServiceInfo | undefined;
}

/** How long a new session may take to be known everywhere. Unit: ms. */
export const appearsWithinMs = 60_000;
/** How often, and for how long, a session must be missing everywhere to count as gone. Unit: count, ms. */
const missesBelieved = 3;
const missingForMs = 60_000;
/** How long an answer without growing figures passes for a sign of life. Unit: ms. */
const staleAfterMs = 10_000;

/** What is known at first: nothing, or that the API has answered its start. */
export function firstEvidence(startedAt?: number): Evidence {
  const nothing = { misses: 0, missingSince: undefined, missedAt: undefined, listed: false, duration: undefined };
  const verdict = startedAt === undefined ? 'unknown' : 'alive';
  return { ...nothing, verdict, startedAt, aliveAt: startedAt, charge: undefined, record: undefined };
}

/**
 * Whether a record shows the end. A time before 1970 is how some languages write none. A reason says something among the recent
 * sessions alone, and 0, the normal one, says nothing: taking a live session for one that ended would stop every rental.
 */
function showsEnd(record: ServiceInfo | string | undefined, isRecent: boolean): record is ServiceInfo {
  if (typeof record !== 'object') return false;
  const { finished_at = 0, termination_reason = 0 } = record;
  return finished_at > 0 || (isRecent && termination_reason > 0);
}

function hasGrown({ duration = -1, charge_amount = -1n }: ServiceInfo, before: Evidence): boolean {
  const { duration: lastDuration = -1, charge: lastCharge = -1n } = before;
  return duration > lastDuration || charge_amount > lastCharge;
}

/**
 * Whether an answer of `info` is a sign of life. Of a session that ought to be listed, and is not, growing figures alone are; the
 * first answer has nothing to be compared with.
 */
function showsLife(info: ServiceInfo, { active }: Sighting, before: Evidence): boolean {
  const isFirst = before.duration === undefined && before.charge === undefined;
  const hasFigures = info.duration !== undefined || info.charge_amount !== undefined;
  if (active !== 'absent') return isFirst || hasGrown(info, before);
  if (!hasFigures && isFirst) return !before.listed;
  return !isFirst && hasGrown(info, before);
}

function withFigures(before: Evidence, record: ServiceInfo): Evidence {
  const { duration = before.duration, charge_amount: charge = before.charge } = record;
  const longer = (before.duration ?? -1) > (duration ?? -1) ? before.duration : duration;
  const dearer = (before.charge ?? -1n) > (charge ?? -1n) ? before.charge : charge;
  return { ...before, record, duration: longer, charge: dearer };
}

/** A look that found the session nowhere. Those soon after its start say nothing: it takes a while to appear. */
function missed(before: Evidence, at: number): Evidence {
  if (before.startedAt !== undefined && at - before.startedAt < appearsWithinMs) return before;
  const misses = before.misses + 1;
  const missingSince = before.missingSince ?? at;
  const isGone = misses >= missesBelieved && at - missingSince >= missingForMs;
  return { ...before, misses, missingSince, missedAt: at, verdict: isGone ? 'gone' : 'unknown' };
}

/** What is known after one more sighting. */
export function see(before: Evidence, sighting: Sighting): Evidence {
  const { at, info, active, recent } = sighting;
  const end = [recent, info, active].find((record) => showsEnd(record, record === recent));
  // Lists lag, but ends do not reverse.
  if (before.verdict === 'finished') return before;
  if (typeof end === 'object') return { ...withFigures(before, end), verdict: 'finished' };
  const listed = typeof active === 'object';
  const record = typeof info === 'object' ? info : listed ? active : undefined;
  const isAlive = listed || (typeof info === 'object' && showsLife(info, sighting, before));
  const now = record === undefined ? before : withFigures({ ...before, listed: before.listed || listed }, record);
  if (isAlive)
    return { ...now, verdict: 'alive', aliveAt: at, misses: 0, missingSince: undefined, missedAt: undefined };
  const isMiss = active === 'absent' && recent !== undefined && info !== undefined;
  return isMiss ? missed(now, at) : now;
}

/** Whether the session is proven to be over. */
export function isOver({ verdict }: Evidence): boolean {
  return verdict === 'finished' || verdict === 'gone';
}

/** Whether `info` alone can be believed no longer, so that the lists have to be asked. */
export function isStale({ aliveAt, verdict }: Evidence, now: number): boolean {
  if (verdict === 'finished') return false;
  return verdict !== 'alive' || aliveAt === undefined || now - aliveAt >= staleAfterMs;
}
