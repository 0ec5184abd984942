/** Stores the limit and the charge of each session, in one file per session beside the ledger. */
import { mkdir, readdir, readFile, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { codeIn, syncFolder, unlessMissing, writeAside } from '../../node/durable-files.ts';

/** The record of one session. */
export interface SpendRecord {
  readonly version: 1;
  /** Lease id of the session. */
  readonly id: string;
  /** Unit: Unix ms. */
  readonly reservedAt: number;
  /** What it may cost. Unit: Wei, as digits. */
  readonly reservedWei: string;
  readonly maxMinutes: number;
  /** UUIDs of the sessions of its start. */
  readonly uuids: readonly string[];
  /** What it cost, once that is known. Unit: Wei, as digits. */
  readonly chargeWei?: string;
  /** When that was known. Unit: Unix ms. */
  readonly settledAt?: number;
}

/** A durable store of records. Several servers may share it. */
export interface SpendStore {
  /** Writes a record. It is durable when this resolves. */
  put(record: SpendRecord): Promise<void>;
  delete(id: string): Promise<void>;
  list(): Promise<readonly SpendRecord[]>;
}

/** A store in memory. */
export function memorySpendStore(): SpendStore {
  const records = new Map<string, SpendRecord>();
  return {
    put: async (record) => void records.set(record.id, record),
    delete: async (id) => void records.delete(id),
    list: async () => [...records.values()],
  };
}

const digits = /^\d+$/;

function isRecord(value: Partial<SpendRecord> | null): value is SpendRecord {
  if (typeof value !== 'object' || value === null || value.version !== 1) return false;
  const { id, reservedAt, reservedWei = '', maxMinutes, uuids, chargeWei, settledAt } = value;
  const isSettled = digits.test(chargeWei ?? '') && Number.isFinite(settledAt);
  const isOpen = chargeWei === undefined && settledAt === undefined;
  return (
    typeof id === 'string' &&
    Number.isFinite(reservedAt) &&
    digits.test(reservedWei) &&
    Number.isFinite(maxMinutes) &&
    Array.isArray(uuids) &&
    (isSettled || isOpen)
  );
}

/** The record in a file; undefined if another server has just deleted it. */
async function readRecord(path: string): Promise<SpendRecord | undefined> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if (codeIn(error) === 'ENOENT') return undefined;
    if (!(error instanceof SyntaxError)) throw error;
  }
  if (isRecord(value as SpendRecord)) return value as SpendRecord;
  // The amount counts towards the limit, but cannot be read.
  throw new Error(
    `${path} does not contain a record of spending, so the amount already spent is unknown; delete the file if you know what was spent`,
  );
}

/** A store in a folder. */
export function fileSpendStore(folder: string): SpendStore {
  const nameOf = (id: string) => `spend.${id}.json`;
  return {
    async put(record) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const temporary = await writeAside(folder, `${JSON.stringify(record)}\n`, true);
      await rename(temporary, join(folder, nameOf(record.id)));
      await syncFolder(folder);
    },
    async delete(id) {
      await unlink(join(folder, nameOf(id))).catch(unlessMissing);
    },
    async list() {
      const names = (await readdir(folder).catch(unlessMissing)) ?? [];
      const paths = names.filter((name) => /^spend\..+\.json$/.test(name)).map((name) => join(folder, name));
      return (await Promise.all(paths.map(readRecord))).filter((record) => record !== undefined);
    },
  };
}
