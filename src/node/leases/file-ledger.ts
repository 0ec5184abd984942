/** `fileLedger()`: stores each lease as a file in one folder. */
import { link, mkdir, readdir, readFile, rename, stat, unlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { LeaseLedger } from '../../core/lease-types.ts';
import { OctaConfigurationError, OctaError } from '../../errors/errors.ts';
import type { LedgerRecord } from '../../leases/records.ts';
import { unknownOption } from '../../nearest.ts';
import { codeIn, syncFolder, unlessMissing, writeAside } from '../durable-files.ts';
import {
  codeOf,
  type FileName,
  idOf,
  type LedgerFileReason,
  mayBeLease,
  nameOf,
  placeOf,
  readError,
  readName,
  readText,
} from './ledger-files.ts';

/** A file in the folder of a ledger that cannot be used. The ledger leaves it unchanged. */
export interface LedgerProblem {
  /** Path of the file. */
  readonly file: string;
  /**
   * `damaged`: truncated or incomplete. `unreadable`: a folder, or a file that this user must not read. `other-version`: written by
   * another version of the package. `foreign`: not from a ledger.
   */
  readonly reason: LedgerFileReason;
  /** Whether it may be the record of a lease, whose session may still run. */
  readonly mayBeLease: boolean;
  /** Description for people. */
  readonly message: string;
}

/** Options of `fileLedger()`. */
export interface FileLedgerOptions {
  /** Called once for each file that cannot be used. Default: print a warning to the console. */
  readonly onProblem?: ((problem: LedgerProblem) => void) | undefined;
}

/** Age above which a temporary file or heartbeat counts as left behind by a dead process. Unit: ms. */
const temporaryForMs = 3_600_000;
const beatKeptMs = 86_400_000;
/** How often to retry an operation that conflicts with other processes. Unit: count. */
const mostTries = 20;

function unlessUnreadable(error: unknown): ReturnType<typeof readError> | undefined {
  return codeIn(error) === 'ENOENT' ? undefined : readError(error);
}

/** A ledger in one folder. */
class FileLedger implements LeaseLedger {
  readonly #folder: string;
  readonly #onProblem: (problem: LedgerProblem) => void;
  readonly #told = new Set<string>();
  /**
   * Generations of the leases that this process has written, by the code of their id. An owner that was suspended, even during a write,
   * continues with its own generation, and so never overwrites the file of an owner that has claimed the lease meanwhile.
   */
  readonly #generations = new Map<string, number>();

  constructor(folder: string, { onProblem }: FileLedgerOptions) {
    this.#folder = resolve(folder);
    this.#onProblem = onProblem ?? (({ message }) => console.warn(`octaspace: ${message}`));
  }

  async put(record: LedgerRecord): Promise<void> {
    await this.#explained(`cannot write ${idOf(record)} into`, async () => {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      const { kind, code } = placeOf(record);
      const temporary = await this.#writeAside(record, kind !== 'beat');
      try {
        if (kind === 'lease') await this.#putLease(temporary, code);
        else await rename(temporary, this.#path({ kind, code, generation: 0 }));
        if (kind !== 'beat') await syncFolder(this.#folder);
      } finally {
        await unlink(temporary).catch(() => undefined);
      }
    });
  }

  async claim(leaseId: string, fromOwner: string, toOwner: string): Promise<boolean> {
    return await this.#explained(`cannot claim ${leaseId} in`, async () => {
      const newest = this.#newest(await this.#names(), codeOf(leaseId));
      if (newest === undefined) return false;
      const record = await this.#read(newest);
      if (record === undefined || !('leaseId' in record) || record.owner !== fromOwner) return false;
      const next = { ...newest, generation: newest.generation + 1 };
      const temporary = await this.#writeAside({ ...record, owner: toOwner }, true);
      try {
        // The file system lets only one claimant create the name. A crash leaves no lock behind.
        await link(temporary, this.#path(next));
      } catch (error) {
        if (codeIn(error) === 'EEXIST') return false;
        throw error;
      } finally {
        await unlink(temporary).catch(() => undefined);
      }
      await syncFolder(this.#folder);
      // If the lease was deleted between the read and the claim, it must not come back.
      const isThere = await stat(this.#path(newest)).then(() => true, unlessMissing);
      await this.#remove(isThere ? newest : next);
      if (isThere) this.#generations.set(next.code, next.generation);
      return isThere === true;
    });
  }

  async delete(id: string): Promise<void> {
    await this.#explained(`cannot remove ${id} from`, async () => {
      const code = codeOf(id);
      this.#generations.delete(code);
      const files = (await this.#names()).filter((each) => each.code === code);
      // The newest one last: as long as it exists, it is the valid one.
      for (const file of files.sort((one, other) => one.generation - other.generation)) await this.#remove(file);
      if (files.some(({ kind }) => kind !== 'beat')) await syncFolder(this.#folder);
    });
  }

  async list(): Promise<readonly LedgerRecord[]> {
    return await this.#explained('cannot read', async () => {
      const names = await this.#names(true);
      const newest = new Map<string, FileName>();
      for (const name of names) {
        const key = `${name.kind}.${name.code}`;
        const known = newest.get(key);
        if (known === undefined || known.generation < name.generation) newest.set(key, name);
      }
      const records: LedgerRecord[] = [];
      for (const name of newest.values()) {
        const record = await this.#readCurrent(name);
        if (record !== undefined) records.push(record);
      }
      return records;
    });
  }

  #path(name: FileName): string {
    return join(this.#folder, nameOf(name));
  }

  /** Runs work on the folder, and adds the path of the folder to errors. */
  async #explained<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (cause) {
      const detail = cause instanceof Error ? cause.message : String(cause);
      throw new OctaError({ message: `${what} the lease ledger ${this.#folder}: ${detail}`, cause });
    }
  }

  /** Writes a record to a temporary file, which no reader uses. */
  #writeAside(record: LedgerRecord, isDurable: boolean): Promise<string> {
    return writeAside(this.#folder, `${JSON.stringify(record)}\n`, isDurable);
  }

  /** Moves a lease to the generation that this process wrote last, else to the newest one, else to the first. */
  async #putLease(temporary: string, code: string): Promise<void> {
    for (let tries = 1; ; tries++) {
      const known = this.#generations.get(code) ?? this.#newest(await this.#names(), code)?.generation;
      const path = this.#path({ kind: 'lease', code, generation: known ?? 0 });
      try {
        await (known === undefined ? link : rename)(temporary, path);
        this.#generations.set(code, known ?? 0);
        return;
      } catch (error) {
        if (codeIn(error) !== 'EEXIST' || tries === mostTries) throw error;
      }
    }
  }

  async #remove(name: FileName): Promise<void> {
    await unlink(this.#path(name)).catch(unlessMissing);
  }

  #newest(names: readonly FileName[], code: string): FileName | undefined {
    const ofLease = names.filter((each) => each.kind === 'lease' && each.code === code);
    return ofLease.sort((one, other) => other.generation - one.generation)[0];
  }

  /** Files of records; none if the folder does not exist. With `complain`, reports other files. */
  async #names(complain = false): Promise<FileName[]> {
    const entries = await readdir(this.#folder).catch(unlessMissing);
    const names: FileName[] = [];
    for (const entry of entries ?? []) {
      const name = readName(entry);
      if (name !== undefined) names.push(name);
      else if (complain && entry.endsWith('.tmp')) await this.#tidy(entry, temporaryForMs);
      else if (complain && !entry.startsWith('.')) this.#tell(entry, 'foreign', 'its name is not that of a record');
    }
    return names;
  }

  /** Reads the newest record of a lease, even if its owner changes meanwhile. */
  async #readCurrent(name: FileName): Promise<LedgerRecord | undefined> {
    let current: FileName | undefined = name;
    for (let tries = 1; current !== undefined && tries <= mostTries; tries++) {
      const record = await this.#read(current);
      if (record !== undefined || name.kind !== 'lease') return record;
      const newest: FileName | undefined = this.#newest(await this.#names(), name.code);
      if (newest?.generation === current.generation) return undefined;
      current = newest;
    }
    return undefined;
  }

  /** Undefined if the file is gone or cannot be used. */
  async #read(name: FileName): Promise<LedgerRecord | undefined> {
    const read = await readFile(this.#path(name), 'utf8').then((text) => readText(name, text), unlessUnreadable);
    if (read === undefined) return undefined;
    if (name.kind === 'beat' && (await this.#tidy(nameOf(name), beatKeptMs))) return undefined;
    if ('record' in read) return read.record;
    this.#tell(nameOf(name), read.reason, read.detail);
    return undefined;
  }

  /** Deletes a file that has not changed for `afterMs`. Returns whether it did. */
  async #tidy(entry: string, afterMs: number): Promise<boolean> {
    const path = join(this.#folder, entry);
    const found = await stat(path).catch(() => undefined);
    if (found === undefined || Date.now() - found.mtimeMs < afterMs) return false;
    return (await unlink(path).catch(() => 'kept')) !== 'kept';
  }

  #tell(entry: string, reason: LedgerFileReason, detail: string): void {
    if (this.#told.has(entry)) return;
    this.#told.add(entry);
    const file = join(this.#folder, entry);
    this.#onProblem({
      file,
      reason,
      mayBeLease: mayBeLease(entry),
      message: `${file} in the lease ledger cannot be used: ${detail}; it was left unchanged`,
    });
  }
}

/**
 * A lease ledger in a folder on a local disk, for the option `ledger` of the client. Each lease is a file, which is synced to disk
 * before the start is sent. Several processes may use the folder at once. It is created on first use, readable only for its owner. It
 * never holds an API key. Files that cannot be used are reported and left unchanged.
 *
 * @throws OctaConfigurationError if `directory` is not a non-empty string, or an option is wrong.
 * @example
 * const client = new OctaClient({ apiKey, ledger: fileLedger('/var/lib/renderer/leases') });
 */
export function fileLedger(directory: string, options: FileLedgerOptions = {}): LeaseLedger {
  if (typeof directory !== 'string' || directory.trim() === '') {
    throw new OctaConfigurationError({ message: 'fileLedger: directory must be a non-empty string' });
  }
  const unknown = Object.keys(options).find((name) => name !== 'onProblem');
  if (unknown !== undefined) {
    throw new OctaConfigurationError({ message: unknownOption(unknown, ['onProblem'], 'fileLedger') });
  }
  if (options.onProblem !== undefined && typeof options.onProblem !== 'function') {
    throw new OctaConfigurationError({ message: 'onProblem of fileLedger must be a function' });
  }
  return new FileLedger(directory, options);
}
