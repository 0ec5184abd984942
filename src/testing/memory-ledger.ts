/** A lease ledger that lives in memory, for tests. */
import { check, times as timesRule } from './checks.ts';

/** What is known about one lease. */
export interface LeaseRecord {
  /** Version of this form. */
  readonly version: 1;
  /** Identity of the lease. */
  readonly leaseId: string;
  /** `starting` until the start was answered. */
  readonly state: 'starting' | 'running';
  /** Kind of service. */
  readonly service: 'mr' | 'render' | 'vpn';
  /** Number of the node. */
  readonly nodeId: number;
  /** Kind within the service, such as that of a VPN. */
  readonly kind?: string;
  /** UUID of the session, once it is known. */
  readonly uuid?: string;
  /** When the start was sent. Unit: Unix ms. */
  readonly sentAt: number;
  /** What the session must not exceed. */
  readonly limits?: { readonly maxSpend?: string; readonly endsAt?: number };
  /** Who looks after it. */
  readonly owner: string;
  /** Whether it was left running on purpose. */
  readonly kept?: boolean;
}

/** A sign of life of one owner. */
export interface HeartbeatRecord {
  /** Version of this form. */
  readonly version: 1;
  /** Identity of this record. */
  readonly id: string;
  /** Whose sign of life it is. */
  readonly owner: string;
  /** Changes with each sign of life. */
  readonly beat: number;
}

/** Where leases are written down. */
export interface LeaseLedger {
  /** Writes a record; it replaces the one of the same id. */
  put(record: LeaseRecord | HeartbeatRecord): Promise<void>;
  /** Changes the owner of a lease; false if it does not belong to `fromOwner`, or does not exist. Atomic. */
  claim(leaseId: string, fromOwner: string, toOwner: string): Promise<boolean>;
  /** Deletes a record, if it exists. */
  delete(id: string): Promise<void>;
  /** All records. */
  list(): Promise<readonly (LeaseRecord | HeartbeatRecord)[]>;
}

/** A ledger for tests: it forgets everything with the process, and can be made to fail. */
export interface MemoryLedger extends LeaseLedger {
  /**
   * Makes the next `put`, `claim` and `delete` calls reject, and leave everything as it is. Default: one call; may be Infinity.
   *
   * @throws OctaConfigurationError when `times` is below 1.
   */
  fail(times?: number): void;
}

/**
 * Makes a lease ledger that lives in memory. Records are kept as JSON text, so nothing is shared with whoever put them there.
 *
 * @example
 * const ledger = memoryLedger();
 * ledger.fail(); // the next write rejects
 */
export function memoryLedger(): MemoryLedger {
  const records = new Map<string, string>();
  let failures = 0;
  const write = <Result>(work: () => Result): Promise<Result> => {
    if (failures === 0) return Promise.resolve(work());
    failures--;
    return Promise.reject(new Error('the ledger could not be written'));
  };
  return {
    async put(record) {
      const [id, text] = ['leaseId' in record ? record.leaseId : record.id, JSON.stringify(record)];
      await write(() => records.set(id, text));
    },
    claim: (leaseId, fromOwner, toOwner) =>
      write(() => {
        const record: unknown = JSON.parse(records.get(leaseId) ?? '{}');
        const { owner }: { owner?: unknown } = Object(record);
        if (owner !== fromOwner || !('leaseId' in Object(record))) return false;
        records.set(leaseId, JSON.stringify({ ...Object(record), owner: toOwner }));
        return true;
      }),
    async delete(id) {
      await write(() => records.delete(id));
    },
    list: async () => [...records.values()].map((text) => JSON.parse(text)),
    fail(times = 1) {
      check('times', times, timesRule);
      failures = times;
    },
  };
}
