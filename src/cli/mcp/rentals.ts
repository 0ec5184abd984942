/** Starts, stops and settles the rentals of the server, by client. */
import type { Clock } from '../../index.ts';
import type { Budget } from './limits.ts';
import type { Quote } from './quotes.ts';
import { type JobOrder, Rental, type RentalEnd } from './rental.ts';
import { type Books, finalCharge, type Settled } from './settlement.ts';

/** One client of the server. */
export interface Party {
  readonly id: string;
  /** Notices for its next result. */
  readonly notices: string[];
  /** Whether it has disconnected, so that it must not rent any more. */
  isGone?: boolean;
}

/** What an agent wants to rent. */
export interface RentalOrder {
  /** Id of the rental, and of its lease: from `newId`. */
  readonly id: string;
  readonly quote: Quote;
  readonly job?: JobOrder;
  readonly maxSpend: bigint;
  readonly maxMinutes: number;
}

/** What rentals need. */
export interface RentalsInit {
  readonly books: Books;
  readonly clock: Clock;
  /** Unit: Unix ms. */
  readonly now: () => number;
  readonly budget: Budget | undefined;
  readonly keep: boolean;
  /** Creates unique ids. */
  readonly newId: () => string;
}

/** Prefix of the lease ids of all servers. */
export const rentalPrefix = 'mcp-';
/** When to look up the charge of an ended session; several times, because the lists may lag. Unit: ms after the last time. */
const settleAfterMs = [0, 2_000, 8_000, 30_000, 120_000];
/** Notices for clients. They do not contain the text of an end, because the API may have written it. */
const noticeTexts: Readonly<Record<RentalEnd['reason'], string>> = {
  done: 'its command has ended, and its machine was stopped',
  stopped: 'it was stopped',
  limit: 'it reached its limit of money or time, so the server stopped it',
  ended: 'it ended by itself',
  failed: 'it failed and does not run; session_status says why',
  unproven: 'it may still run and cost money; call stop_session',
};
/** Maximum number of ended rentals to keep. */
const mostEnded = 100;

/** All rentals of the server. */
export class Rentals {
  readonly #init: RentalsInit;
  readonly #rentals = new Map<string, Rental>();
  readonly #owners = new Map<Rental, Party>();
  #isEnding = false;

  constructor(init: RentalsInit) {
    this.#init = init;
  }

  /** A new id for a rental. */
  newId(): string {
    return `${rentalPrefix}${this.#init.newId()}`;
  }

  /** All stored rentals, the oldest first. */
  get all(): readonly Rental[] {
    return [...this.#rentals.values()];
  }

  /** Those that may still run. */
  get open(): readonly Rental[] {
    return this.all.filter(({ isProvenOver }) => !isProvenOver);
  }

  /** A rental, by its id or the UUID of its session. */
  find(text: string): Rental | undefined {
    const key = text.trim().toLowerCase();
    return this.#rentals.get(text.trim()) ?? this.all.find(({ uuids }) => uuids.has(key));
  }

  /** Reserves the costs of a rental, then starts it. Throws LimitError before anything is sent if it would exceed a limit. */
  async start(order: RentalOrder, party: Party): Promise<Rental> {
    const { books, budget, keep, now } = this.#init;
    if (budget === undefined) throw new Error('this server only reads; start it with --max-total-spend');
    await this.settleOld();
    await budget.reserve(order);
    if (this.#isEnding || party.isGone === true) {
      budget.close(order.id);
      await budget.settle(order.id, 0n);
      throw new Error('the client has disconnected, so nothing was rented');
    }
    const rental = new Rental(books.client, { job: undefined, ...order, keep, startedAt: now() });
    this.#rentals.set(order.id, rental);
    this.#owners.set(rental, party);
    void this.#follow(rental, budget);
    return rental;
  }

  /** Stops rentals, and waits until each is proven over. Returns those that may still run. */
  async stop(rentals: readonly Rental[]): Promise<readonly Rental[]> {
    await Promise.allSettled(rentals.map((rental) => rental.stop()));
    for (const { init, isProvenOver } of rentals) if (isProvenOver) this.#init.budget?.close(init.id);
    return rentals.filter(({ isProvenOver }) => !isProvenOver);
  }

  /** Stops the sessions of a client that disconnected, except kept ones. Returns those that may still run. */
  leave(party: Party): Promise<readonly Rental[]> {
    party.isGone = true;
    return this.stop(this.open.filter((rental) => this.#owners.get(rental) === party && !rental.isKept));
  }

  /** Stops all sessions that are not kept. Returns those that may still run. */
  leaveAll(): Promise<readonly Rental[]> {
    this.#isEnding = true;
    return this.stop(this.open.filter(({ isKept }) => !isKept));
  }

  /** Records the session of a start, when the ledger knows it. */
  async noteSession(id: string, uuid: string): Promise<void> {
    const rental = this.#rentals.get(id);
    const key = uuid.toLowerCase();
    // A second session of the same start also costs money.
    if (rental !== undefined && !rental.uuids.has(key)) rental.charge = undefined;
    rental?.uuids.add(key);
    await this.#init.budget?.noteSession(id, uuid);
  }

  /** Waits until the charge of an ended rental is known, or is not available for now. */
  async settled(rental: Rental): Promise<void> {
    await rental.done;
    if (rental.charge === undefined) await this.#settle(rental.init.id, [...rental.uuids]).catch(() => undefined);
  }

  /** Settles rentals that this server, or an earlier one, could not settle. */
  async settleOld(): Promise<void> {
    const { budget, books } = this.#init;
    if (budget === undefined) return;
    const unproven = this.all.filter(({ end }) => end?.reason === 'unproven');
    const open = await budget.unsettled();
    if (open.length + unproven.length === 0) return;
    const leases = new Set((await books.client.leases.list()).map(({ leaseId }) => leaseId));
    for (const { init } of unproven) if (!leases.has(init.id)) budget.close(init.id);
    for (const { id, uuids } of open) {
      // A session in the ledger is not proven over.
      if (!leases.has(id) && uuids.length > 0) await this.#settle(id, uuids).catch(() => undefined);
    }
  }

  async #follow(rental: Rental, budget: Budget): Promise<void> {
    const { id } = rental.init;
    const { reason, isUnsent } = await rental.done;
    // A session that may still run counts until the ledger says that it is over.
    if (reason !== 'unproven') budget.close(id);
    if (reason !== 'stopped') this.#owners.get(rental)?.notices.push(`rental ${id}: ${noticeTexts[reason]}`);
    this.#forget();
    if (isUnsent === true && rental.uuids.size === 0) return budget.settle(id, 0n).catch(() => undefined);
    for (const afterMs of settleAfterMs) {
      await this.#rest(afterMs);
      if (rental.charge !== undefined) return;
      await this.#settle(id, [...rental.uuids]).catch(() => undefined);
    }
  }

  async #settle(id: string, uuids: readonly string[]): Promise<void> {
    const settled: Settled = { id, uuids };
    const charge = await finalCharge(this.#init.books, settled);
    if (charge === undefined) return;
    const rental = this.#rentals.get(id);
    if (rental !== undefined) rental.charge = charge;
    await this.#init.budget?.settle(id, charge);
  }

  #forget(): void {
    const ended = this.all.filter(({ isProvenOver }) => isProvenOver);
    for (const rental of ended.slice(0, Math.max(0, ended.length - mostEnded))) {
      this.#rentals.delete(rental.init.id);
      this.#owners.delete(rental);
    }
  }

  #rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      if (ms === 0) resolve();
      else this.#init.clock.setTimer(resolve, ms, 'background');
    });
  }
}
