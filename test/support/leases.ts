/** Ledgers and their records, for tests of leases that outlive a client. */
import { callerOf } from '../../src/core/octa-core.ts';
import type { HeartbeatRecord, LeaseLedger, LeaseRecord, OctaClient } from '../../src/index.ts';
import { type MemoryLedger, memoryLedger } from '../../src/testing/index.ts';

/** A ledger that records its writes, in order: `put starting`, `put running`, `put beat`, `claim`, `delete`. */
export interface WatchedLedger extends MemoryLedger {
  readonly writes: string[];
  /** Awaited before each write; a test can delay it. */
  before: (write: string) => Promise<void> | undefined;
  leases(): Promise<LeaseRecord[]>;
  beats(): Promise<HeartbeatRecord[]>;
}

/** Creates such a ledger, which several clients can share. */
export function watchedLedger(): WatchedLedger {
  const ledger = memoryLedger();
  const writes: string[] = [];
  const did = async (write: string): Promise<void> => {
    await watched.before(write);
    writes.push(write);
  };
  const watched: WatchedLedger = {
    ...ledger,
    writes,
    before: () => undefined,
    put: async (record) => {
      await did(`put ${'state' in record ? record.state : 'beat'}`);
      await ledger.put(record);
    },
    claim: async (...given) => {
      await did('claim');
      return ledger.claim(...given);
    },
    delete: async (id) => {
      await did('delete');
      await ledger.delete(id);
    },
    leases: async () => (await ledger.list()).filter((record): record is LeaseRecord => 'leaseId' in record),
    beats: async () => (await ledger.list()).filter((record): record is HeartbeatRecord => 'beat' in record),
  };
  return watched;
}

/** The ledger of a client whose process is suspended or dead while `isFrozen` is true: its writes never arrive. */
export function freezable(ledger: LeaseLedger): LeaseLedger & { isFrozen: boolean } {
  const frozen = (): Promise<never> | undefined =>
    made.isFrozen ? Promise.reject(new Error('the process is frozen')) : undefined;
  const made = {
    isFrozen: false,
    put: async (...given: Parameters<LeaseLedger['put']>) => (await frozen()) ?? ledger.put(...given),
    claim: async (...given: Parameters<LeaseLedger['claim']>) => (await frozen()) ?? ledger.claim(...given),
    delete: async (...given: Parameters<LeaseLedger['delete']>) => (await frozen()) ?? ledger.delete(...given),
    list: async () => (await frozen()) ?? ledger.list(),
  };
  return made;
}

/** The record of a lease of a dead client. */
export function recordOf(
  client: OctaClient,
  given: Partial<LeaseRecord> & { readonly agoMs?: number } = {},
): LeaseRecord {
  const { agoMs = 0, ...rest } = given;
  const sentAt = callerOf(client).time.wallNow() - agoMs;
  return {
    version: 1,
    leaseId: 'lease-1',
    state: 'starting',
    service: 'mr',
    nodeId: 1,
    sentAt,
    owner: 'dead',
    ...rest,
  };
}
