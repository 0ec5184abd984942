import { describe, expect, test } from 'vitest';
import {
  OctaAbortError,
  OctaApiError,
  OctaConfigurationError,
  OctaConnectionError,
  type OctaError,
  OctaNetworkError,
  OctaProvisionRejectedError,
  OctaResponseError,
  OctaTimeoutError,
  type TimeoutKind,
} from '../../../src/errors/errors.ts';
import { classify } from '../../../src/transport/classify.ts';

const init = { message: 'it failed' };
const status = (code: number): OctaError => new OctaApiError({ ...init, status: code });
const timeout = (kind: TimeoutKind): OctaError => new OctaTimeoutError({ ...init, timeout: kind });

// After this error, may a repeatable call be sent again? And one that must not happen twice, when the proof counts?
const table: [title: string, error: OctaError, repeatable: boolean, onceOnly: boolean][] = [
  ['a connection that was never made', new OctaConnectionError(init), true, true],
  ['an answer that broke off', new OctaNetworkError(init), true, false],
  ['the time limit of the attempt', timeout('timeoutMs'), true, false],
  ['the time limit of the runtime', timeout('runtime'), true, false],
  ['a 408', timeout('server'), true, false],
  ['the time limit of the caller', timeout('signal'), false, false],
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
    expect(classify({ repeatable: true }, error, true).again).toBe(repeatable);
    expect(classify({ repeatable: true }, error, false).again).toBe(repeatable);
  });

  test(`a call that must not happen twice ${onceOnly ? 'is' : 'is not'} sent again.`, () => {
    expect(classify({ repeatable: false }, error, true).again).toBe(onceOnly);
  });

  test('a call that must not happen twice is not sent again when the proof cannot be trusted.', () => {
    expect(classify({ repeatable: false }, error, false).again).toBe(false);
  });
});

test.each([
  ['it may pass', true, new OctaNetworkError(init)],
  ['it was never sent', false, new OctaConnectionError(init)],
  ['it may have taken effect, and must not happen twice', false, new OctaNetworkError(init)],
  ['it would fail the same way', true, new OctaApiError({ ...init, status: 404 })],
])('The verdict says why: %s.', (reason, repeatable, error) => {
  expect(classify({ repeatable }, error, true).reason).toBe(reason);
});
