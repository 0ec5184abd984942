import { describe, expect, test } from 'vitest';
import type { OctaApiError } from '../../../src/errors/errors.ts';
import { errorFromResponse } from '../../../src/errors/from-response.ts';

const request = { operation: 'startMr', method: 'POST', url: 'https://api.example/services/mr' };
const redirectAdvice =
  '; redirects are not followed, because they could leak the API key or repeat a start; set baseUrl to the final URL';

function made(status: number, body: unknown = '', headers: Record<string, string> = {}): OctaApiError {
  // Only 408 makes something else, and is tested apart.
  return errorFromResponse({ status, headers: new Headers(headers), body, request }) as OctaApiError;
}

describe('the error for a status', () => {
  const rows: readonly (readonly [status: number, name: string, outcome: string])[] = [
    [0, 'OctaApiError', 'unknown'],
    [300, 'OctaApiError', 'unknown'],
    [301, 'OctaApiError', 'unknown'],
    [302, 'OctaApiError', 'unknown'],
    [303, 'OctaApiError', 'unknown'],
    [304, 'OctaApiError', 'unknown'],
    [307, 'OctaApiError', 'unknown'],
    [308, 'OctaApiError', 'unknown'],
    [399, 'OctaApiError', 'unknown'],
    [400, 'OctaBadRequestError', 'rejected'],
    [401, 'OctaAuthenticationError', 'rejected'],
    [402, 'OctaApiError', 'rejected'],
    [403, 'OctaPermissionError', 'rejected'],
    [404, 'OctaNotFoundError', 'rejected'],
    [405, 'OctaApiError', 'rejected'],
    [408, 'OctaTimeoutError', 'unknown'],
    [409, 'OctaConflictError', 'rejected'],
    [410, 'OctaApiError', 'rejected'],
    [422, 'OctaValidationError', 'rejected'],
    [425, 'OctaApiError', 'rejected'],
    [429, 'OctaRateLimitError', 'rejected'],
    [451, 'OctaApiError', 'rejected'],
    [499, 'OctaApiError', 'rejected'],
    [500, 'OctaServerError', 'unknown'],
    [501, 'OctaServerError', 'unknown'],
    [502, 'OctaBadGatewayError', 'unknown'],
    [503, 'OctaServiceUnavailableError', 'unknown'],
    [504, 'OctaGatewayTimeoutError', 'unknown'],
    [505, 'OctaServerError', 'unknown'],
    [599, 'OctaServerError', 'unknown'],
  ];
  test.each(rows)('%d is an %s whose outcome is %s', (status, name, outcome) => {
    const error = errorFromResponse({ status, headers: new Headers(), body: '', request });
    expect({ name: error.name, outcome: error.outcome }).toStrictEqual({ name, outcome });
    expect(error.request).toBe(request);
    expect(error.message).toContain('startMr: ');
  });

  test('408 is a timeout of the server, with the whole response as its cause', () => {
    const headers = { 'x-request-id': 'r1', 'retry-after': '5' };
    const error = errorFromResponse({ status: 408, headers: new Headers(headers), body: { error: 'slow' }, request });
    expect(error).toMatchObject({ timeout: 'server', message: 'startMr: 408: slow', outcome: 'unknown' });
    const answer = {
      name: 'OctaApiError',
      status: 408,
      requestId: 'r1',
      retryAfter: 5,
      body: { error: 'slow' },
      headers,
    };
    expect(error.cause).toMatchObject({ ...answer, outcome: 'unknown' });
  });
});

describe('the message', () => {
  const rows: readonly (readonly [title: string, body: unknown, message: string])[] = [
    ['the message of the body', { message: 'Node not found' }, 'Node not found'],
    ['the error of the body', { error: 'invalid api key' }, 'invalid api key'],
    ['the message before the error', { message: 'm', error: 'e' }, 'm'],
    ['the error when the message is empty', { message: '', error: 'e' }, 'e'],
    ['the error when the message is no text', { message: { a: 1 }, error: 'e' }, 'e'],
    ['text as it is', 'INTERNAL_ERROR', 'INTERNAL_ERROR'],
    ['text without the spaces around it', '\n INTERNAL_ERROR \n', 'INTERNAL_ERROR'],
    ['line breaks and escapes in writing', { message: 'no\n\u001b[2J key' }, 'no\\u000a\\u001b[2J key'],
    ['text of 300 characters', 'x'.repeat(300), 'x'.repeat(300)],
  ];
  test.each(rows)('is %s', (_, body, words) => {
    expect(made(400, body).message).toBe(`startMr: 400: ${words}`);
  });

  const silent: readonly (readonly [title: string, body: unknown])[] = [
    ['an empty body', ''],
    ['spaces', ' \n'],
    ['a web page', '<html><title>502 Bad Gateway</title></html>'],
    ['a web page after spaces', '\n <!DOCTYPE html>'],
    ['text of more than 300 characters', 'x'.repeat(301)],
    ['an object without words', {}],
    ['an object with other types', { message: 5, error: null }],
    ['an object that nests its words', { error: { message: 'deep' } }],
    ['a list', ['a']],
    ['null', null],
    ['a number', 5],
  ];
  test.each(silent)('says that there is no message for %s, and the body is kept', (_, body) => {
    const error = made(503, body);
    expect(error.message).toBe('startMr: 503: the response contains no message');
    expect(error.body).toBe(body);
  });

  test.each([300, 301, 302, 303, 307, 308, 399])('of %d names the location, and what to do', (status) => {
    const { message } = made(status, '<html>Moved</html>', { location: 'https://api.other/nodes' });
    expect(message).toBe(`startMr: ${status}: a redirect to https://api.other/nodes${redirectAdvice}`);
  });

  test('of a redirect without a location says so', () => {
    expect(made(302).message).toBe(`startMr: 302: a redirect to an unknown location${redirectAdvice}`);
  });

  test('of a redirect that the runtime hides says what to do', () => {
    expect(made(0).message).toBe(`startMr: a redirect${redirectAdvice}`);
  });

  test('of anything else gives no such advice', () => {
    for (const status of [199, 400, 404]) {
      const { message } = made(status, '', { location: 'https://api.other' });
      expect(message).toBe(`startMr: ${status}: the response contains no message`);
    }
  });
});

describe('the details', () => {
  test('are those of the response', () => {
    const headers = { 'X-Request-Id': 'r1', 'Content-Type': 'application/json', 'Retry-After': '30' };
    const body = { message: 'm', code: 'E_BUSY', extra: '12345678901234567890' };
    expect(made(503, body, headers)).toMatchObject({
      status: 503,
      code: 'E_BUSY',
      requestId: 'r1',
      headers: { 'x-request-id': 'r1', 'content-type': 'application/json', 'retry-after': '30' },
      body,
      retryAfter: 30,
    });
  });

  test('are omitted if the response has none', () => {
    const { code, requestId, headers, retryAfter } = made(500, 'text');
    expect({ code, requestId, headers, retryAfter }).toStrictEqual({
      code: undefined,
      requestId: undefined,
      headers: {},
      retryAfter: undefined,
    });
  });

  test.each([5, '', null, { a: 1 }])('have no code when it is %j', (code) => {
    expect(made(400, { code }).code).toBeUndefined();
  });

  test('measure a date in Retry-After against the Date of the response', () => {
    const headers = { 'retry-after': 'Tue, 14 Apr 2026 11:00:10 GMT', date: 'Tue, 14 Apr 2026 11:00:00 GMT' };
    expect(made(429, '', headers).retryAfter).toBe(10);
  });
});
