/** Types of the ledger writer. */
import type { Caller } from '../core/call-types.ts';
import type { LeaseRecord } from '../core/lease-types.ts';
import type { Background } from './background.ts';

/** A lease of one client, and its record. */
export interface LedgerEntry {
  record: LeaseRecord;
  /** When it was last written; undefined if never. Unit: ms of the wall clock. */
  putAt: number | undefined;
  /** Writes for one lease, in sequence. */
  queue: Promise<void>;
  isOver: boolean;
  /** Whether another client has a lease with this id, whose record this client must neither write nor delete. */
  isTaken?: boolean;
}

/** What the writer depends on. */
export interface LedgerTools {
  readonly caller: Caller;
  readonly background: Background;
  /** Id of this client in the ledger. */
  readonly owner: string;
  /** Looks at the session of a lease. Returns whether it is over; undefined if this client no longer holds it. */
  readonly look: (leaseId: string) => Promise<boolean | undefined>;
  /** Stops holding the session of a lease that another client has claimed. */
  readonly lose: (leaseId: string) => void;
}
