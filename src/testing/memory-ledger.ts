/** A lease ledger that lives in memory, for tests. */
import type { LeaseLedger } from '@octaspace/sdk';
import { check, times as timesRule } from './checks.ts';

/** A ledger for tests: it lives in memory, and its writes can be made to fail. */
export interface MemoryLedger extends LeaseLedger {
  /**
   * Makes the next `times` calls of `put`, `claim` and `delete` reject without a change. Default 1; Infinity is allowed.
   *
   * @throws OctaConfigurationError if `times` is less than 1.
   */
  fail(times?: number): void;
}

/**
 * Creates a lease ledger in memory. It stores records as JSON text, so it shares no objects with its callers.
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
