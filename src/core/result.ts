/** Reply to value, by the row of the operation. */
import { decode } from '../codec/decode.ts';
import { readLog } from '../codec/gzip.ts';
import type { ParsedJson } from '../codec/json.ts';
import { OctaResponseError } from '../errors/errors.ts';
import { runQuietly } from '../transport/hooks.ts';
import type { Log } from '../transport/log.ts';
import type { Reply } from '../transport/types.ts';
import type { DriftEvent } from './option-types.ts';
import { formsOf, type NamedRow } from './rows.ts';

/** What results are read with. */
export interface ResultOptions {
  readonly onDrift: ((event: DriftEvent) => void | Promise<void>) | undefined;
  readonly log: Log;
}

/** An operation, and the bound of its log if it answers with one. Unit: bytes. */
export interface Expected extends NamedRow {
  readonly maxLogBytes?: number | undefined;
}

function responseError(
  { operation, row }: NamedRow,
  reply: Reply,
  init: { readonly message: string; readonly cause?: unknown },
): OctaResponseError {
  const request = { operation, method: row.method, url: reply.url };
  return new OctaResponseError({ ...init, message: `${operation}: ${init.message}`, outcome: 'unknown', request });
}

function asResponseError(expected: NamedRow, reply: Reply, cause: unknown): OctaResponseError {
  if (cause instanceof OctaResponseError && cause.request !== undefined) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  return responseError(expected, reply, { message, cause });
}

function decodeJson(expected: Expected, reply: Reply, { onDrift, log }: ResultOptions): unknown {
  const { operation, row } = expected;
  // The pipeline parses with parseJson, which makes exactly this.
  const { value, mismatch, drift } = decode(
    reply.parsed as ParsedJson,
    formsOf(row),
    onDrift !== undefined || log.wants('info'),
  );
  if (mismatch !== undefined) throw responseError(expected, reply, { message: mismatch });
  for (const { path, expected: promised, received } of drift) {
    log('info', `${operation}: ${path || 'the answer'} is not as promised (${promised})`);
    runQuietly('onDrift', () => onDrift?.({ operation, path, expected: promised, received }), log);
  }
  return value;
}

/** The value of an answer, or the promise of it. Throws, or rejects with, OctaResponseError when it is not what the API promises. */
export function readResult(expected: Expected, reply: Reply, options: ResultOptions): unknown {
  const { answer } = expected.row;
  if (answer === 'none' || (answer === 'any' && reply.parsed === undefined)) return undefined;
  if (answer === 'log') return unpackLog(expected, reply);
  if (answer === 'bytes') {
    return new Blob([reply.bytes ?? new Uint8Array()], { type: reply.headers.get('content-type') ?? '' });
  }
  try {
    return decodeJson(expected, reply, options);
  } catch (cause) {
    throw asResponseError(expected, reply, cause);
  }
}

async function unpackLog(expected: Expected, reply: Reply): Promise<{ readonly data: string }> {
  try {
    return { data: await readLog(reply.bytes ?? new Uint8Array(), expected.maxLogBytes) };
  } catch (cause) {
    throw asResponseError(expected, reply, cause);
  }
}
