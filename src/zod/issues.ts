/** Converts issues of zod to paths and types. */
import type * as z from 'zod/mini';

type Issue = z.core.$ZodIssue;

/** What a schema expects, as a short text. */
export function expectedOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'int' ? 'whole number' : issue.expected;
    case 'too_small':
      return `at least ${issue.minimum}`;
    case 'too_big':
      return `at most ${issue.maximum}`;
    case 'not_multiple_of':
      return `multiple of ${issue.divisor}`;
    case 'invalid_value':
      return issue.values.join(' or ');
    case 'invalid_format':
      return issue.pattern === undefined ? issue.format : `text like ${issue.pattern}`;
    case 'invalid_union':
      return [...new Set(issue.errors.flat().filter(isAtTop).map(expectedOf))].join(' or ');
    default:
      return issue.code;
  }
}

function isAtTop({ path }: Issue): boolean {
  return path.length === 0;
}

/** For a union, the issues of the closest form; else the issue itself. */
export function innermost(issue: Issue): readonly Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const closest = issue.errors.find((form) => form.length > 0 && !form.some(isAtTop));
  if (closest === undefined) return [issue];
  return closest.flatMap((inner) => innermost({ ...inner, path: [...issue.path, ...inner.path] }));
}

/** A path in the format of drift, such as `[3].gpus[0].model`. */
export function pathText(path: readonly PropertyKey[]): string {
  let text = '';
  for (const step of path) text += typeof step === 'number' ? `[${step}]` : `${text === '' ? '' : '.'}${String(step)}`;
  return text;
}

/** The value at a path; undefined if there is none. */
export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let found = value;
  for (const step of path) found = Object(found)[step];
  return found;
}
