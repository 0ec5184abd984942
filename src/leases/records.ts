/** What the records of a ledger say. */
import type { HeartbeatRecord, LeaseRecord, SpentRecord } from '../core/lease-types.ts';
import type { Hold } from './attempt.ts';
import { costOf, isCharged } from './evidence.ts';
import { keyOf } from './identity.ts';
import type { Lease } from './lease.ts';

/** The facts that a record of a start, or of its session, contains. */
export type StartFacts = Pick<LeaseRecord, 'service' | 'nodeId' | 'uuid'> & {
  readonly id: string;
  readonly kind: string | undefined;
  readonly hold?: Hold | undefined;
  /** Whether the caller chose the id, so that another start may have the same one. */
  readonly hasGivenId?: boolean;
};

/** A new record. `windowMs` is that of `maxTotalSpend` of the client. */
export function recordOf(
  { id: leaseId, service, nodeId, kind, uuid, hold }: StartFacts,
  { owner, sentAt, windowMs }: { owner: string; sentAt: number; windowMs: number | undefined },
): LeaseRecord {
  return {
    version: 1,
    leaseId,
    state: uuid === undefined ? 'starting' : 'running',
    service,
    nodeId,
    ...(kind === undefined ? {} : { kind }),
    ...(uuid === undefined ? {} : { uuid }),
    sentAt,
    owner,
    ...(windowMs === undefined ? {} : { totalSpend: { reserved: String(hold?.wei ?? 0n), windowMs } }),
  };
}

/** A record in a ledger. */
export type LedgerRecord = LeaseRecord | HeartbeatRecord | SpentRecord;

/** The leases among the records of a ledger. */
export function leasesIn(all: readonly LedgerRecord[]): LeaseRecord[] {
  return all.filter((record): record is LeaseRecord => 'leaseId' in record);
}

/** The charges among the records of a ledger. */
export function spentIn(all: readonly LedgerRecord[]): SpentRecord[] {
  return all.filter((record): record is SpentRecord => 'charge' in record);
}

/** Ids of charges that no longer count. */
export function outdatedIn(all: readonly LedgerRecord[], wallNow: number): string[] {
  return spentIn(all).flatMap(({ id, endedAt, windowMs }) => (wallNow - endedAt >= windowMs ? id : []));
}

/** The most that the session of a lease may cost, as far as its record says. Unit: Wei. */
export function reservedIn({ totalSpend, limits }: LeaseRecord): bigint {
  return BigInt(totalSpend?.reserved ?? limits?.maxSpend ?? 0);
}

/** The charge of a session that is over, if it counts. */
export function spentRecord(record: LeaseRecord, lease: Lease, endedAt: number): SpentRecord | undefined {
  const { owner, totalSpend } = record;
  if (totalSpend === undefined) return undefined;
  const { uuid, evidence } = lease;
  const charge = String(costOf(evidence, reservedIn(record)));
  const counts = { charge, isEstimate: !isCharged(evidence), endedAt, windowMs: totalSpend.windowMs };
  return { version: 1, id: `spent-${keyOf(uuid)}`, owner, uuid, ...counts };
}
