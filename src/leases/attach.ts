/** Taking over a lease that is in the ledger. */
import type { Session } from '../../generated/models.ts';
import type { LeaseLedger, LeaseRecord } from '../core/lease-types.ts';
import { OctaConfigurationError } from '../errors/errors.ts';
import type { Context } from './context.ts';
import { SessionGuard } from './guard.ts';
import { keyOf, markOf } from './identity.ts';
import type { Lease } from './lease.ts';
import type { LedgerWriter } from './ledger.ts';

/** The ledger of a client. Throws OctaConfigurationError when it has none. */
export function ledgerOf({ ledger }: Context): LedgerWriter {
  if (ledger !== undefined) return ledger;
  throw new OctaConfigurationError({ message: 'this needs a client with the option `ledger`' });
}

/** All leases in a ledger. */
export async function leaseRecords(store: LeaseLedger): Promise<readonly LeaseRecord[]> {
  return (await store.list()).filter((record): record is LeaseRecord => 'leaseId' in record);
}

/** Makes this client the owner of a lease; undefined when somebody else was faster. */
export async function claimLease(context: Context, record: LeaseRecord, known: Lease): Promise<Lease | undefined> {
  const writer = ledgerOf(context);
  if (!(await writer.store.claim(record.leaseId, record.owner, writer.owner))) return undefined;
  writer.take({ ...record, owner: writer.owner });
  const lease = context.held.get(known.key) ?? context.hold(known.uuid, known.facts);
  lease.evidence = known.evidence;
  lease.kept = record.kept === true;
  if (record.uuid !== undefined) writer.change(record.leaseId, { uuid: record.uuid, state: 'running' });
  return lease;
}

/** Guards a lease that was taken over, by the limits that its record has. */
export function guardAgain(context: Context, { limits = {} }: LeaseRecord, lease: Lease): void {
  const { maxDurationMs, maxSpend } = limits;
  if (maxDurationMs === undefined && maxSpend === undefined) return;
  new SessionGuard(context, lease, { maxDurationMs, maxSpend: maxSpend === undefined ? undefined : BigInt(maxSpend) });
}

/** `leases.attach`: makes this client the owner of one lease. Throws OctaConfigurationError when there is none, or no session of it. */
export async function attach(context: Context, leaseId: string): Promise<Lease> {
  const refuse = (why: string): never => {
    throw new OctaConfigurationError({ message: `attach: lease ${JSON.stringify(leaseId)} ${why}` });
  };
  const own = [...context.held.values()].find(({ facts }) => facts.leaseId === leaseId);
  if (own !== undefined) return own;
  const record = (await leaseRecords(ledgerOf(context).store)).find((each) => each.leaseId === leaseId);
  if (record === undefined) return refuse('is not in the ledger');
  const { value } = await context.api.list(false, {});
  const isIt = (session: Session) =>
    markOf(session, context.variable) === leaseId || keyOf(session.uuid) === keyOf(record.uuid ?? '-');
  const uuid = record.uuid ?? value.find(isIt)?.uuid;
  if (uuid === undefined) return refuse('has no session that the API shows');
  const { service, nodeId, kind } = record;
  const known = context.leaseOf(uuid, { leaseId, service, nodeId, kind });
  const lease = await claimLease(context, { ...record, uuid }, known);
  if (lease === undefined) return refuse('was taken by somebody else just now');
  guardAgain(context, record, lease);
  return lease;
}
