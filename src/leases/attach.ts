/** Taking over a lease that is in the ledger. */
import type { Session } from '../../generated/models.ts';
import type { LeaseRecord } from '../core/lease-types.ts';
import { OctaConfigurationError } from '../errors/errors.ts';
import type { Context } from './context.ts';
import { SessionGuard } from './guard.ts';
import { keyOf, markOf } from './identity.ts';
import type { Lease } from './lease.ts';
import type { LedgerWriter } from './ledger.ts';
import { leasesIn, reservedIn } from './records.ts';

/** The ledger of a client. Throws OctaConfigurationError if it has none. */
export function ledgerOf({ ledger }: Context): LedgerWriter {
  if (ledger !== undefined) return ledger;
  throw new OctaConfigurationError({ message: 'this method requires a client with the option `ledger`' });
}

/** Makes this client the owner of a lease; undefined if another client claimed it first. */
export async function claimLease(context: Context, record: LeaseRecord, known: Lease): Promise<Lease | undefined> {
  const writer = ledgerOf(context);
  if (!(await writer.store.claim(record.leaseId, record.owner, writer.owner))) return undefined;
  writer.take({ ...record, owner: writer.owner });
  const lease = context.held.get(known.key) ?? context.hold(known.uuid, known.facts);
  lease.evidence = known.evidence;
  lease.kept = record.kept === true;
  if (context.totalSpend !== undefined) lease.reserved ||= reservedIn(record);
  if (record.uuid !== undefined) writer.change(record.leaseId, { uuid: record.uuid, state: 'running' });
  return lease;
}

/** Makes this client stop further sessions of a settled lease: those that a list shows with its mark, except the `known` ones. */
export function inherit(context: Context, { leaseId: id, service, nodeId, kind }: LeaseRecord, known: string[]): void {
  if (context.attempts.has(id)) return;
  const facts = { id, service, nodeId, kind, headers: undefined, byRent: true, isInherited: true };
  context.track({ ...facts, state: 'started', keys: new Set(known) });
}

/** Guards a claimed lease with the limits in its record. */
export function guardAgain(context: Context, record: LeaseRecord, lease: Lease): void {
  const { limits: { maxDurationMs, maxSpend: text } = {}, totalSpend } = record;
  // If the client died early, the limits of its guard are not in the ledger yet.
  const maxSpend = (text === undefined ? reservedIn(record) : BigInt(text)) || undefined;
  if (maxDurationMs === undefined && maxSpend === undefined) return;
  const unknownCharge = totalSpend === undefined ? undefined : 'stop';
  new SessionGuard(context, lease, { maxDurationMs, maxSpend, unknownCharge });
}

/** `leases.attach`: makes this client the owner of one lease. Throws OctaConfigurationError if the lease or its session is not found. */
export async function attach(context: Context, leaseId: string): Promise<Lease> {
  const refuse = (why: string): never => {
    throw new OctaConfigurationError({ message: `attach: lease ${JSON.stringify(leaseId)} ${why}` });
  };
  const own = context.heldAs(leaseId);
  if (own !== undefined) return own;
  const record = leasesIn(await ledgerOf(context).store.list()).find((each) => each.leaseId === leaseId);
  if (record === undefined) return refuse('is not in the ledger');
  const { value } = await context.api.list(false, {});
  const isIt = (session: Session) =>
    markOf(session, context.variable) === leaseId || keyOf(session.uuid) === keyOf(record.uuid ?? '-');
  const uuid = record.uuid ?? value.find(isIt)?.uuid;
  if (uuid === undefined) return refuse('has no session in the active list');
  const { service, nodeId, kind } = record;
  const known = context.leaseOf(uuid, { leaseId, service, nodeId, kind });
  const lease = await claimLease(context, { ...record, uuid }, known);
  if (lease === undefined) return refuse('was just claimed by another client');
  guardAgain(context, record, lease);
  return lease;
}
