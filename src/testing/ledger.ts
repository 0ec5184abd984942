/** The balance of the account and the charges of its sessions, exact at any time. */
import type { Session } from './session.ts';

const msInHour = 3_600_000n;

/** The accounting of one account. All times are whole Unix ms. */
export class Ledger {
  readonly #running = new Set<Session>();
  #funds: bigint;
  /** Charges of sessions that have ended. */
  #settled = 0n;
  /** Sum of the prices of running sessions, and sum of price times start. Together they give an upper bound of the charges at any time. */
  #price = 0n;
  #priceAtStart = 0n;
  /** Up to this time, the funds are known to suffice. */
  #checked: number;

  constructor(funds: bigint, now: number) {
    this.#funds = funds;
    this.#checked = now;
  }

  /** Sessions that cost money. */
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

  /** Removes a session, whose end must already be set. */
  end(session: Session): void {
    if (!this.#running.delete(session)) return;
    this.#settled += session.chargeAt(Number.POSITIVE_INFINITY);
    this.#price -= session.priceWeiPerHour;
    this.#priceAtStart -= session.priceWeiPerHour * BigInt(session.startedAt);
  }

  /** All charges up to a time. Unit: Wei. */
  spentAt(now: number): bigint {
    let sum = this.#settled;
    for (const session of this.#running) sum += session.chargeAt(now);
    return sum;
  }

  balanceAt(now: number): bigint {
    return this.#funds - this.spentAt(now);
  }

  /** The last millisecond that the funds pay for, if it is before `now`; undefined if they suffice until `now`. */
  lastPaidBefore(now: number): number | undefined {
    if (now <= this.#checked) return undefined;
    if (this.#boundDoes(now) || this.spentAt(now) <= this.#funds) {
      this.#checked = now;
      return undefined;
    }
    // Charges only grow, so a binary search finds the time.
    let [paid, unpaid] = [this.#checked, now];
    while (unpaid - paid > 1) {
      const middle = paid + Math.floor((unpaid - paid) / 2);
      if (this.spentAt(middle) <= this.#funds) paid = middle;
      else unpaid = middle;
    }
    this.#checked = paid;
    return paid;
  }

  /** Whether the funds would suffice even if every millisecond were charged. This is fast, and nearly always true. */
  #boundDoes(now: number): boolean {
    return this.#price * BigInt(now) - this.#priceAtStart <= (this.#funds - this.#settled) * msInHour;
  }
}
