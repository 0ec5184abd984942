import { describe, expect, test } from 'vitest';
import { requestLine } from '../../../src/cli/mock.ts';

const plain = (_: string, text: string) => text;
const painted = (colour: string, text: string) => `<${colour}>${text}`;
const at = new Date(2026, 3, 15, 12, 0, 3).getTime();
const entry = {
  operation: 'startMr',
  method: 'POST',
  path: '/services/mr',
  at,
  status: 200,
  outcome: 'answered',
} as const;

describe('one request in one line', () => {
  test.each([
    ['an answer', entry, 'sim 12:00:03  POST /services/mr               200  startMr             12 ms'],
    [
      'an unknown path',
      { ...entry, operation: undefined, status: 404 },
      'sim 12:00:03  POST /services/mr               404  unknown path        12 ms',
    ],
    [
      'a client that gave up',
      { ...entry, status: undefined, outcome: 'aborted' as const },
      'sim 12:00:03  POST /services/mr               ---  startMr             12 ms  aborted',
    ],
    [
      'a path that would forge lines',
      { ...entry, path: '/\u009b2K\n12:00:03' },
      'sim 12:00:03  POST /\\u009b2K\\u000a12:00:03    200  startMr             12 ms',
    ],
    [
      'a fault',
      { ...entry, status: 503, fault: { status: 503 } as never },
      'sim 12:00:03  POST /services/mr               503  startMr             12 ms  fault',
    ],
  ])('%s', (_, given, want) => {
    expect(requestLine(given, 12, plain)).toBe(want);
  });

  test.each([
    ['green', { ...entry }],
    ['yellow', { ...entry, status: 404 }],
    ['red', { ...entry, status: 500 }],
    ['red', { ...entry, outcome: 'failed' as const }],
  ])('%s', (colour, given) => {
    expect(requestLine(given, 12, painted)).toContain(`<${colour}>${given.status}`);
  });
});
