import type { Session } from '../../generated/models.ts';
import { aBoolean, type Checks, checkAll, milliseconds } from '../core/checks.ts';
import type { LeaseRecord } from '../core/lease-types.ts';
import { attach, leaseRecords, ledgerOf } from '../leases/attach.ts';
import { contextOf } from '../leases/leases.ts';
import { type LeaseVerdict, type ReconcileOptions, reconcile } from '../leases/reconcile.ts';
import { Resource } from './resource.ts';
import { SessionResource } from './services/session.ts';

/** What became of one lease in the ledger. */
export interface ReconciledLease {
  /** Id of the start. */
  readonly leaseId: string;
  /** UUID of its session; absent when none is known. */
  readonly uuid?: string;
  /** See {@link LeaseVerdict}. */
  readonly verdict: LeaseVerdict;
  /** The session, when it was adopted. */
  readonly session?: SessionResource;
  /** What went wrong with this lease, if anything. */
  readonly error?: unknown;
}

/** What `leases.reconcile` found and did. */
export interface ReconcileResult {
  /** Every lease in the ledger. */
  readonly leases: readonly ReconciledLease[];
  /** Active sessions of the account that no lease in the ledger is about. They are left alone. */
  readonly unmarked: readonly Session[];
}

const checks = {
  dryRun: aBoolean,
  adopt: aBoolean,
  forget: aBoolean,
  ttlMs: milliseconds,
} satisfies Checks<ReconcileOptions>;

/** What the ledger of the client has, and what became of it. Every method throws OctaConfigurationError without a `ledger`. */
export class LeasesResource extends Resource {
  /** Every lease in the ledger, whoever owns it. */
  async list(): Promise<readonly LeaseRecord[]> {
    return leaseRecords(ledgerOf(contextOf(this.core)).store);
  }

  /**
   * Compares the ledger with the API: stops the sessions of owners that are dead, or takes them over, and removes what is over. It never
   * throws over a single lease, and may run in many processes at once. Sessions of owners that live are left alone, unless a limit of
   * theirs passed more than a minute ago.
   *
   * @example
   * const { leases, unmarked } = await client.leases.reconcile();
   */
  async reconcile(options: ReconcileOptions = {}): Promise<ReconcileResult> {
    checkAll(options, checks, 'options of reconcile');
    const leave = this.caller.hold('reconcile');
    try {
      const { leases, unmarked } = await reconcile(contextOf(this.core), options);
      return { leases: leases.map((each) => this.#shown(each)), unmarked };
    } finally {
      leave();
    }
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
   * The session of a lease, for the program that resumes after a crash: this client owns it from now on, and guards it with its limits.
   *
   * @throws OctaConfigurationError when the ledger has no such lease, or its session cannot be found.
   * @example
   * const session = await client.leases.attach(leaseId);
   */
  async attach(leaseId: string): Promise<SessionResource> {
    return new SessionResource(this.core, await attach(contextOf(this.core), leaseId));
  }
}
