/** What the account holds and what its sessions cost: exact, and known for every moment. */
import type { Session } from './session.ts';

const msInHour = 3_600_000n;

/** Books of one account. All times are Unix ms, whole. */
export class Ledger {
  readonly #running = new Set<Session>();
  #funds: bigint;
  /** Charges of sessions that have ended. */
  #settled = 0n;
  /** Sum of the prices of what runs, and of each price times the start: together they bound all charges at any time. */
  #price = 0n;
  #priceAtStart = 0n;
  /** Up to here the funds are known to do. */
  #checked: number;

  constructor(funds: bigint, now: number) {
    this.#funds = funds;
    this.#checked = now;
  }

  /** Sessions that cost. */
  get running(): ReadonlySet<Session> {
    return this.#running;
  }

  deposit(wei: bigint): void {
    this.#funds += wei;
  }

  begin(session: Session): void {
    this.#running.add(session);
    this.#price += session.priceWeiPerHour;
    this.#priceAtStart += session.priceWeiPerHour * BigInt(session.startedAt);
  }

  /** Takes a session off; when it ended has to be said before. */
  end(session: Session): void {
    if (!this.#running.delete(session)) return;
    this.#settled += session.chargeAt(Number.POSITIVE_INFINITY);
    this.#price -= session.priceWeiPerHour;
    this.#priceAtStart -= session.priceWeiPerHour * BigInt(session.startedAt);
  }

  /** All charges up to a moment. */
  spentAt(now: number): bigint {
    let sum = this.#settled;
    for (const session of this.#running) sum += session.chargeAt(now);
    return sum;
  }

  balanceAt(now: number): bigint {
    return this.#funds - this.spentAt(now);
  }

  /** The last millisecond that the funds pay for, when it is before `now`; undefined when they do for all. */
  lastPaidBefore(now: number): number | undefined {
    if (now <= this.#checked) return undefined;
    if (this.#boundDoes(now) || this.spentAt(now) <= this.#funds) {
      this.#checked = now;
      return undefined;
    }
    // Charges only grow, so the moment is between one that was paid for and one that is not.
    let [paid, unpaid] = [this.#checked, now];
    while (unpaid - paid > 1) {
      const middle = paid + Math.floor((unpaid - paid) / 2);
      if (this.spentAt(middle) <= this.#funds) paid = middle;
      else unpaid = middle;
    }
    this.#checked = paid;
    return paid;
  }

  /** Whether the funds do even if every millisecond were charged; cheap, and nearly always true. */
  #boundDoes(now: number): boolean {
    return this.#price * BigInt(now) - this.#priceAtStart <= (this.#funds - this.#settled) * msInHour;
  }
}
