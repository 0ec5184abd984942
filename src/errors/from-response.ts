import { readableLine } from '../readable.ts';
import {
  type FailedRequest,
  OctaApiError,
  type OctaApiErrorInit,
  OctaAuthenticationError,
  OctaBadGatewayError,
  OctaBadRequestError,
  OctaConflictError,
  type OctaError,
  OctaGatewayTimeoutError,
  OctaNotFoundError,
  OctaPermissionError,
  OctaRateLimitError,
  OctaServerError,
  OctaServiceUnavailableError,
  OctaTimeoutError,
  OctaValidationError,
} from './errors.ts';
import type { Outcome } from './facts.ts';
import { retryAfterSeconds } from './retry-after.ts';

/** A response without a success status. `body` is the parsed JSON, or the text if it is not JSON. */
export interface RefusedAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
  readonly request: FailedRequest;
}

const classes: Readonly<Record<number, typeof OctaApiError>> = {
  400: OctaBadRequestError,
  401: OctaAuthenticationError,
  403: OctaPermissionError,
  404: OctaNotFoundError,
  409: OctaConflictError,
  422: OctaValidationError,
  429: OctaRateLimitError,
  502: OctaBadGatewayError,
  503: OctaServiceUnavailableError,
  504: OctaGatewayTimeoutError,
};

/** Longer text is a page for people, not a message. Unit: characters. */
const longestMessage = 300;

function textFrom(body: unknown, key: string): string | undefined {
  const value: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, key) : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function serverWords(body: unknown): string | undefined {
  if (typeof body !== 'string') return textFrom(body, 'message') ?? textFrom(body, 'error');
  const text = body.trim();
  return text === '' || text.length > longestMessage || text.startsWith('<') ? undefined : text;
}

function words({ status, headers, body }: RefusedAnswer): string {
  if (status >= 300 && status < 400) return `a redirect to ${headers.get('location') ?? 'an unknown location'}`;
  return readableLine(serverWords(body) ?? 'the response contains no message');
}

function advice(status: number): string {
  if (status === 0 || (status >= 300 && status < 400)) {
    return '; redirects are not followed, because they could leak the API key or repeat a start; set baseUrl to the final URL';
  }
  return '';
}

/** A 4xx status except 408 means that nothing happened. All other statuses leave the outcome unknown. */
function outcomeOf(status: number): Outcome {
  return status >= 400 && status < 500 && status !== 408 ? 'rejected' : 'unknown';
}

/** The error for a response without a success status. */
export function errorFromResponse(answer: RefusedAnswer): OctaError {
  const { status, headers, body, request } = answer;
  const init: OctaApiErrorInit = {
    message: `${request.operation}: ${status === 0 ? 'a redirect' : `${status}: ${words(answer)}`}${advice(status)}`,
    status,
    code: textFrom(body, 'code'),
    requestId: headers.get('x-request-id') ?? undefined,
    headers: Object.fromEntries(headers),
    body,
    retryAfter: retryAfterSeconds(headers),
    outcome: outcomeOf(status),
    request,
  };
  if (status === 408) {
    const cause = new OctaApiError(init);
    return new OctaTimeoutError({ message: init.message, cause, outcome: 'unknown', request, timeout: 'server' });
  }
  return new (classes[status] ?? (status >= 500 ? OctaServerError : OctaApiError))(init);
}
