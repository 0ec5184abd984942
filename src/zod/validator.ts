/** Validation of answers for the option `validate` of the client. */
import { answerSchemas } from '../../generated/zod-answers.ts';
import { expectedOf, innermost, pathText, valueAt } from './issues.ts';

/** One place of an answer that is not as its schema says. */
export interface AnswerIssue {
  /** Where in the decoded answer: `[3].gpus[0].model`; empty for the whole of it. */
  readonly path: string;
  /** What the schema wants there. */
  readonly expected: string;
  /** What is there instead; undefined for what is missing. */
  readonly received: unknown;
}

/** What the option `validate` of the client takes. */
export interface AnswerValidator {
  /** What issues do: go to `onDrift`, or fail the call as well. */
  readonly mode: 'report' | 'strict';
  /**
   * Every issue of an operation's decoded answer, item by item; none for an operation without a schema. Of those that are alike in
   * many items of a list, the client tells the first.
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
 * A validator of every answer, for the option `validate` of the client.
 *
 * - `report`: what is not as its schema says goes to `onDrift` and the info log; the call goes on.
 * - `strict`: the call then rejects with OctaResponseError, whose `issues` name one place per field: the first, when many items of
 *   a list are wrong alike. Fields that are merely new are let through, and so is the answer to a start, because a session
 *   costs money until it is stopped: it is reported only.
 */
export function validator(mode: 'report' | 'strict'): AnswerValidator {
  return { mode, check };
}
