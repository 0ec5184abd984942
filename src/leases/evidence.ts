/** Decides from sightings alone whether a session is over. Pure functions, without a clock. */
import type { ServiceInfo } from '../../generated/models.ts';

/** What the API says about one session at one moment. A field is absent if there was no request or no response. */
export interface Sighting {
  /** When the request was sent. Unit: ms of the clock. */
  readonly at: number;
  /** `missing`: 404 or 410. */
  readonly info?: ServiceInfo | 'missing' | undefined;
  /** Its entry in the list of active sessions. */
  readonly active?: ServiceInfo | 'absent' | undefined;
  /** Its entry in the list of recent sessions. */
  readonly recent?: ServiceInfo | 'absent' | undefined;
}

/** `finished` is final. A sign of life reverts `gone`. */
export type Verdict = 'alive' | 'finished' | 'gone' | 'unknown';

/** All sightings of one session, condensed, and their verdict. */
export interface Evidence {
  readonly verdict: Verdict;
  /** When the API responded to its start; undefined if this client did not start it. Unit: ms of the clock. */
  readonly startedAt: number | undefined;
  /** The last sign of life. Unit: ms of the clock. */
  readonly aliveAt: number | undefined;
  /** Consecutive looks that found it nowhere, and the times of the first and the last. Unit: count, ms of the clock. */
  readonly misses: number;
  readonly missingSince: number | undefined;
  readonly missedAt: number | undefined;
  /** Whether it was ever listed as active. */
  readonly listed: boolean;
  /** The highest figures that the API has reported. */
  readonly duration: number | undefined;
  readonly charge: bigint | undefined;
  /** The latest record of it; once it is finished, the record of its end. */
  readonly record: ServiceInfo | undefined;
}

/** How long a new session may take to appear in all parts of the API. Unit: ms. */
export const appearsWithinMs = 60_000;
/** How long after a failed start its session may still appear. Unit: ms. */
export const lateWithinMs = 15 * 60_000;
/** In how many looks, and over what time, a session must be missing everywhere to count as gone. Unit: count, ms. */
export const missesBelieved = 3;
const missingForMs = 60_000;
/** How long a response whose figures do not grow still counts as a sign of life. Unit: ms. */
const staleAfterMs = 10_000;

/** The initial evidence: none, or the time of the response to the start. */
export function firstEvidence(startedAt?: number): Evidence {
  const nothing = { misses: 0, missingSince: undefined, missedAt: undefined, listed: false, duration: undefined };
  const verdict = startedAt === undefined ? 'unknown' : 'alive';
  return { ...nothing, verdict, startedAt, aliveAt: startedAt, charge: undefined, record: undefined };
}

/**
 * Whether a record shows the end. A time before 1970 is the zero value of some languages. A termination reason counts only in the
 * recent list, and 0, the normal one, never does: mistaking a live session for an ended one would fail every rental.
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
 * Whether a response of `info` is a sign of life. If the session should be listed but is not, only growing figures count; the first
 * response has no figures to compare with.
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

/** Counts a look that found the session nowhere. Soon after the start it does not count: a session takes a while to appear. */
function missed(before: Evidence, at: number): Evidence {
  if (before.startedAt !== undefined && at - before.startedAt < appearsWithinMs) return before;
  const misses = before.misses + 1;
  const missingSince = before.missingSince ?? at;
  const isGone = misses >= missesBelieved && at - missingSince >= missingForMs;
  return { ...before, misses, missingSince, missedAt: at, verdict: isGone ? 'gone' : 'unknown' };
}

/** The evidence after one more sighting. */
export function see(before: Evidence, sighting: Sighting): Evidence {
  const { at, info, active, recent } = sighting;
  const end = [recent, info, active].find((record) => showsEnd(record, record === recent));
  const ended: Evidence = typeof end === 'object' ? { ...withFigures(before, end), verdict: 'finished' } : before;
  // The charge may be reported later than the end.
  if (isCharged(ended) && !isCharged(before)) return ended;
  // Lists lag, but ends do not reverse.
  if (before.verdict === 'finished') return before;
  if (ended !== before) return ended;
  const listed = typeof active === 'object';
  const record = typeof info === 'object' ? info : listed ? active : undefined;
  const isAlive = listed || (typeof info === 'object' && showsLife(info, sighting, before));
  const now = record === undefined ? before : withFigures({ ...before, listed: before.listed || listed }, record);
  if (isAlive)
    return { ...now, verdict: 'alive', aliveAt: at, misses: 0, missingSince: undefined, missedAt: undefined };
  const isMiss = active === 'absent' && recent !== undefined && info !== undefined;
  return isMiss ? missed(now, at) : now;
}

/** Whether the session is proven over. */
export function isOver({ verdict }: Evidence): boolean {
  return verdict === 'finished' || verdict === 'gone';
}

/** Whether the API has reported the final charge. */
export function isCharged({ verdict, record }: Evidence): boolean {
  return verdict === 'finished' && record?.charge_amount !== undefined;
}

/** The cost of a session that is over: its final charge or, if that is unknown, at least the reserved amount. Unit: Wei. */
export function costOf(evidence: Evidence, reserved: bigint): bigint {
  const { charge = 0n } = evidence;
  return isCharged(evidence) || charge > reserved ? charge : reserved;
}

/** How long a session must be gone before a guard gives it up. Unit: ms. */
const goneForMs = 600_000;

/** Whether a session has been gone for so short a time that it may come back. */
export function mayComeBack({ verdict, missingSince = 0, missedAt = 0 }: Evidence): boolean {
  return verdict === 'gone' && missedAt - missingSince < goneForMs;
}

/** Whether `info` alone is no longer reliable, so that the lists must be read. */
export function isStale({ aliveAt, verdict }: Evidence, now: number): boolean {
  if (verdict === 'finished') return false;
  return verdict !== 'alive' || aliveAt === undefined || now - aliveAt >= staleAfterMs;
}
