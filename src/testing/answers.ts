/** Responses as values: status, headers and body, before they are sent. */
import { encodeJson } from '../codec/encode.ts';
import { utf8Bytes } from '../utf8.ts';

/** One response. */
export interface Answer {
  readonly status: number;
  /** Headers by their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
  /** Whether the connection breaks instead of delivering it. */
  readonly lost?: boolean;
  /** How long after processing it is sent. Unit: ms. */
  readonly laterMs?: number;
}

export const jsonType = 'application/json';

/** Texts for statuses without a body of their own. */
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

/** A JSON response; integers keep all of their digits. */
export function jsonAnswer(value: unknown, status = 200): Answer {
  return textAnswer(encodeJson(value) ?? '', status, jsonType);
}

/** A text response. */
export function textAnswer(text: string, status: number, type: string): Answer {
  return { status, headers: { 'content-type': type }, body: utf8Bytes(text) };
}

/** A response without a body, although its type is JSON. */
export const emptyAnswer: Answer = { status: 200, headers: { 'content-type': jsonType }, body: new Uint8Array() };

/** A binary response, as downloads have. */
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

/** The response with a status if the test did not set a body. */
export function defaultAnswer(status: number): Answer {
  if (status === 204 || status === 205 || status === 304) return { status, headers: {}, body: new Uint8Array() };
  if (status === 400) return messageAnswer(400, 'Bad request');
  return status < 400 ? jsonAnswer({}, status) : errorAnswer(status);
}
