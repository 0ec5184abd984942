/** Answers as values: status, headers and body, before anything carries them. */
import { encodeJson } from '../codec/encode.ts';

/** One answer. */
export interface Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
  /** The connection breaks instead of carrying it. */
  readonly lost?: boolean;
  /** How long after its processing it is sent. Unit: ms. */
  readonly laterMs?: number;
}

export const jsonType = 'application/json';

/** Words for statuses that nobody gave a body. */
const words: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not found',
  409: 'Conflict',
  422: 'Invalid params',
  429: 'Too many requests',
  500: 'Internal Server Error',
  502: 'Bad gateway',
  503: 'Service unavailable',
  504: 'Gateway timeout',
};

/** An answer of JSON; integers keep all of their digits. */
export function jsonAnswer(value: unknown, status = 200): Answer {
  return textAnswer(encodeJson(value) ?? '', status, jsonType);
}

/** An answer of text. */
export function textAnswer(text: string, status: number, type: string): Answer {
  return { status, headers: { 'content-type': type }, body: new TextEncoder().encode(text) };
}

/** An answer without a body, for all that its type says. */
export const emptyAnswer: Answer = { status: 200, headers: { 'content-type': jsonType }, body: new Uint8Array() };

/** An answer of bytes, as downloads are. */
export function bytesAnswer(text: string): Answer {
  return textAnswer(text, 200, 'application/octet-stream');
}

/** An error in the form that most endpoints use. */
export function errorAnswer(status: number, error = words[status] ?? `HTTP ${status}`): Answer {
  return jsonAnswer({ error }, status);
}

/** An error in the form that refused starts have. */
export function messageAnswer(status: number, message: string): Answer {
  return jsonAnswer({ message }, status);
}

/** The body that a status has when nobody said which. */
export function defaultAnswer(status: number): Answer {
  if (status === 204 || status === 205 || status === 304) return { status, headers: {}, body: new Uint8Array() };
  if (status === 400) return messageAnswer(400, 'Bad request');
  return status < 400 ? jsonAnswer({}, status) : errorAnswer(status);
}
