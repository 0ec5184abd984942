import { describe, expect, test } from 'vitest';
import type { OctaError } from '../../../src/errors/errors.ts';
import {
  type Ending,
  errorFromAbort,
  errorFromFailure,
  errorFromLimit,
  type Failure,
  isCertificateFailure,
  provesNeverConnected,
} from '../../../src/errors/from-failure.ts';

const request = { operation: 'startMr', method: 'POST', url: 'https://api.example/services/mr' };

function made(failure: Partial<Failure>): OctaError {
  const given = { cause: undefined, request, signal: undefined, timedOut: undefined, proofTrusted: true };
  return errorFromFailure({ ...given, phase: 'headers', ...failure });
}

/** The error of fetch in Node. */
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

const certificateCodes = [
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
];

const proofCodes = [
  ...certificateCodes,
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
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ConnectionRefused',
  'OCTA_PROXY_REFUSED',
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

/** A refusal within this many nested errors of several addresses. */
function withinAddresses(depth: number): unknown {
  let error: unknown = refused;
  for (let level = 0; level < depth; level++) error = Object.assign(severalAddresses(error), { code: undefined });
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
    ['no members at all, and a code that says nothing', Object.assign(severalAddresses(), { code: 'EPIPE' }), false],
    ['addresses as deep as anyone looks', withinAddresses(8), true],
    ['addresses deeper than anyone looks', withinAddresses(9), false],
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

  test('is not found in errors with circular references', () => {
    const errors: unknown[] = [refused];
    const error = Object.assign(new AggregateError([], 'all failed'), { errors });
    errors.push(error);
    expect(provesNeverConnected(error)).toBe(false);
  });
});

describe('a certificate failure', () => {
  test.each(certificateCodes)('is %s, in the error itself and in its cause', (code) => {
    expect(isCertificateFailure({ code })).toBe(true);
    expect(isCertificateFailure(fetchFailed(systemError(code)))).toBe(true);
  });

  const otherCodes = [...proofCodes, ...ambiguousCodes].filter((code) => !certificateCodes.includes(code));
  test.each(otherCodes)('is not %s', (code) => {
    expect(isCertificateFailure(fetchFailed(systemError(code)))).toBe(false);
  });

  test.each([undefined, null, 'CERT_HAS_EXPIRED', {}, { code: 5 }, new Error('CERT_HAS_EXPIRED')])(
    'is not %o',
    (error) => {
      expect(isCertificateFailure(error)).toBe(false);
    },
  );
});

describe('a failure', () => {
  test.each(proofCodes)('with %s is a connection error that was never sent', (code) => {
    const cause = fetchFailed(systemError(code));
    const want = { name: 'OctaConnectionError', phase: 'connect', cause, request };
    expect(made({ cause })).toMatchObject({ ...want, outcome: 'not-sent' });
    expect(made({ cause, proofTrusted: false })).toMatchObject({ ...want, outcome: 'unknown' });
  });

  test.each(proofCodes)('with %s in the body proves nothing', (code) => {
    const error = made({ cause: fetchFailed(systemError(code, 'connect'), 'terminated'), phase: 'body' });
    expect(error).toMatchObject({ name: 'OctaNetworkError', outcome: 'unknown', phase: 'body' });
  });

  test.each(proofCodes)('with %s before fetch was called is not a connection error', (code) => {
    const error = made({ cause: systemError(code), phase: 'before' });
    expect(error).toMatchObject({ name: 'OctaNetworkError', outcome: 'not-sent', phase: undefined });
  });

  test('without a free connection was never sent, and says nothing about the server', () => {
    const cause = fetchFailed(Object.assign(new Error('no free connection'), { code: 'OCTA_POOL_TIMEOUT' }));
    const message = 'startMr: no connection: fetch failed: no free connection';
    const want = { name: 'OctaConnectionError', phase: undefined, cause, request, message };
    expect(made({ cause })).toMatchObject({ ...want, outcome: 'not-sent' });
    expect(made({ cause, proofTrusted: false })).toMatchObject({ ...want, outcome: 'unknown' });
  });

  const networkErrors = ambiguousCodes.filter((code) => !/^UND_ERR_(HEADERS|BODY)_TIMEOUT$/.test(code));
  test.each(networkErrors)('with %j may have taken effect', (code) => {
    const error = made({ cause: fetchFailed(systemError(code, 'read')) });
    expect(error).toMatchObject({ name: 'OctaNetworkError', outcome: 'unknown', phase: 'headers' });
  });

  test.each(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'OCTA_WRITE_TIMEOUT'])(
    'with %s is a timeout of the runtime',
    (code) => {
      const phase = code.includes('BODY') ? 'body' : 'headers';
      const message = 'startMr: the runtime timed out waiting for a response';
      const want = { name: 'OctaTimeoutError', timeout: 'runtime', outcome: 'unknown', phase, message, request };
      expect(made({ cause: fetchFailed(systemError(code)), phase })).toMatchObject(want);
    },
  );

  const phases: readonly (readonly [reached: Failure['phase'], want: object, where: string])[] = [
    ['before', { outcome: 'not-sent', phase: undefined }, 'no response'],
    ['headers', { outcome: 'unknown', phase: 'headers' }, 'no response'],
    ['body', { outcome: 'unknown', phase: 'body' }, 'the response was cut off'],
  ];
  test.each(phases)('in the phase %s is %o', (phase, want, where) => {
    const message = `startMr: ${where}: fetch failed: read ECONNRESET`;
    const error = made({ cause: fetchFailed(reset), phase });
    expect(error).toMatchObject({ name: 'OctaNetworkError', message, request, ...want });
  });

  const limits = [
    ['timeoutMs', 50],
    ['totalTimeoutMs', 120_000],
  ] as const;
  describe.each(limits)("of the SDK's timer for %s", (option, ms) => {
    const timedOut = { option, ms };
    const message = `startMr: no complete response within ${ms} ms (${option})`;

    test.each(phases)('in the phase %s is %o', (phase, want) => {
      const cause = new DOMException('The attempt took too long.', 'TimeoutError');
      const whole = { name: 'OctaTimeoutError', timeout: option, message, cause, request, ...want };
      expect(made({ cause, phase, timedOut })).toMatchObject(whole);
    });

    test('while connecting is not treated as a proof', () => {
      const error = made({ cause: fetchFailed(refused), timedOut });
      expect(error).toMatchObject({ name: 'OctaTimeoutError', outcome: 'unknown', phase: 'headers' });
    });

    test('has no cause if there was none', () => {
      const error = errorFromLimit(timedOut, { request, outcome: 'not-sent' });
      expect(error).toMatchObject({ name: 'OctaTimeoutError', timeout: option, outcome: 'not-sent', message, request });
      expect(error).toHaveProperty('phase', undefined);
      expect(Object.hasOwn(error, 'cause')).toBe(false);
    });
  });

  test.each(['AbortError', 'TimeoutError'])(
    'of a signal that was not given is a timeout of the runtime: %s',
    (name) => {
      const cause = new DOMException('stop', name);
      const want = { name: 'OctaTimeoutError', timeout: 'runtime', outcome: 'unknown', cause };
      expect(made({ cause })).toMatchObject(want);
      expect(made({ cause, signal: new AbortController().signal })).toMatchObject(want);
    },
  );

  test('of a URL that the runtime cannot fetch is a configuration error', () => {
    const cause = fetchFailed(systemError('ERR_INVALID_URL'), 'Failed to parse URL');
    const message =
      'startMr: this runtime cannot fetch "https://api.example/services/mr": set baseUrl to an absolute URL';
    expect(made({ cause })).toMatchObject({ name: 'OctaConfigurationError', outcome: 'not-sent', message, cause });
    expect(made({ cause: fetchFailed(new Error('bad port')) })).toMatchObject({
      name: 'OctaConfigurationError',
      message: 'startMr: this runtime cannot fetch "https://api.example/services/mr": it blocks the port',
    });
  });

  test('of a URL that the runtime cannot fetch is found in nested causes', () => {
    const cause = fetchFailed(new Error('Failed to parse URL', { cause: systemError('ERR_INVALID_URL') }));
    expect(made({ cause }).name).toBe('OctaConfigurationError');
  });

  test.each([
    ['Deno', "Invalid URL: '/api/octa/accounts'"],
    ['workerd', 'Invalid URL: /api/octa/accounts'],
    ['Node, once the key was taken out of the cause,', 'Failed to parse URL from /api/octa/accounts'],
  ])('of a URL that %s cannot fetch is recognized by its message, because it has no code', (_, words) => {
    expect(made({ cause: new TypeError(words) })).toMatchObject({
      name: 'OctaConfigurationError',
      outcome: 'not-sent',
      message: expect.stringContaining('set baseUrl to an absolute URL'),
    });
  });

  test.each(['before', 'body'] as const)('with a URL error in the phase %s says nothing about our URL', (phase) => {
    expect(made({ cause: systemError('ERR_INVALID_URL'), phase }).name).toBe('OctaNetworkError');
  });
});

describe('the message of a failure', () => {
  const rows: readonly (readonly [title: string, cause: unknown, words: string])[] = [
    ['a chain', fetchFailed(reset), 'fetch failed: read ECONNRESET'],
    ['several addresses, by their code', fetchFailed(severalAddresses(reset)), 'fetch failed: ECONNREFUSED'],
    ['a chain that repeats itself', new Error('same', { cause: new Error('same') }), 'same'],
    ['a chain that comes round', cycle(), 'round: and round'],
    ['an error without words', Object.assign(new Error('m'), { message: '' }), 'Error'],
    ['an error whose words are no text', { message: 5, code: 'E_ODD' }, 'E_ODD'],
    ['an error whose words and code are no text', { message: 5, code: 7, toString: () => 'odd' }, 'odd'],
    ['an error without words, whose cause has some', { cause: reset }, 'read ECONNRESET'],
    ['text', 'gone', 'gone'],
    ['a number', 5, '5'],
    ['a symbol', Symbol('gone'), 'Symbol(gone)'],
    ['null', null, 'null'],
    ['nothing', undefined, 'undefined'],
  ];
  test.each(rows)('comes from %s', (_, cause, words) => {
    expect(made({ cause }).message).toBe(`startMr: no response: ${words}`);
  });

  test('exists for an object without a message', () => {
    const cause: unknown = Object.create(null);
    const message = 'startMr: no response: object';
    expect(made({ cause })).toMatchObject({ name: 'OctaNetworkError', cause, message });
  });

  test('names the reason why no connection was made', () => {
    const { message } = made({ cause: fetchFailed(refused) });
    expect(message).toBe('startMr: no connection: fetch failed: connect ECONNREFUSED');
  });
});

describe('an abort', () => {
  const phases: readonly (readonly [reached: Failure['phase'], want: Omit<Ending, 'request'>])[] = [
    ['before', { outcome: 'not-sent', phase: undefined }],
    ['headers', { outcome: 'unknown', phase: 'headers' }],
    ['body', { outcome: 'unknown', phase: 'body' }],
  ];
  test.each(phases)('in the phase %s is %o', (phase, ending) => {
    const reason = new Error('changed my mind');
    const message = 'startMr: aborted by the caller';
    const want = { name: 'OctaAbortError', cause: reason, request, message, ...ending };
    expect(errorFromAbort(reason, { request, ...ending })).toMatchObject(want);
    expect(made({ cause: new Error('other'), signal: AbortSignal.abort(reason), phase })).toMatchObject(want);
  });

  test.each(phases)('by a timeout signal in the phase %s is %o', (phase, ending) => {
    const reason = new DOMException('late', 'TimeoutError');
    const message = "startMr: the caller's signal timed out";
    const want = { name: 'OctaTimeoutError', timeout: 'signal', cause: reason, request, message, ...ending };
    expect(errorFromAbort(reason, { request, ...ending })).toMatchObject(want);
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

  test('without a reason has the default reason of the platform', () => {
    expect(made({ signal: AbortSignal.abort() }).cause).toMatchObject({ name: 'AbortError' });
  });

  test('takes precedence over our own timer and any proof', () => {
    const timedOut = { option: 'totalTimeoutMs', ms: 50 } as const;
    const error = made({ cause: fetchFailed(refused), signal: AbortSignal.abort(), timedOut });
    expect(error).toMatchObject({ name: 'OctaAbortError', outcome: 'unknown' });
  });
});
