/** Validation of decoded responses: the type of a validator, and how its issues are combined with those of the decoder. */
import type { OperationRow } from '../../generated/operations.ts';
import type { Drift } from '../codec/decode.ts';
import type { Log } from '../transport/log.ts';

/** One place in a response that does not match its schema. */
export interface ValidationIssue {
  /** Path in the decoded response, such as `[3].gpus[0].model`; empty for the whole response. */
  readonly path: string;
  /** What the schema expects there. */
  readonly expected: string;
  /** The received value; undefined if it is missing. */
  readonly received: unknown;
}

/** Checks decoded responses. `validator()` from `@octaspace/sdk/zod` creates one. */
export interface ResponseValidator {
  /** `report`: issues are passed to `onDrift`, and the call continues. `strict`: the call also rejects with OctaResponseError. */
  readonly mode: 'report' | 'strict';
  /**
   * Returns every issue of a response; none for an unknown operation. If many items of a list have the same issue, the client reports
   * only the first one.
   */
  check(operation: string, value: unknown): readonly ValidationIssue[];
}

/** An operation, and whether a session depends on this call of it. */
export interface ValidatedRow {
  readonly row: OperationRow;
  readonly vital?: boolean | undefined;
}

/**
 * Whether a response must be returned even if it does not match its schema: without it, the caller could not stop a session, or would
 * not learn that a start was refused.
 */
export function isVital({ vital, row }: ValidatedRow): boolean {
  return vital === true || row.effect === 'billable';
}

/** A response to check, and the drift found while decoding it. */
export interface DecodedAnswer {
  readonly expected: ValidatedRow;
  readonly value: unknown;
  readonly drift: readonly Drift[];
}

/** A path without list indexes, equal for all items of a list. */
function patternOf(path: string): string {
  return path.replace(/\[\d+\]/g, '[]');
}

/** Removes issues that decoding has already reported, and repetitions of an issue in several list items. */
function withoutKnown(issues: readonly ValidationIssue[], drift: readonly Drift[]): ValidationIssue[] {
  const reported = drift.filter(({ expected }) => expected !== 'absent').map(({ path }) => path);
  const paths = new Set(reported);
  const patterns = new Set(reported.map(patternOf));
  const found = new Map<string, ValidationIssue>();
  for (const issue of issues) {
    const pattern = patternOf(issue.path);
    if (paths.has(issue.path) || (issue.received === undefined && patterns.has(pattern))) continue;
    const place = `${pattern} ${issue.expected}`;
    if (!found.has(place)) found.set(place, issue);
  }
  return [...found.values()];
}

/** The additional issues of a validator. If it throws, the call fails in strict mode; otherwise the error is logged. */
export function issuesOf(validate: ResponseValidator, answer: DecodedAnswer, log: Log): readonly ValidationIssue[] {
  try {
    return withoutKnown(validate.check(answer.expected.row.id, answer.value), answer.drift);
  } catch (cause) {
    if (validate.mode === 'strict' && !isVital(answer.expected)) throw cause;
    log('error', 'validate threw; the call continues', { operation: answer.expected.row.id, error: cause });
    return [];
  }
}
