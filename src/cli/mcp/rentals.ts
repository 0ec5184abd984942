/** The rentals of the server, by client: starts, ends and settles them. */
import type { Clock } from '../../index.ts';
import type { Budget } from './limits.ts';
import type { Quote } from './quotes.ts';
import { type JobOrder, Rental, type RentalEnd } from './rental.ts';
import { type Books, finalCharge, type Settled } from './settlement.ts';

/** One client of the server. */
export interface Party {
  readonly id: string;
  /** What it is told with its next answer. */
  readonly notices: string[];
  /** Whether it is gone, so that it must not rent any more. */
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
  /** Gives ids that are never the same. */
  readonly newId: () => string;
}

/** Begins the lease ids of all servers. */
export const rentalPrefix = 'mcp-';
/** When to ask for the charge of a session that has ended: the lists may lag. Unit: ms after the last time. */
const settleAfterMs = [0, 2_000, 8_000, 30_000, 120_000];
/** What a client is told. The text of an end is not in it: the API may have written that. */
const noticeTexts: Readonly<Record<RentalEnd['reason'], string>> = {
  done: 'its command has ended, and its machine was stopped',
  stopped: 'it was stopped',
  limit: 'it reached its limit of money or time, so the server stopped it',
  ended: 'it ended by itself',
  failed: 'it failed, and nothing of it runs; session_status says why',
  unproven: 'it may still run, and cost money; call stop_session',
};
/** How many rentals are remembered after their end. */
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

  /** Every rental that is remembered, the oldest first. */
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

  /** Starts a rental, once its costs are reserved. Throws LimitError if it would pass a limit; nothing is sent then. */
  async start(order: RentalOrder, party: Party): Promise<Rental> {
    const { books, budget, keep, now } = this.#init;
    if (budget === undefined) throw new Error('this server only reads; start it with --max-total-spend');
    await this.settleOld();
    await budget.reserve(order);
    if (this.#isEnding || party.isGone === true) {
      budget.close(order.id);
      await budget.settle(order.id, 0n);
      throw new Error('the client is gone, so nothing was rented');
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

  /** Stops what a client leaves behind. Returns what may still run. */
  leave(party: Party): Promise<readonly Rental[]> {
    party.isGone = true;
    return this.stop(this.open.filter((rental) => this.#owners.get(rental) === party && !rental.isKept));
  }

  /** Stops everything that is not kept. Returns what may still run. */
  leaveAll(): Promise<readonly Rental[]> {
    this.#isEnding = true;
    return this.stop(this.open.filter(({ isKept }) => !isKept));
  }

  /** Notes a session that a start began, as the ledger sees it. */
  async noteSession(id: string, uuid: string): Promise<void> {
    const rental = this.#rentals.get(id);
    const key = uuid.toLowerCase();
    // A second session of the same start costs, too.
    if (rental !== undefined && !rental.uuids.has(key)) rental.charge = undefined;
    rental?.uuids.add(key);
    await this.#init.budget?.noteSession(id, uuid);
  }

  /** Waits until the charge of a rental that is over is known, or cannot be had for now. */
  async settled(rental: Rental): Promise<void> {
    await rental.done;
    if (rental.charge === undefined) await this.#settle(rental.init.id, [...rental.uuids]).catch(() => undefined);
  }

  /** Settles what earlier servers, or this one, could not. */
  async settleOld(): Promise<void> {
    const { budget, books } = this.#init;
    if (budget === undefined) return;
    const unproven = this.all.filter(({ end }) => end?.reason === 'unproven');
    const open = await budget.unsettled();
    if (open.length + unproven.length === 0) return;
    const leases = new Set((await books.client.leases.list()).map(({ leaseId }) => leaseId));
    for (const { init } of unproven) if (!leases.has(init.id)) budget.close(init.id);
    for (const { id, uuids } of open) {
      // What is in the ledger is not proven over.
      if (!leases.has(id) && uuids.length > 0) await this.#settle(id, uuids).catch(() => undefined);
    }
  }

  async #follow(rental: Rental, budget: Budget): Promise<void> {
    const { id } = rental.init;
    const { reason, isUnsent } = await rental.done;
    // What may still run keeps its place until the ledger says that it is over.
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
