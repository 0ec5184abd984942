/** Converts a reply to a value, according to the row of the operation. */
import { type Drift, decode } from '../codec/decode.ts';
import type { ParsedJson } from '../codec/json.ts';
import { OctaResponseError } from '../errors/errors.ts';
import { requestIdOf } from '../transport/headers.ts';
import { runQuietly } from '../transport/hooks.ts';
import type { Log } from '../transport/log.ts';
import type { Reply } from '../transport/types.ts';
import type { ReadLog } from './call-types.ts';
import type { DriftEvent } from './option-types.ts';
import { formsOf } from './rows.ts';
import { issuesOf, isVital, type ResponseValidator, type ValidatedRow } from './validation.ts';

export { isStandIn } from '../codec/decode.ts';

/** Options for reading results. */
export interface ResultOptions {
  readonly onDrift: ((event: DriftEvent) => void | Promise<void>) | undefined;
  readonly validate: ResponseValidator | undefined;
  readonly log: Log;
}

/** An operation, and how to read its response. */
export interface Expected extends ValidatedRow {
  /** Unpacks the log; required only for operations that return one. */
  readonly readLog?: ReadLog | undefined;
}

function responseError(
  { row }: Expected,
  reply: Reply,
  init: { readonly message: string; readonly cause?: unknown; readonly issues?: OctaResponseError['issues'] },
): OctaResponseError {
  const request = { operation: row.id, method: row.method, url: reply.url };
  return new OctaResponseError({ ...init, message: `${row.id}: ${init.message}`, outcome: 'unknown', request });
}

function asResponseError(expected: Expected, reply: Reply, cause: unknown): OctaResponseError {
  if (cause instanceof OctaResponseError && cause.request !== undefined) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  return responseError(expected, reply, { message, cause });
}

/** Maximum number of differences in a message. */
const issuesNamed = 10;

function notAsPromised(expected: Expected, reply: Reply, found: readonly Drift[]): OctaResponseError {
  const issues = found.map(({ path, expected }) => ({ path, expected }));
  const places = issues.slice(0, issuesNamed).map(({ path, expected }) => `${path || 'the response'} (${expected})`);
  if (issues.length > issuesNamed) places.push(`and ${issues.length - issuesNamed} more`);
  return responseError(expected, reply, {
    message: `the response does not match its schema: ${places.join(', ')}`,
    issues,
  });
}

/** Reports the findings of decoding and validation to the log and to `onDrift`. */
function tell(
  operation: string,
  { found, reply }: { readonly found: readonly Drift[]; readonly reply: Reply },
  { onDrift, log }: ResultOptions,
): void {
  for (const each of found) {
    const { attempt, status, durationMs } = reply;
    const about = { operation, attempt, status, durationMs, requestId: requestIdOf(reply) };
    // Field names and values come from the server, so they may contain the key.
    const { expected } = each;
    const path = reply.redactor.text(each.path);
    const received = reply.redactor.json(each.received);
    log('info', `${operation}: ${path || 'the response'} is not as specified (expected ${expected})`, {
      ...about,
      path,
      expected,
    });
    runQuietly('onDrift', () => onDrift?.({ operation, path, expected, received }), { log, about: () => about });
  }
}

function decodeJson(expected: Expected, reply: Reply, options: ResultOptions): unknown {
  const { row } = expected;
  const { onDrift, validate, log } = options;
  // The pipeline parses with parseJson, which returns this type.
  const { value, mismatch, drift } = decode(
    reply.parsed as ParsedJson,
    formsOf(row),
    onDrift !== undefined || validate !== undefined || log.wants('info'),
  );
  if (mismatch !== undefined) throw responseError(expected, reply, { message: mismatch });
  if (validate === undefined) {
    tell(row.id, { found: drift, reply }, options);
    return value;
  }
  const answer = { expected, value, drift };
  const found = [...drift, ...issuesOf(validate, answer, log)];
  tell(row.id, { found, reply }, options);
  // Additional fields are not an error.
  const wrong = found.filter((each) => each.expected !== 'absent');
  if (validate.mode === 'report' || wrong.length === 0) return value;
  const error = notAsPromised(expected, reply, wrong);
  if (!isVital(expected)) throw error;
  log('warn', `${error.message}; the call continues, because a session depends on it`, { error });
  return value;
}

/** The value of a reply, or a promise of it. Throws or rejects with OctaResponseError if the reply is not as specified. */
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
  const { row, readLog } = expected;
  if (readLog === undefined) throw new TypeError(`${row.id} returns a log, but the call has no readLog`);
  try {
    return { data: await readLog(reply.bytes ?? new Uint8Array()) };
  } catch (cause) {
    throw asResponseError(expected, reply, cause);
  }
}
