import { describe, expect, test } from 'vitest';
import * as errors from '../../../../src/errors/errors.ts';
import { OctaSessionError } from '../../../../src/errors/session-error.ts';
import { passes as passesByItself } from '../../../../src/resources/services/failures.ts';

const message = 'm';

describe('a failure may pass', () => {
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

  test('or not, for every class of error that there is', () => {
    const names = Object.values(errors).flatMap((value) =>
      typeof value === 'function' && 'className' in value ? [value.className] : [],
    );
    expect(titled.map(([name]) => name)).toEqual(expect.arrayContaining(names));
  });
});
