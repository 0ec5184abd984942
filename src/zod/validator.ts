/** Validation of responses, for the client option `validate`. */
import { answerSchemas } from '../../generated/zod-answers.ts';
import { expectedOf, innermost, pathText, valueAt } from './issues.ts';

/** One place in a response that does not match its schema. */
export interface AnswerIssue {
  /** Path in the decoded response, such as `[3].gpus[0].model`; empty for the whole response. */
  readonly path: string;
  /** What the schema expects there. */
  readonly expected: string;
  /** The received value; undefined if it is missing. */
  readonly received: unknown;
}

/** The value of the client option `validate`. */
export interface AnswerValidator {
  /** `report`: issues are passed to `onDrift`. `strict`: the call also fails. */
  readonly mode: 'report' | 'strict';
  /**
   * Returns every issue of an operation's decoded response, item by item; none for an operation without a schema. If many items of a
   * list have the same issue, the client reports only the first one.
   */
  check(operation: string, value: unknown): readonly AnswerIssue[];
}

function check(operation: string, value: unknown): readonly AnswerIssue[] {
  const schema = Object.hasOwn(answerSchemas, operation) ? answerSchemas[operation] : undefined;
  const issues = schema?.safeParse(value).error?.issues ?? [];
  return issues.flatMap(innermost).map((issue) => ({
    path: pathText(issue.path),
    expected: expectedOf(issue),
    received: valueAt(value, issue.path),
  }));
}

/**
 * Creates a validator of every response, for the client option `validate`.
 *
 * - `report`: differences from the schema are passed to `onDrift` and logged at level `info`; the call continues.
 * - `strict`: the call also rejects with OctaResponseError, whose `issues` name one place per field; if many items of a list have the
 *   same issue, the first one. New fields do not reject the call. Nor does the response to a start, because its session costs money
 *   until it is stopped: its issues are only reported.
 */
export function validator(mode: 'report' | 'strict'): AnswerValidator {
  return { mode, check };
}
