import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as errors from '../../../src/errors/errors.ts';
import { OctaSessionError } from '../../../src/errors/session-error.ts';
import { askedWaitMs, passes as passesByItself, waitAfterFailures } from '../../../src/leases/failures.ts';

const message = 'm';

describe('a failure may be temporary', () => {
  const table: [error: unknown, passes: boolean][] = [
    [new errors.OctaNetworkError({ message }), true],
    [new errors.OctaConnectionError({ message }), true],
    [new errors.OctaTimeoutError({ message, timeout: 'timeoutMs' }), true],
    [new errors.OctaResponseError({ message }), true],
    [new errors.OctaRateLimitError({ message, status: 429 }), true],
    [new errors.OctaServerError({ message, status: 500 }), true],
    [new errors.OctaBadGatewayError({ message, status: 502 }), true],
    [new errors.OctaServiceUnavailableError({ message, status: 503 }), true],
    [new errors.OctaGatewayTimeoutError({ message, status: 504 }), true],
    [new errors.OctaAbortError({ message }), false],
    [new errors.OctaError({ message }), false],
    [new errors.OctaConfigurationError({ message }), false],
    [new errors.OctaApiError({ message, status: 418 }), false],
    [new errors.OctaBadRequestError({ message, status: 400 }), false],
    [new errors.OctaAuthenticationError({ message, status: 401 }), false],
    [new errors.OctaPermissionError({ message, status: 403 }), false],
    [new errors.OctaNotFoundError({ message, status: 404 }), false],
    [new errors.OctaConflictError({ message, status: 409 }), false],
    [new errors.OctaValidationError({ message, status: 422 }), false],
    [new errors.OctaProvisionRejectedError({ message, rejections: [] }), false],
    [new OctaSessionError({ message, reason: 'timeout', session: 'u-1' }), false],
    [new TypeError('a hook of the caller threw'), false],
    [undefined, false],
  ];
  const titled = table.map(([error, passes]) => [
    error instanceof Error ? error.name : String(error),
    passes ? 'it may' : 'it will not',
    error,
    passes,
  ]);
  test.each(titled)('%s: %s', (_, __, error, passes) => {
    expect(passesByItself(error)).toBe(passes);
  });

  test('or not, for every error class', () => {
    const names = Object.values(errors).flatMap((value) =>
      typeof value === 'function' && 'className' in value ? [value.className] : [],
    );
    expect(titled.map(([name]) => name)).toEqual(expect.arrayContaining(names));
  });
});

describe('the wait after failures', () => {
  const table: [title: string, failures: number, intervalMs: number, waitMs: number][] = [
    ['is the interval without a failure', 0, 3_000, 3_000],
    ['doubles after a failure', 1, 3_000, 6_000],
    ['doubles again', 2, 3_000, 12_000],
    ['is no longer than 15 s', 3, 3_000, 15_000],
    ['stays at 15 s', 1_000_000, 3_000, 15_000],
    ['is the interval if that is longer', 5, 60_000, 60_000],
    ['also reaches 15 s from the shortest interval', 14, 1, 15_000],
  ];
  test.each(table)('%s', (_, failures, intervalMs, waitMs) => {
    expect(waitAfterFailures(failures, intervalMs)).toBe(waitMs);
  });

  test('never shrinks with more failures, is never below the interval, and is finite', () => {
    fc.assert(
      fc.property(fc.nat(2_000), fc.double({ min: 0.5, max: 1e9, noNaN: true }), (failures, intervalMs) => {
        const waitMs = waitAfterFailures(failures, intervalMs);
        expect(waitMs).toBeGreaterThanOrEqual(intervalMs);
        expect(waitMs).toBeLessThanOrEqual(Math.max(15_000, intervalMs));
        expect(waitAfterFailures(failures + 1, intervalMs)).toBeGreaterThanOrEqual(waitMs);
      }),
      { seed: 20_261_122, numRuns: 300 },
    );
  });
});

describe('the wait that the API asks for is', () => {
  const table: [title: string, error: unknown, waitMs: number][] = [
    ['none if its response has none', new errors.OctaServerError({ message, status: 503 }), 0],
    ['none without a response', new errors.OctaNetworkError({ message }), 0],
    ['none if nothing failed', undefined, 0],
    ['retryAfter in ms', new errors.OctaRateLimitError({ message, status: 429, retryAfter: 90 }), 90_000],
  ];
  test.each(table)('%s', (_, error, waitMs) => {
    expect(askedWaitMs(error)).toBe(waitMs);
  });
});
