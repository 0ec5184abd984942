import { OctaResponseError } from '../errors/errors.ts';
import { errorFromResponse } from '../errors/from-response.ts';
import { copyHeaders } from './headers.ts';
import { redactByName } from './secrets.ts';
import type { Call, Policy, Reply } from './types.ts';

/** Reads JSON text; throws SyntaxError. */
type Parse = (text: string) => unknown;

/** What answers are read with. */
export interface AnswerOptions {
  /** Reads the body of a success. */
  readonly parse: Parse;
  /** Reads the body of an error, into values that JSON.stringify can write. */
  readonly parseError: Parse;
}

/** The body of an error: its JSON, else its text, without the key in either. */
function errorBody({ text, redactor }: Reply, parse: Parse): unknown {
  try {
    return redactor.json(parse(text));
  } catch {
    return redactor.text(text);
  }
}

/** JSON that opens more than it closes was cut off on the way; nothing else is worth another try. */
function looksTruncated(text: string): boolean {
  if (!/^\s*[[{]/.test(text)) return false;
  let open = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (inString && character === '\\') at++;
    else if (character === '"') inString = !inString;
    else if (!inString && '[{'.includes(character)) open++;
    else if (!inString && ']}'.includes(character)) open--;
  }
  return open > 0;
}

function whyNoJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return error;
  }
}

/** The error for a success whose text is not the JSON that was promised. */
export function unreadableAnswer(
  { operation, method }: { readonly operation: string; readonly method: string },
  reply: Reply,
  error: unknown,
): OctaResponseError {
  const { text } = reply;
  const truncated = looksTruncated(text);
  const what =
    text.trim() === ''
      ? 'has an empty body'
      : text.trimStart().startsWith('<')
        ? 'is a web page'
        : truncated
          ? 'contains truncated JSON'
          : 'contains invalid JSON';
  const message = `${operation}: expected JSON, but the ${reply.status} response ${what}`;
  const request = { operation, method, url: reply.url };
  const safeText = reply.redactor.text(text);
  // The error quotes the beginning of the text, and may cut the key in two.
  const cause = safeText === text ? error : whyNoJson(safeText);
  return new OctaResponseError({ message, cause, outcome: 'unknown', request, truncated });
}

/** Turns status and text into a parsed answer or an error. */
export function answers({ parse, parseError }: AnswerOptions): Policy {
  const read = (call: Call, reply: Reply): Reply => {
    const { status, text } = reply;
    if (status < 200 || status >= 300) {
      const request = { operation: call.operation, method: call.method, url: reply.url };
      // Errors end up in logs.
      const headers = copyHeaders(Object.entries(redactByName(Object.fromEntries(reply.headers))));
      throw errorFromResponse({ status, headers, body: errorBody(reply, parseError), request });
    }
    const mayBeEmpty = call.bodyForm === 'json-or-nothing';
    const wantsJson = call.bodyForm === 'json' || (mayBeEmpty && text.trim() !== '');
    if (!wantsJson) return reply;
    try {
      // A copy would cost as much as parsing a short answer.
      reply.parsed = parse(text);
      return reply;
    } catch (cause) {
      throw unreadableAnswer(call, reply, cause);
    }
  };
  return (next) => (call, attempt) => next(call, attempt).then((reply) => read(call, reply));
}
