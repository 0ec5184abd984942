/** Decides who may send a request besides the active list, so that many watched sessions send few requests. */
import type { Lease } from './lease.ts';

/** Requests in each interval in addition to the active list: the recent list, and `info` of single sessions. Unit: count. */
const perInterval = 2;

/** The requests besides the active list that remain in this interval. */
export class Extras {
  #left = perInterval;
  #since = Number.NEGATIVE_INFINITY;
  #hadRecent = false;
  /** Sessions that wait for a request of their own, in order of arrival. */
  readonly #queue = new Set<Lease>();

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

  /** Whether a session may use a request of its own now. If not, it waits in the queue. */
  take(lease: Lease, watched: Iterable<Lease>): boolean {
    this.#queue.add(lease);
    if (this.#left <= 0) return false;
    // A session that the active list no longer shows may soon need the recent list.
    const isReserved = !this.#hadRecent && [...watched].some(({ unlistedAt }) => unlistedAt !== undefined);
    const first = [...this.#queue].slice(0, this.#left - (isReserved ? 1 : 0));
    if (!first.includes(lease)) return false;
    this.#left--;
    return this.#queue.delete(lease);
  }

  /** Removes a session that nobody watches any more. */
  drop(lease: Lease): void {
    this.#queue.delete(lease);
  }
}
