import { describe, expect, test } from 'vitest';
import type { OctaError, Outcome } from '../../../src/errors/errors.ts';
import {
  errorFromAbort,
  errorFromFailure,
  type Failure,
  provesNeverConnected,
} from '../../../src/errors/from-failure.ts';

const request = { operation: 'startMr', method: 'POST', url: 'https://api.example/services/mr' };

function made(failure: Partial<Failure>): OctaError {
  const given: Failure = { cause: undefined, request, signal: undefined, timedOutAfterMs: undefined, phase: 'headers' };
  return errorFromFailure({ ...given, ...failure });
}

/** What a Node fetch rejects with. */
function fetchFailed(cause: unknown, message = 'fetch failed'): TypeError {
  return new TypeError(message, { cause });
}

function systemError(code: string, syscall?: string): Error {
  const fields = syscall === undefined ? { code } : { code, syscall };
  return Object.assign(new Error(`${syscall ?? 'some'} ${code}`), fields);
}

function severalAddresses(...members: unknown[]): AggregateError {
  return Object.assign(new AggregateError(members, 'all failed'), { code: 'ECONNREFUSED', message: '' });
}

const proofCodes = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_NODATA',
  'EAI_NONAME',
  'EAI_FAIL',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ConnectionRefused',
];

const ambiguousCodes = [
  'ECONNRESET',
  'EPIPE',
  'ECONNABORTED',
  'ETIMEDOUT',
  'EPROTO',
  'UND_ERR_SOCKET',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_HEADERS_OVERFLOW',
  'UND_ERR_INFO',
  'HPE_INVALID_CONSTANT',
  'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
  'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
  'ERR_HTTP2_STREAM_ERROR',
  'Z_DATA_ERROR',
  'Malformed_HTTP_Response',
  'TooManyRedirects',
  'econnrefused',
  '',
];

function nested(depth: number, innermost: unknown): unknown {
  let error = innermost;
  for (let level = 0; level < depth; level++) error = new Error(`level ${level}`, { cause: error });
  return error;
}

function cycle(): Error {
  const error = new Error('round');
  error.cause = new Error('and round', { cause: error });
  return error;
}

const refused = systemError('ECONNREFUSED', 'connect');
const reset = systemError('ECONNRESET', 'read');

describe('a proof that no connection was made', () => {
  test.each(proofCodes)('is %s, in the error itself and in its cause', (code) => {
    expect(provesNeverConnected({ code })).toBe(true);
    expect(provesNeverConnected(fetchFailed(systemError(code)))).toBe(true);
  });

  test.each(ambiguousCodes)('is not %s', (code) => {
    expect(provesNeverConnected({ code })).toBe(false);
    expect(provesNeverConnected(fetchFailed(systemError(code, 'read')))).toBe(false);
    expect(provesNeverConnected(fetchFailed(systemError(code, 'write')))).toBe(false);
  });

  const rows: readonly (readonly [title: string, error: unknown, want: boolean])[] = [
    ['a reset while connecting', fetchFailed(systemError('ECONNRESET', 'connect')), true],
    ['a time limit while connecting', fetchFailed(systemError('ETIMEDOUT', 'connect')), true],
    ['a failed look-up', fetchFailed(systemError('EUNKNOWN', 'getaddrinfo')), true],
    ['a reset while reading', fetchFailed(reset), false],
    ['a reset while writing', fetchFailed(systemError('ECONNRESET', 'write')), false],
    ['a reset without a syscall', fetchFailed(systemError('ECONNRESET')), false],
    ['a time limit without a syscall', fetchFailed(systemError('ETIMEDOUT')), false],
    ['a code that is no text', { code: 111 }, false],
    ['a code in the message alone', new Error('connect ECONNREFUSED 127.0.0.1:1'), false],
    ['all of two addresses refused', fetchFailed(severalAddresses(refused, refused)), true],
    ['all addresses failed in different ways', severalAddresses(refused, systemError('EHOSTUNREACH')), true],
    ['one address refused and one reset', fetchFailed(severalAddresses(refused, reset)), false],
    ['one address reset and one refused', fetchFailed(severalAddresses(reset, refused)), false],
    ['addresses within addresses', severalAddresses(refused, severalAddresses(refused, refused)), true],
    ['a reset among addresses within addresses', severalAddresses(refused, severalAddresses(refused, reset)), false],
    ['a member that is no error', severalAddresses(refused, undefined), false],
    ['no members at all but a code', severalAddresses(), true],
    ['members with causes', severalAddresses(fetchFailed(refused), refused), true],
    ['Deno 2.9 before the connection', fetchFailed(new Error('client error (Connect): tcp connect error')), true],
    ['Deno 2.5 before the connection', new TypeError('error sending request: client error (Connect): dns error'), true],
    ['Deno after the connection', fetchFailed(new Error('client error (SendRequest): connection closed')), false],
    ['Bun', Object.assign(new TypeError('Unable to connect'), { code: 'ECONNREFUSED' }), true],
    ['Bun after the connection', Object.assign(new TypeError('closed'), { code: 'ECONNRESET' }), false],
    ['a browser', new TypeError('Failed to fetch'), false],
    ['workerd', new Error('Network connection lost.'), false],
    ['the eighth of a chain', nested(7, refused), true],
    ['the ninth of a chain', nested(8, refused), false],
    ['a chain that comes round', cycle(), false],
    ['text', 'ECONNREFUSED', false],
    ['null', null, false],
    ['nothing', undefined, false],
  ];
  test.each(rows)('%s', (_, error, want) => {
    expect(provesNeverConnected(error)).toBe(want);
  });

  test('is not among errors that hold themselves', () => {
    const errors: unknown[] = [refused];
    const error = Object.assign(new AggregateError([], 'all failed'), { errors });
    errors.push(error);
    expect(provesNeverConnected(error)).toBe(false);
  });
});

describe('a failure', () => {
  test.each(proofCodes)('with %s is a connection error that was never sent', (code) => {
    const cause = fetchFailed(systemError(code));
    expect(made({ cause })).toMatchObject({ name: 'OctaConnectionError', outcome: 'not-sent', cause, request });
  });

  test.each(proofCodes)('with %s in the body proves nothing', (code) => {
    const error = made({ cause: fetchFailed(systemError(code, 'connect'), 'terminated'), phase: 'body' });
    expect(error).toMatchObject({ name: 'OctaNetworkError', outcome: 'unknown' });
  });

  const networkErrors = ambiguousCodes.filter((code) => !/^UND_ERR_(HEADERS|BODY)_TIMEOUT$/.test(code));
  test.each(networkErrors)('with %j may have taken effect', (code) => {
    const error = made({ cause: fetchFailed(systemError(code, 'read')) });
    expect(error).toMatchObject({ name: 'OctaNetworkError', outcome: 'unknown' });
  });

  test.each(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'])('with %s is a time limit of the runtime', (code) => {
    const phase = code.includes('BODY') ? 'body' : 'headers';
    const error = made({ cause: fetchFailed(systemError(code)), phase });
    expect(error).toMatchObject({ name: 'OctaTimeoutError', timeout: 'runtime', outcome: 'unknown' });
  });

  const phases: readonly (readonly [phase: Failure['phase'], outcome: string, where: string])[] = [
    ['before', 'not-sent', 'no answer'],
    ['headers', 'unknown', 'no answer'],
    ['body', 'unknown', 'the answer broke off'],
  ];
  test.each(phases)('in the phase %s has the outcome %s', (phase, outcome, where) => {
    const message = `startMr: ${where}: fetch failed: read ECONNRESET`;
    expect(made({ cause: fetchFailed(reset), phase })).toMatchObject({ name: 'OctaNetworkError', outcome, message });
  });

  test.each(phases)('of our own timer in the phase %s has the outcome %s', (phase, outcome) => {
    const cause = new DOMException('The attempt took too long.', 'TimeoutError');
    const message = 'startMr: no complete answer within 50 ms (timeoutMs)';
    const want = { name: 'OctaTimeoutError', timeout: 'timeoutMs', outcome, message, cause, request };
    expect(made({ cause, phase, timedOutAfterMs: 50 })).toMatchObject(want);
  });

  test('of our own timer while connecting is not called a proof', () => {
    const error = made({ cause: fetchFailed(refused), timedOutAfterMs: 50 });
    expect(error).toMatchObject({ name: 'OctaTimeoutError', outcome: 'unknown' });
  });

  test.each(['AbortError', 'TimeoutError'])(
    'of a signal that nobody gave is a time limit of the runtime: %s',
    (name) => {
      const cause = new DOMException('stop', name);
      const want = { name: 'OctaTimeoutError', timeout: 'runtime', outcome: 'unknown', cause };
      expect(made({ cause })).toMatchObject(want);
      expect(made({ cause, signal: new AbortController().signal })).toMatchObject(want);
    },
  );

  test('of an address that the runtime cannot fetch is a matter of configuration', () => {
    const cause = fetchFailed(systemError('ERR_INVALID_URL'), 'Failed to parse URL');
    const message =
      'startMr: this runtime cannot fetch "https://api.example/services/mr": set baseUrl to an absolute URL';
    expect(made({ cause })).toMatchObject({ name: 'OctaConfigurationError', outcome: 'not-sent', message, cause });
    expect(made({ cause: fetchFailed(new Error('bad port')) })).toMatchObject({
      name: 'OctaConfigurationError',
      message: 'startMr: this runtime cannot fetch "https://api.example/services/mr": its port is a blocked one',
    });
  });

  test('of an address within the body says nothing about ours', () => {
    const error = made({ cause: systemError('ERR_INVALID_URL'), phase: 'body' });
    expect(error).toMatchObject({ name: 'OctaNetworkError', outcome: 'unknown' });
  });
});

describe('the words of a failure', () => {
  const rows: readonly (readonly [title: string, cause: unknown, words: string])[] = [
    ['a chain', fetchFailed(reset), 'fetch failed: read ECONNRESET'],
    ['several addresses, by their code', fetchFailed(severalAddresses(reset)), 'fetch failed: ECONNREFUSED'],
    ['a chain that repeats itself', new Error('same', { cause: new Error('same') }), 'same'],
    ['a chain that comes round', cycle(), 'round: and round'],
    ['an error without words', Object.assign(new Error('m'), { message: '' }), 'Error'],
    ['an error whose words are no text', { message: 5, code: 'E_ODD' }, 'E_ODD'],
    ['text', 'gone', 'gone'],
    ['a number', 5, '5'],
    ['a symbol', Symbol('gone'), 'Symbol(gone)'],
    ['null', null, 'null'],
    ['nothing', undefined, 'undefined'],
  ];
  test.each(rows)('are those of %s', (_, cause, words) => {
    expect(made({ cause }).message).toBe(`startMr: no answer: ${words}`);
  });

  test('are found for an object that has none', () => {
    const cause: unknown = Object.create(null);
    expect(made({ cause })).toMatchObject({ name: 'OctaNetworkError', cause });
  });

  test('name what kept us from connecting', () => {
    const { message } = made({ cause: fetchFailed(refused) });
    expect(message).toBe('startMr: no connection: fetch failed: connect ECONNREFUSED');
  });
});

describe('an abort', () => {
  const phases: readonly (readonly [phase: Failure['phase'], outcome: Outcome])[] = [
    ['before', 'not-sent'],
    ['headers', 'unknown'],
    ['body', 'unknown'],
  ];
  test.each(phases)('in the phase %s has the outcome %s', (phase, outcome) => {
    const reason = new Error('changed my mind');
    const want = { name: 'OctaAbortError', outcome, cause: reason, request, message: 'startMr: aborted by the caller' };
    expect(errorFromAbort(reason, request, outcome)).toMatchObject(want);
    expect(made({ cause: new Error('other'), signal: AbortSignal.abort(reason), phase })).toMatchObject(want);
  });

  test.each(phases)('by a time limit in the phase %s has the outcome %s', (phase, outcome) => {
    const reason = new DOMException('late', 'TimeoutError');
    const message = 'startMr: the time limit of the given signal passed';
    const want = { name: 'OctaTimeoutError', timeout: 'signal', outcome, cause: reason, request, message };
    expect(made({ cause: reason, signal: AbortSignal.abort(reason), phase })).toMatchObject(want);
  });

  const reasons = [
    null,
    0,
    '',
    false,
    'text',
    Symbol('s'),
    { name: 'AbortError' },
    new DOMException('a', 'AbortError'),
  ];
  test.each(reasons)('keeps the reason %s', (reason) => {
    const error = made({ cause: reason, signal: AbortSignal.abort(reason) });
    expect(error.name).toBe('OctaAbortError');
    expect(error.cause).toBe(reason);
  });

  test('without a reason has the one that the platform gives', () => {
    expect(made({ signal: AbortSignal.abort() }).cause).toMatchObject({ name: 'AbortError' });
  });

  test('comes before our own timer and before any proof', () => {
    const error = made({ cause: fetchFailed(refused), signal: AbortSignal.abort(), timedOutAfterMs: 50 });
    expect(error).toMatchObject({ name: 'OctaAbortError', outcome: 'unknown' });
  });
});
