import { describe, expect, test, vi } from 'vitest';
import * as errors from '../../../src/errors/errors.ts';
import * as guards from '../../../src/errors/guards.ts';

type Make = (all: typeof errors) => errors.OctaError;

/** An error, and the guards that accept it besides isOctaError. */
const rows: readonly (readonly [title: string, make: Make, known: readonly string[]])[] = [
  ['OctaError', (all) => new all.OctaError({ message: 'm' }), []],
  ['OctaConfigurationError', (all) => new all.OctaConfigurationError({ message: 'm' }), []],
  ['OctaResponseError', (all) => new all.OctaResponseError({ message: 'm' }), []],
  ['OctaNetworkError', (all) => new all.OctaNetworkError({ message: 'm' }), ['isNetworkError']],
  ['OctaConnectionError', (all) => new all.OctaConnectionError({ message: 'm' }), ['isNetworkError']],
  ['OctaAbortError', (all) => new all.OctaAbortError({ message: 'm' }), ['isNetworkError']],
  [
    'OctaTimeoutError',
    (all) => new all.OctaTimeoutError({ message: 'm', timeout: 'server' }),
    ['isNetworkError', 'isTimeout'],
  ],
  ['OctaApiError', (all) => new all.OctaApiError({ message: 'm', status: 418 }), ['isApiError']],
  [
    'OctaAuthenticationError',
    (all) => new all.OctaAuthenticationError({ message: 'm', status: 401 }),
    ['isApiError', 'isAuthError'],
  ],
  ['OctaPermissionError', (all) => new all.OctaPermissionError({ message: 'm', status: 403 }), ['isApiError']],
  [
    'OctaNotFoundError',
    (all) => new all.OctaNotFoundError({ message: 'm', status: 404 }),
    ['isApiError', 'isNotFound'],
  ],
  [
    'OctaRateLimitError',
    (all) => new all.OctaRateLimitError({ message: 'm', status: 429 }),
    ['isApiError', 'isRateLimit'],
  ],
  ['OctaGatewayTimeoutError', (all) => new all.OctaGatewayTimeoutError({ message: 'm', status: 504 }), ['isApiError']],
];

/** Names of the guards that a value passes. */
function passed(value: unknown): string[] {
  return Object.entries(guards).flatMap(([name, guard]) => (guard(value) ? [name] : []));
}

describe('the guards', () => {
  test.each(rows)('recognize %s', (_, make, known) => {
    expect(passed(make(errors)).sort()).toStrictEqual([...known, 'isOctaError'].sort());
  });

  test.each(rows)('recognize %s of another copy of the package', async (_, make, known) => {
    vi.resetModules();
    const copy = await import('../../../src/errors/errors.ts');
    expect(passed(make(copy)).sort()).toStrictEqual([...known, 'isOctaError'].sort());
  });

  test('recognize a subclass of the caller', () => {
    class MissingMachineError extends errors.OctaNotFoundError {}
    const error = new MissingMachineError({ message: 'm', status: 404 });
    expect(passed(error).sort()).toStrictEqual(['isApiError', 'isNotFound', 'isOctaError']);
  });

  const others: readonly (readonly [title: string, value: unknown])[] = [
    ['nothing', undefined],
    ['null', null],
    ['a bigint', 5n],
    ['text', 'OctaError'],
    ['an object', {}],
    ['another error', new Error('m')],
    ['a time limit of the platform', new DOMException('m', 'TimeoutError')],
    ['an object of the same name', { name: 'OctaTimeoutError' }],
    ['a class', errors.OctaError],
  ];
  test.each(others)('reject %s', (_, value) => {
    expect(passed(value)).toStrictEqual([]);
  });
});
