/** Decides which sessions may have a request of their own besides the active list, so that many watched sessions cause few requests. */
import type { Lease } from './lease.ts';

/**
 * Requests in each interval in addition to the active list: the recent list, and `info` of single sessions. The recent list is never
 * refused, because it proves ends; it takes the place of an `info`. Unit: count.
 */
const perInterval = 2;

/** Whether the recent list may be requested for a session soon. */
function mayNeedRecent({ unlistedAt, stopSentAt, evidence }: Lease): boolean {
  return unlistedAt !== undefined && (evidence.listed || stopSentAt !== undefined);
}

/** The requests besides the active list that remain in this interval. */
export class Extras {
  #left = perInterval;
  #since = Number.NEGATIVE_INFINITY;
  #hadRecent = false;
  /** When sessions last asked for a request of their own. */
  readonly #askedAt = new Map<Lease, number>();
  /** When sessions last had one. */
  readonly #servedAt = new WeakMap<Lease, number>();

  /** Counts a list. The first active list after an interval starts the next one. */
  count(recent: boolean, at: number, intervalMs: number): void {
    if (recent) {
      this.#left--;
      this.#hadRecent = true;
    } else if (at - this.#since >= intervalMs) {
      this.#since = at;
      this.#left = perInterval;
      this.#hadRecent = false;
    }
  }

  /** Whether a session may use a request of its own now. Those that have waited longest since their last one go first. */
  take(
    lease: Lease,
    { now, intervalMs, watched }: { now: number; intervalMs: number; watched: Iterable<Lease> },
  ): boolean {
    this.#askedAt.set(lease, now);
    if (this.#left <= 0) return false;
    const isReserved = !this.#hadRecent && [...watched].some(mayNeedRecent);
    if (this.#countBefore(lease, now - 2 * intervalMs) >= this.#left - (isReserved ? 1 : 0)) return false;
    this.#left--;
    this.#servedAt.set(lease, now);
    this.#askedAt.delete(lease);
    return true;
  }

  /** Removes a session that nobody watches any more. */
  drop(lease: Lease): void {
    this.#askedAt.delete(lease);
  }

  /** How many sessions go first. Those that last asked before `since` need nothing at the moment. */
  #countBefore(lease: Lease, since: number): number {
    const own = this.#servedAt.get(lease) ?? Number.NEGATIVE_INFINITY;
    let count = 0;
    let isEarlier = true;
    for (const [other, askedAt] of this.#askedAt) {
      if (other === lease) isEarlier = false;
      else if (askedAt <= since) this.#askedAt.delete(other);
      else {
        const served = this.#servedAt.get(other) ?? Number.NEGATIVE_INFINITY;
        if (served < own || (served === own && isEarlier)) count++;
      }
    }
    return count;
  }
}
