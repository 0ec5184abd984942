/** Decoded answers against schemas: what a validator is, and what its findings add to those of the decoder. */
import type { Drift } from '../codec/decode.ts';
import { isRecord } from '../codec/record.ts';
import type { Log } from '../transport/log.ts';
import type { NamedRow } from './rows.ts';

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
  /** Every issue of an answer; none for an operation that it does not know. */
  check(operation: string, value: unknown): readonly ValidationIssue[];
}

/** An answer to be checked, and what decoding found in it. */
export interface DecodedAnswer {
  readonly named: NamedRow;
  readonly value: unknown;
  readonly drift: readonly Drift[];
}

/** Whether the answer tells of something that was started, and costs money from then on. */
export function tellsOfStart({ named, value }: DecodedAnswer): boolean {
  if (named.row.effect !== 'billable') return false;
  return [value].flat().some((item) => isRecord(item) && typeof item.uuid === 'string' && item.uuid !== '');
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
    return withoutKnown(validate.check(answer.named.operation, answer.value), answer.drift);
  } catch (cause) {
    if (validate.mode === 'strict' && !tellsOfStart(answer)) throw cause;
    log('error', 'validate threw; the call goes on', cause);
    return [];
  }
}
