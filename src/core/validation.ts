/** Decoded answers against schemas: what a validator is, and what its findings add to those of the decoder. */
import type { OperationRow } from '../../generated/operations.ts';
import type { Drift } from '../codec/decode.ts';
import type { Log } from '../transport/log.ts';

/** One place of an answer that is not as its schema says. */
export interface ValidationIssue {
  /** Where in the decoded answer: `[3].gpus[0].model`; empty for the whole of it. */
  readonly path: string;
  /** What the schema wants there. */
  readonly expected: string;
  /** What is there instead; undefined for what is missing. */
  readonly received: unknown;
}

/** What checks decoded answers; `validator()` of `@octaspace/sdk/zod` makes one. */
export interface ResponseValidator {
  /** `report`: issues go to `onDrift`, and the call goes on. `strict`: the call rejects with OctaResponseError. */
  readonly mode: 'report' | 'strict';
  /**
   * Every issue of an answer; none for an operation that it does not know. Of those that are alike in many items of a list, the
   * client tells the first.
   */
  check(operation: string, value: unknown): readonly ValidationIssue[];
}

/** An operation, and whether a session is looked after by this call of it. */
export interface ValidatedRow {
  readonly row: OperationRow;
  readonly vital?: boolean | undefined;
}

/**
 * Whether an answer must be had whatever is wrong with it: whoever does not learn of a session cannot stop it, and whoever does not
 * learn of a refusal cannot go on.
 */
export function isVital({ vital, row }: ValidatedRow): boolean {
  return vital === true || row.effect === 'billable';
}

/** An answer to be checked, and what decoding found in it. */
export interface DecodedAnswer {
  readonly expected: ValidatedRow;
  readonly value: unknown;
  readonly drift: readonly Drift[];
}

/** The same place in any item of a list. */
function patternOf(path: string): string {
  return path.replace(/\[\d+\]/g, '[]');
}

/** Drops what decoding has reported: the same place, or a field that it left out; and what occurs in several items alike. */
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

/** What a validator finds besides. One that throws fails the call in strict mode, and is logged otherwise. */
export function issuesOf(validate: ResponseValidator, answer: DecodedAnswer, log: Log): readonly ValidationIssue[] {
  try {
    return withoutKnown(validate.check(answer.expected.row.id, answer.value), answer.drift);
  } catch (cause) {
    if (validate.mode === 'strict' && !isVital(answer.expected)) throw cause;
    log('error', 'validate threw; the call goes on', { operation: answer.expected.row.id, error: cause });
    return [];
  }
}
