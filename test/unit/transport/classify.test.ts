import { describe, expect, test } from 'vitest';
import {
  OctaAbortError,
  OctaApiError,
  OctaAuthenticationError,
  OctaConfigurationError,
  OctaConnectionError,
  type OctaError,
  OctaNetworkError,
  OctaProvisionRejectedError,
  OctaResponseError,
  OctaServerError,
  OctaTimeoutError,
  type TimeoutKind,
} from '../../../src/errors/errors.ts';
import { classify, healthOf, isBarred, isRateLimited, neverConnected } from '../../../src/transport/classify.ts';
import type { Health } from '../../../src/transport/types.ts';

const init = { message: 'it failed' };
const status = (code: number): OctaError => new OctaApiError({ ...init, status: code });
const timeout = (kind: TimeoutKind): OctaError => new OctaTimeoutError({ ...init, timeout: kind });

// After this error, may a repeatable call be retried? And a call that must not happen twice?
const table: [title: string, error: OctaError, repeatable: boolean, onceOnly: boolean][] = [
  ['a connection that was never made', new OctaConnectionError(init), true, true],
  [
    'a connection of which nobody can vouch that',
    new OctaConnectionError({ ...init, outcome: 'unknown' }),
    true,
    false,
  ],
  ['what kept a request from being made', new OctaNetworkError({ ...init, outcome: 'not-sent' }), true, false],
  ['an answer that broke off', new OctaNetworkError(init), true, false],
  ['the time limit of the attempt', timeout('timeoutMs'), true, false],
  ['the time limit of the runtime', timeout('runtime'), true, false],
  ['a 408', timeout('server'), true, false],
  ['the time limit of the caller', timeout('signal'), false, false],
  ['the time limit of the whole call', timeout('totalTimeoutMs'), false, false],
  ['an abort by the caller', new OctaAbortError(init), false, false],
  ['JSON that was cut off', new OctaResponseError({ ...init, truncated: true }), true, false],
  ['JSON that is wrong', new OctaResponseError(init), false, false],
  ['wrong options', new OctaConfigurationError(init), false, false],
  ['a refusal within 200', new OctaProvisionRejectedError({ ...init, rejections: [] }), false, false],
  ...[429, 500, 502, 503, 504].map((code): [string, OctaError, boolean, boolean] => [
    `status ${code}`,
    status(code),
    true,
    false,
  ]),
  ...[302, 304, 400, 401, 403, 404, 405, 409, 422, 425, 501, 505].map((code): [string, OctaError, boolean, boolean] => [
    `status ${code}`,
    status(code),
    false,
    false,
  ]),
];

describe.each(table)('After %s', (_, error, repeatable, onceOnly) => {
  test(`a repeatable call ${repeatable ? 'is' : 'is not'} sent again.`, () => {
    expect(classify({ repeatable: true }, error).again).toBe(repeatable);
  });

  test(`a call that must not happen twice ${onceOnly ? 'is' : 'is not'} sent again.`, () => {
    expect(classify({ repeatable: false }, error).again).toBe(onceOnly);
  });
});

test.each([
  ['it may pass', true, new OctaNetworkError(init)],
  ['it may pass', true, new OctaConnectionError(init)],
  ['it was never sent', false, new OctaConnectionError(init)],
  ['it may have taken effect, and must not happen twice', false, new OctaNetworkError(init)],
  ['it would fail the same way', true, new OctaApiError({ ...init, status: 404 })],
  ['it would fail the same way', false, new OctaApiError({ ...init, status: 404 })],
])('The verdict says why: %s.', (reason, repeatable, error) => {
  expect(classify({ repeatable }, error).reason).toBe(reason);
});

/** The state of a base URL after such an attempt. */
const healthTable: [title: string, error: OctaError, want: Health][] = [
  ['was never connected', new OctaConnectionError({ ...init, phase: 'connect' }), 'down'],
  ['gave no answer', new OctaNetworkError({ ...init, phase: 'headers' }), 'down'],
  ['gave an answer that broke off', new OctaNetworkError({ ...init, phase: 'body' }), 'unclear'],
  ['was asked nothing', new OctaNetworkError({ ...init, phase: undefined }), 'unclear'],
  ['had no connection to spare', new OctaConnectionError({ ...init, phase: undefined }), 'unclear'],
  ...(['timeoutMs', 'runtime'] as const).flatMap((kind): [string, OctaError, Health][] => [
    [`took too long to answer (${kind})`, new OctaTimeoutError({ ...init, timeout: kind, phase: 'headers' }), 'down'],
    [
      `took too long over its body (${kind})`,
      new OctaTimeoutError({ ...init, timeout: kind, phase: 'body' }),
      'unclear',
    ],
    [`was asked too late (${kind})`, new OctaTimeoutError({ ...init, timeout: kind }), 'unclear'],
  ]),
  ...(['signal', 'totalTimeoutMs'] as const).map((kind): [string, OctaError, Health] => [
    `had no time left (${kind})`,
    new OctaTimeoutError({ ...init, timeout: kind, phase: 'headers' }),
    'unclear',
  ]),
  ['answered 408', new OctaTimeoutError({ ...init, timeout: 'server' }), 'alive'],
  ['was left by the caller', new OctaAbortError({ ...init, phase: 'headers' }), 'unclear'],
  ['answered with wrong JSON', new OctaResponseError(init), 'unclear'],
  ['was set up wrong', new OctaConfigurationError(init), 'unclear'],
  ['was not asked for want of a key', new OctaAuthenticationError({ ...init, status: 401 }), 'unclear'],
  ['did not know the key', new OctaAuthenticationError({ ...init, status: 401, outcome: 'rejected' }), 'alive'],
  ...[0, 302, 400, 404, 429, 500, 501, 505].map((code): [string, OctaError, Health] => [
    `answered ${code}`,
    new OctaServerError({ ...init, status: code, outcome: 'unknown' }),
    'alive',
  ]),
  ...[502, 503, 504].map((code): [string, OctaError, Health] => [
    `answered ${code}`,
    new OctaServerError({ ...init, status: code, outcome: 'unknown' }),
    'down',
  ]),
];

test.each(healthTable)('A base URL that %s: %s is %s.', (_, error, want) => {
  expect(healthOf(error)).toBe(want);
});

const wrongCertificate = new TypeError('fetch failed', { cause: { code: 'CERT_HAS_EXPIRED' } });
const aReset = new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } });

describe('The base URL of an attempt', () => {
  test.each<[title: string, error: OctaError, want: boolean]>([
    ['that found a wrong certificate is barred', new OctaConnectionError({ ...init, cause: wrongCertificate }), true],
    ['that found nobody is not barred', new OctaConnectionError({ ...init, cause: aReset }), false],
    ['without a cause is not barred', new OctaConnectionError(init), false],
    [
      'that got further than the connection is not barred',
      new OctaNetworkError({ ...init, cause: wrongCertificate }),
      false,
    ],
  ])('%s.', (_, error, want) => {
    expect(isBarred(error)).toBe(want);
  });
});

describe('No connection was made', () => {
  test.each<[title: string, error: OctaError, want: boolean]>([
    ['when it failed', new OctaConnectionError({ ...init, phase: 'connect' }), true],
    [
      'when it failed, by the word of a fetch of the caller',
      new OctaConnectionError({ ...init, phase: 'connect', outcome: 'unknown' }),
      true,
    ],
    ['but none was tried either, when there was none to spare', new OctaConnectionError(init), false],
    ['but that is not what failed', new OctaNetworkError({ ...init, phase: 'connect' }), false],
    ['but the answer broke off', new OctaNetworkError({ ...init, phase: 'body' }), false],
    ['or it was, and the API was busy', status(503), false],
  ])('%s.', (_, error, want) => {
    expect(neverConnected(error)).toBe(want);
  });
});

test.each<[title: string, error: OctaError, want: boolean]>([
  ['429 is about the caller', status(429), true],
  ['428 is not', status(428), false],
  ['503 is not', status(503), false],
  ['no answer is not', new OctaNetworkError(init), false],
])('A wait requested by a %s.', (_, error, want) => {
  expect(isRateLimited(error)).toBe(want);
});
