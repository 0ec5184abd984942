/** File names and contents of records, and checks of files that cannot be used. */
import { createHash } from 'node:crypto';
import type { HeartbeatRecord, LeaseRecord, SpentRecord } from '../../core/lease-types.ts';
import type { LedgerRecord } from '../../leases/records.ts';
import { codeIn } from '../durable-files.ts';

/** The parts of a file name: the kind and id of the record, and how often the lease had been claimed before. */
export interface FileName {
  readonly kind: 'lease' | 'beat' | 'spent';
  /** The encoded id. */
  readonly code: string;
  /** Increases by one with each claim; only the highest one counts. */
  readonly generation: number;
}

/** File names are limited to 255 bytes, including prefix, generation and suffix. Unit: characters. */
const longestCode = 180;

/**
 * An id as part of a file name. Capital letters are encoded too, because some file systems ignore case. An id that would be too long
 * is hashed; only hashes contain `=`.
 */
export function codeOf(id: string): string {
  const code = id.replace(/[^a-z0-9-]/g, (character) => `_${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return code.length <= longestCode ? code : `=${createHash('sha256').update(id).digest('hex')}`;
}

/** The name of a file. */
export function nameOf({ kind, code, generation }: FileName): string {
  return kind === 'lease' ? `lease.${code}.${generation}.json` : `${kind}.${code}.json`;
}

/** Parses a file name; undefined if it is not the name of a record. */
export function readName(name: string): FileName | undefined {
  const [, code, generation] = /^lease\.([a-z0-9=_-]+)\.(0|[1-9]\d{0,9})\.json$/.exec(name) ?? [];
  if (code !== undefined) return { kind: 'lease', code, generation: Number(generation) };
  const [, kind, other] = /^(beat|spent)\.([a-z0-9=_-]+)\.json$/.exec(name) ?? [];
  if (other === undefined) return undefined;
  return { kind: kind === 'beat' ? kind : 'spent', code: other, generation: 0 };
}

/** Whether a file may be the record of a lease, perhaps of another version of the package. */
export function mayBeLease(name: string): boolean {
  return name.startsWith('lease.');
}

/** The id under which a record is stored. */
export function idOf(record: LedgerRecord): string {
  return 'leaseId' in record ? record.leaseId : record.id;
}

/** The file name of a record, apart from the generation. */
export function placeOf(record: LedgerRecord): Pick<FileName, 'kind' | 'code'> {
  const kind = 'leaseId' in record ? 'lease' : 'charge' in record ? 'spent' : 'beat';
  return { kind, code: codeOf(idOf(record)) };
}

/** Why a file cannot be used: damaged, impossible to read, written by another version of the package, or not from a ledger. */
export type LedgerFileReason = 'damaged' | 'unreadable' | 'other-version' | 'foreign';

/** The result of reading a file: a record, or the reason why it cannot be used. */
export type Read = { readonly record: LedgerRecord } | { readonly reason: LedgerFileReason; readonly detail: string };

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isLease(value: Partial<LeaseRecord>): boolean {
  const { leaseId, state, service, nodeId, sentAt, owner } = value;
  const isState = state === 'starting' || state === 'running';
  const isService = service === 'mr' || service === 'render' || service === 'vpn';
  return isText(leaseId) && isState && isService && Number.isFinite(nodeId) && Number.isFinite(sentAt) && isText(owner);
}

function isBeat({ id, owner, beat }: Partial<HeartbeatRecord>): boolean {
  return isText(id) && isText(owner) && Number.isFinite(beat);
}

function isSpent({ id, owner, uuid, charge, endedAt, windowMs }: Partial<SpentRecord>): boolean {
  const isTimed = Number.isFinite(endedAt) && Number.isFinite(windowMs);
  return isText(id) && isText(owner) && isText(uuid) && /^\d+$/.test(String(charge)) && isTimed;
}

const isValid = { lease: isLease, beat: isBeat, spent: isSpent };

/** Errors that concern a single file, so that the others can be used. */
const unreadable: Readonly<Record<string, string>> = {
  EISDIR: 'it is a folder',
  ELOOP: 'it is a link to itself',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
};

/** Why a file could not be read. Throws errors that may concern all files. */
export function readError(error: unknown): Exclude<Read, { readonly record: unknown }> {
  const detail = unreadable[String(codeIn(error))];
  if (detail === undefined) throw error;
  return { reason: 'unreadable', detail };
}

/** Parses the text of a file with the name of a record. */
export function readText(name: FileName, text: string): Read {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { reason: 'damaged', detail: 'it is not JSON' };
  }
  if (typeof value !== 'object' || value === null) return { reason: 'damaged', detail: 'it does not hold a record' };
  const version: unknown = Reflect.get(value, 'version');
  if (version !== 1) return { reason: 'other-version', detail: `it has version ${JSON.stringify(version)}, not 1` };
  if (!isValid[name.kind](value)) {
    return { reason: 'damaged', detail: 'fields are missing or wrong' };
  }
  // All required fields were just checked.
  const record = value as LedgerRecord;
  if (codeOf(idOf(record)) !== name.code)
    return { reason: 'foreign', detail: `it holds the record of ${idOf(record)}` };
  return { record };
}
