import type { Session } from '../../generated/models.ts';
import { makeStrict } from '../core/arguments.ts';
import { aBoolean, type Checks, checkAll } from '../core/checks.ts';
import type { LeaseRecord } from '../core/lease-types.ts';
import { OctaConfigurationError } from '../errors/errors.ts';
import type { TotalSpending } from '../errors/session-error.ts';
import { attach, ledgerOf } from '../leases/attach.ts';
import { contextOf } from '../leases/leases.ts';
import { aTtl } from '../leases/owners.ts';
import { type LeaseVerdict, type ReconcileOptions, reconcile } from '../leases/reconcile.ts';
import { leasesIn } from '../leases/records.ts';
import { Resource } from './resource.ts';
import { SessionResource } from './services/session.ts';

/** What happened to one lease in the ledger. */
export interface ReconciledLease {
  /** Lease id. */
  readonly leaseId: string;
  /** UUID of its session; absent if unknown. */
  readonly uuid?: string;
  /**
   * `over`: its session has ended. `stopped`: its session was stopped. `adopted`: this client owns it now. `owned`: its owner is alive, or it
   * was kept. `lost`: no session was found for a start more than 15 minutes ago. `unresolved`: not settled yet; reconcile again.
   */
  readonly verdict: LeaseVerdict;
  /** The session, if it was adopted. */
  readonly session?: SessionResource;
  /** Why this lease could not be settled, if something failed. */
  readonly error?: unknown;
}

/** The result of `leases.reconcile`. */
export interface ReconcileResult {
  /** Every lease in the ledger. */
  readonly leases: readonly ReconciledLease[];
  /** Active sessions of the account without a lease in the ledger. `reconcile` leaves them alone. */
  readonly unmarked: readonly Session[];
}

const checks = {
  dryRun: aBoolean,
  adopt: aBoolean,
  forget: aBoolean,
  ttlMs: aTtl,
} satisfies Checks<ReconcileOptions>;

/** The leases in the ledger of the client. Without `ledger`, all methods except `spending` throw OctaConfigurationError. */
export class LeasesResource extends Resource {
  /** Every lease in the ledger, of all owners. */
  async list(): Promise<readonly LeaseRecord[]> {
    return leasesIn(await ledgerOf(contextOf(this.core)).store.list());
  }

  /**
   * Compares the ledger with the API: stops or adopts the sessions of dead owners, and deletes records of leases that are over. If a
   * single lease fails, it does not throw. Many processes may run it at once. It does not touch sessions of live owners, unless they
   * exceeded one of their limits more than a minute ago.
   *
   * @throws OctaConfigurationError if an option is wrong.
   * @example
   * const { leases, unmarked } = await client.leases.reconcile();
   */
  async reconcile(options?: ReconcileOptions): Promise<ReconcileResult> {
    const given = options === undefined ? {} : options;
    checkAll(given, checks, 'options of reconcile');
    const leave = this.caller.hold('reconcile');
    try {
      const { leases, unmarked } = await reconcile(contextOf(this.core), given);
      return { leases: leases.map((each) => this.#shown(each)), unmarked };
    } finally {
      leave();
    }
  }

  /**
   * What the sessions of this client have cost, and may still cost, within the window of `maxTotalSpend`. With a ledger, it includes the
   * sessions of other processes in that ledger. If the charge of a session that is over is unknown, the client asks the API for it; if
   * that fails, the session counts with its reserved amount.
   *
   * @throws OctaConfigurationError if the client has no `maxTotalSpend`.
   * @example
   * const { spent, reserved, left } = await client.leases.spending();
   */
  async spending(): Promise<TotalSpending> {
    const { totalSpend } = contextOf(this.core);
    if (totalSpend !== undefined) return await totalSpend.read();
    throw new OctaConfigurationError({ message: 'this method requires a client with the option `maxTotalSpend`' });
  }

  #shown({ record, verdict, lease, error }: Awaited<ReturnType<typeof reconcile>>['leases'][number]): ReconciledLease {
    const uuid = lease?.uuid ?? record.uuid;
    return {
      leaseId: record.leaseId,
      ...(uuid === undefined ? {} : { uuid }),
      verdict,
      ...(verdict === 'adopted' && lease !== undefined ? { session: new SessionResource(this.core, lease) } : {}),
      ...(error === undefined ? {} : { error }),
    };
  }

  /**
   * Takes over the session of a lease, for a program that resumes after a crash. This client then owns it, and guards it with its limits.
   *
   * @throws OctaConfigurationError if the ledger has no such lease, its session is not found, or another client claims it first.
   * @example
   * const session = await client.leases.attach(leaseId);
   */
  async attach(leaseId: string): Promise<SessionResource> {
    return new SessionResource(this.core, await attach(contextOf(this.core), leaseId));
  }
}

makeStrict(LeasesResource.prototype, 'leases');
