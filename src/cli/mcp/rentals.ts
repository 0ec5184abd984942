/** Starts and stops the rentals of the server, by client. */
import type { Clock, LeaseLedger, OctaClient } from '../../index.ts';
import { checkLimits, refusalError } from './limits.ts';
import type { Quote } from './quotes.ts';
import { type JobOrder, Rental, type RentalEnd } from './rental.ts';
import type { Limits } from './settings.ts';
import { within } from './within.ts';

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
  /** Called if it ends without having started anything. */
  readonly onNothingStarted: () => void;
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
  /** Creates unique ids. */
  readonly newId: () => string;
}

/** Prefix of the lease ids of all servers. */
export const rentalPrefix = 'mcp-';
/** How long to wait for the first step of a start. The client may refuse the start until then. Unit: ms. */
const beginWithinMs = 5_000;
/** Notices for clients. They do not contain the text of an end, because the API may have written it. */
const noticeTexts: Readonly<Record<RentalEnd['reason'], string>> = {
  done: 'its command has ended, and its machine was stopped',
  stopped: 'it was stopped',
  limit: 'it reached its limit of money or time, so the server stopped it',
  ended: 'it ended by itself',
  failed: 'it failed; session_status says why',
  unproven: 'it may still run and cost money; call stop_session',
};
/** Maximum number of ended rentals to keep. */
const mostEnded = 100;

/** The cost of sessions; undefined if one is unknown. Unit: Wei. */
function totalOf(charges: ReadonlyMap<string, bigint>, uuids: readonly string[]): bigint | undefined {
  const all = uuids.map((uuid) => charges.get(uuid.toLowerCase()));
  return all.includes(undefined) ? undefined : all.reduce((sum: bigint, charge) => sum + (charge ?? 0n), 0n);
}

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

  /** Starts a rental. Throws before anything is sent if it would exceed a limit, or its arguments are wrong. */
  async start(order: RentalOrder, party: Party): Promise<Rental> {
    const { client, checkLedger, clock, limits, keep, now } = this.#init;
    if (limits === undefined) throw new Error('this server only reads; start it with --max-total-spend');
    await this.review();
    checkLedger();
    if (this.#isEnding || party.isGone === true) throw new Error('the client has disconnected, so nothing was rented');
    checkLimits(order, limits, this.open.length);
    const rental = new Rental(client, { job: undefined, ...order, keep, startedAt: now() });
    this.#rentals.set(order.id, rental);
    this.#owners.set(rental, party);
    await within(rental.begun, beginWithinMs, { clock });
    if (rental.refusal !== undefined) {
      this.#forget(rental);
      throw refusalError(rental.refusal);
    }
    void this.#follow(rental);
    return rental;
  }

  /** Stops rentals, and waits until each is proven over. Returns those that may still run. */
  async stop(rentals: readonly Rental[]): Promise<readonly Rental[]> {
    await Promise.allSettled(rentals.map((rental) => rental.stop()));
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
  noteSession(leaseId: string, uuid: string): void {
    const rental = this.#rentals.get(leaseId);
    const key = uuid.toLowerCase();
    if (rental === undefined || rental.uuids.has(key)) return;
    rental.uuids.add(key);
    // A second session of the same start also costs money.
    rental.charge = undefined;
  }

  /** Looks up the charges of ended rentals, as far as the API reports them. */
  async settle(rentals: readonly Rental[]): Promise<void> {
    const unknown = rentals.filter(
      ({ isProvenOver, charge, uuids }) => isProvenOver && charge === undefined && uuids.size > 0,
    );
    if (unknown.length === 0) return;
    const charges = await this.#charges().catch(() => undefined);
    for (const rental of unknown) rental.charge ??= charges && totalOf(charges, [...rental.uuids]);
  }

  /** The cost of an ended session; undefined if it is unknown. Unit: Wei. */
  async chargeOf(uuid: string): Promise<bigint | undefined> {
    return totalOf(await this.#charges(), [uuid]);
  }

  /** The final charges in the ledger, by UUID in lower case. Unit: Wei. */
  async #charges(): Promise<ReadonlyMap<string, bigint>> {
    const { client, ledger } = this.#init;
    // Asks the API for missing charges, and stores them in the ledger.
    await client.leases.spending();
    const charges = new Map<string, bigint>();
    for (const record of await ledger.list()) {
      if ('charge' in record && record.isEstimate !== true)
        charges.set(record.uuid.toLowerCase(), BigInt(record.charge));
    }
    return charges;
  }

  /** Finds rentals whose end could not be proven before, and that the ledger no longer contains. */
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
