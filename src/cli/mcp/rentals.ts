/** The rentals of the server, by client: starts and ends them. */
import type { Clock, LeaseLedger, OctaClient } from '../../index.ts';
import { checkLimits, totalSpendError } from './limits.ts';
import type { Quote } from './quotes.ts';
import { type JobOrder, Rental, type RentalEnd } from './rental.ts';
import type { Limits } from './settings.ts';
import { within } from './within.ts';

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
  /** Its `maxTotalSpend` limits what all rentals cost. */
  readonly client: OctaClient;
  readonly ledger: Pick<LeaseLedger, 'list'>;
  /** Throws if a file of the ledger cannot be used, so that it is not known what was spent. */
  readonly checkLedger: () => void;
  readonly clock: Clock;
  /** Unit: Unix ms. */
  readonly now: () => number;
  /** Undefined: nothing can be rented. */
  readonly limits: Limits | undefined;
  readonly keep: boolean;
  /** Gives ids that are never the same. */
  readonly newId: () => string;
}

/** Begins the lease ids of all servers. */
export const rentalPrefix = 'mcp-';
/** How long to wait for the first sign of a start, before which it may be refused. Unit: ms. */
const beginWithinMs = 5_000;
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

  /** Starts a rental. Throws LimitError if it would pass a limit; nothing is sent then. */
  async start(order: RentalOrder, party: Party): Promise<Rental> {
    const { client, checkLedger, clock, limits, keep, now } = this.#init;
    if (limits === undefined) throw new Error('this server only reads; start it with --max-total-spend');
    await this.review();
    checkLedger();
    if (this.#isEnding || party.isGone === true) throw new Error('the client is gone, so nothing was rented');
    checkLimits(order, limits, this.open.length);
    const rental = new Rental(client, { job: undefined, ...order, keep, startedAt: now() });
    this.#rentals.set(order.id, rental);
    this.#owners.set(rental, party);
    await within(rental.begun, beginWithinMs, { clock });
    if (rental.refusal !== undefined) {
      this.#forget(rental);
      throw totalSpendError(rental.refusal);
    }
    void this.#follow(rental);
    return rental;
  }

  /** Stops rentals, and waits until each is proven over. Returns those that may still run. */
  async stop(rentals: readonly Rental[]): Promise<readonly Rental[]> {
    await Promise.allSettled(rentals.map((rental) => rental.stop()));
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
  noteSession(leaseId: string, uuid: string): void {
    const rental = this.#rentals.get(leaseId);
    const key = uuid.toLowerCase();
    if (rental === undefined || rental.uuids.has(key)) return;
    rental.uuids.add(key);
    // A second session costs, too.
    rental.charge = undefined;
  }

  /** Looks up what rentals that are over did cost, as far as the API has said. */
  async settle(rentals: readonly Rental[]): Promise<void> {
    for (const rental of rentals) {
      if (rental.isProvenOver) rental.charge ??= await this.chargeOf([...rental.uuids]).catch(() => undefined);
    }
  }

  /** What sessions that are over did cost; undefined if that is not known of each. Unit: Wei. */
  async chargeOf(uuids: readonly string[]): Promise<bigint | undefined> {
    if (uuids.length === 0) return undefined;
    const { client, ledger } = this.#init;
    // It asks the API for charges that are missing, and writes them down.
    await client.leases.spending();
    const charges = new Map<string, bigint>();
    for (const record of await ledger.list()) {
      if ('charge' in record && record.isEstimate !== true)
        charges.set(record.uuid.toLowerCase(), BigInt(record.charge));
    }
    const all = uuids.map((uuid) => charges.get(uuid.toLowerCase()));
    return all.includes(undefined) ? undefined : all.reduce((sum: bigint, charge) => sum + (charge ?? 0n), 0n);
  }

  /** Finds rentals whose end could not be proven before, and of which the ledger says that it is by now. */
  async review(): Promise<void> {
    const leases = new Set((await this.#init.client.leases.list()).map(({ leaseId }) => leaseId));
    for (const rental of this.open) {
      if (rental.state === 'over' && !leases.has(rental.init.id)) rental.proveOver();
    }
  }

  async #follow(rental: Rental): Promise<void> {
    const { reason } = await rental.done;
    if (reason !== 'stopped') {
      this.#owners.get(rental)?.notices.push(`rental ${rental.init.id}: ${noticeTexts[reason]}`);
    }
    const ended = this.all.filter(({ isProvenOver }) => isProvenOver);
    for (const old of ended.slice(0, Math.max(0, ended.length - mostEnded))) this.#forget(old);
  }

  #forget(rental: Rental): void {
    this.#rentals.delete(rental.init.id);
    this.#owners.delete(rental);
  }
}
