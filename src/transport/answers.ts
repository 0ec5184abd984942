import { OctaResponseError } from '../errors/errors.ts';
import { errorFromResponse } from '../errors/from-response.ts';
import { copyHeaders } from './headers.ts';
import { redactByName } from './secrets.ts';
import type { Call, Policy, Reply } from './types.ts';

/** Parses JSON; throws SyntaxError. */
type Parse<Source> = (json: Source) => unknown;

/** The parsers of response bodies. */
export interface AnswerOptions {
  /** Parses the body of a success. */
  readonly parse: Parse<Uint8Array>;
  /** Parses the body of an error into values that JSON.stringify supports. */
  readonly parseError: Parse<string>;
}

/** The body of an error: the parsed JSON or the text, without the API key. */
function errorBody({ text, redactor }: Reply, parse: Parse<string>): unknown {
  try {
    return redactor.json(parse(text));
  } catch {
    return redactor.text(text);
  }
}

/** Whether JSON opens more brackets than it closes, so it was cut off. Only then is a retry useful. */
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

/** The error for a success whose body is not valid JSON. */
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
  // The error quotes the beginning of the text, which may end within the key.
  const cause = safeText === text ? error : whyNoJson(safeText);
  return new OctaResponseError({ message, cause, outcome: 'unknown', request, truncated });
}

/** Converts status and text to a parsed reply or an error. */
export function answers({ parse, parseError }: AnswerOptions): Policy {
  const read = (call: Call, reply: Reply): Reply => {
    const { status, bytes } = reply;
    if (status < 200 || status >= 300) {
      const request = { operation: call.operation, method: call.method, url: reply.url };
      // Errors are often logged, so secret headers are removed.
      const headers = copyHeaders(Object.entries(redactByName(Object.fromEntries(reply.headers))));
      throw errorFromResponse({ status, headers, body: errorBody(reply, parseError), request });
    }
    const mayBeEmpty = call.bodyForm === 'json-or-nothing';
    const wantsJson = call.bodyForm === 'json' || (mayBeEmpty && reply.text.trim() !== '');
    if (!wantsJson || bytes === undefined) return reply;
    try {
      // Changed in place: a copy would cost as much as parsing a short body.
      reply.parsed = parse(bytes);
      return reply;
    } catch (cause) {
      throw unreadableAnswer(call, reply, cause);
    }
  };
  return (next) => (call, attempt) => next(call, attempt).then((reply) => read(call, reply));
}
