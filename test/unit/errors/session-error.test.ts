import { inspect } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import * as errors from '../../../src/errors/errors.ts';
import * as sessionErrors from '../../../src/errors/session-error.ts';

const { markStopped, OctaSessionError } = sessionErrors;

const message = 'session u-1 was not ready in time';
const plain = { message, reason: 'timeout', session: 'u-1' } as const;
/** Secrets that give access to a session: no output may show them. */
const secret = 'PrivateKey=c2VjcmV0';
const info = {
  uuid: 'u-1',
  service: 'vpn',
  kind: 'wg',
  node_id: 7,
  progress: 'starting',
  is_ready: false,
  duration: 12,
  charge_amount: 31428028938060847852n,
  termination_reason: 2,
  config: `[Interface]\n${secret}`,
  user_envs: { PASSWORD: secret },
  ssh_web: `https://a.test/?token=${secret}`,
};
const stopFailures = [
  { session: 'u-1', error: new errors.OctaPermissionError({ message: 'no', status: 403 }) },
  { session: 'u-2', error: 'given up' },
];

/** Another copy of the modules, as an ESM and a CommonJS build of the package would be in one process. */
async function anotherCopy() {
  vi.resetModules();
  const own = await import('../../../src/errors/session-error.ts');
  return { ...own, errors: await import('../../../src/errors/errors.ts') };
}

describe('an OctaSessionError', () => {
  test('has the given fields', () => {
    const request = { operation: 'stopSession', method: 'POST', url: 'https://api.test/services/u-1/stop' };
    const given = { ...plain, info, running: ['u-1', 'u-2'], stopFailures, outcome: 'rejected', request } as const;
    const error = new OctaSessionError({ ...given, cause: stopFailures[0] });
    expect(error).toMatchObject(given);
    expect(error.info).toBe(info);
    expect(error.cause).toBe(stopFailures[0]);
    expect(String(error)).toBe(`OctaSessionError: ${message}`);
  });

  test('has defaults for other fields, and the outcome unknown', () => {
    const error = new OctaSessionError(plain);
    expect({ ...error }).toStrictEqual({
      outcome: 'unknown',
      request: undefined,
      attempts: [],
      stoppedBy: undefined,
      reason: 'timeout',
      session: 'u-1',
      running: [],
      stopFailures: [],
      stopped: [],
    });
    expect(error.info).toBeUndefined();
    expect(Object.hasOwn(error, 'cause')).toBe(false);
  });

  test('is updated once nothing runs any more, without other changes', () => {
    const error = new OctaSessionError({ ...plain, info, running: ['u-1'] });
    const before = { ...error };
    markStopped(error);
    expect({ ...error }).toStrictEqual({ ...before, running: [] });
    expect(error.info).toBe(info);
  });
});

describe('instanceof recognizes an OctaSessionError', () => {
  const classes = [errors.OctaError, Error, OctaSessionError];
  const others = [
    errors.OctaApiError,
    errors.OctaNetworkError,
    errors.OctaConfigurationError,
    errors.OctaResponseError,
  ];

  test('with its own classes, and no others', () => {
    const error = new OctaSessionError(plain);
    expect(error.name).toBe('OctaSessionError');
    expect(classes.filter((each) => error instanceof each)).toEqual(classes);
    expect(others.filter((each) => error instanceof each)).toEqual([]);
    expect(new errors.OctaError({ message })).not.toBeInstanceOf(OctaSessionError);
  });

  test('of another copy of the package, in both directions', async () => {
    const copy = await anotherCopy();
    expect(copy.OctaSessionError).not.toBe(OctaSessionError);
    const [ours, theirs] = [new OctaSessionError(plain), new copy.OctaSessionError(plain)];
    expect([ours instanceof copy.OctaSessionError, theirs instanceof OctaSessionError]).toEqual([true, true]);
    expect([ours instanceof copy.errors.OctaError, theirs instanceof errors.OctaError]).toEqual([true, true]);
    expect([ours instanceof copy.errors.OctaApiError, theirs instanceof errors.OctaApiError]).toEqual([false, false]);
    expect(errors.brandsOf(theirs)).toEqual(['OctaSessionError', 'OctaError']);
  });

  test('as a subclass of the caller', () => {
    class LeaseError extends OctaSessionError {}
    expect(new LeaseError(plain)).toBeInstanceOf(OctaSessionError);
    expect(new OctaSessionError(plain)).not.toBeInstanceOf(LeaseError);
  });
});

describe('toJSON', () => {
  test('has the state of the session, but nothing that gives access to it', () => {
    const error = new OctaSessionError({
      ...plain,
      info,
      running: ['u-1'],
      stopFailures,
      cause: stopFailures[1]?.error,
    });
    expect(error.toJSON()).toStrictEqual({
      name: 'OctaSessionError',
      message,
      outcome: 'unknown',
      request: undefined,
      attempts: [],
      stoppedBy: undefined,
      reason: 'timeout',
      session: 'u-1',
      running: ['u-1'],
      stopFailures: [
        { session: 'u-1', error: 'OctaPermissionError: no' },
        { session: 'u-2', error: 'given up' },
      ],
      stopped: [],
      info: {
        uuid: 'u-1',
        service: 'vpn',
        node_id: 7,
        progress: 'starting',
        is_ready: false,
        charge_amount: '31428028938060847852',
        termination_reason: 2,
      },
      cause: 'given up',
    });
  });

  test('has no state of a session without information', () => {
    expect(new OctaSessionError(plain).toJSON()).toMatchObject({ info: undefined, stopFailures: [] });
    expect(JSON.parse(JSON.stringify(new OctaSessionError(plain)))).not.toHaveProperty('info');
  });

  test('can be written as JSON although amounts are bigints', () => {
    const error = new OctaSessionError({ ...plain, info });
    expect(JSON.parse(JSON.stringify({ error })).error.info).toEqual({
      uuid: 'u-1',
      service: 'vpn',
      node_id: 7,
      progress: 'starting',
      is_ready: false,
      charge_amount: '31428028938060847852',
      termination_reason: 2,
    });
    expect(JSON.stringify(new OctaSessionError({ ...plain, info: { uuid: 'u-1' } }))).toContain(
      '"info":{"uuid":"u-1"}',
    );
  });
});

describe('secrets of a session are not shown by', () => {
  const inner = new OctaSessionError({ ...plain, info });
  const failures = [{ session: 'u-1', error: inner }];
  const error = new OctaSessionError({ ...plain, info, running: ['u-1'], stopFailures: failures, cause: inner });
  const outputs: [name: string, print: (value: unknown) => string][] = [
    ['String', String],
    ['inspect', (value) => inspect(value, { depth: null })],
    ['inspect of what it is in', (value) => inspect({ failed: [value] }, { depth: null })],
    ['JSON.stringify', JSON.stringify],
    ['JSON.stringify of what it is in', (value) => JSON.stringify({ failed: [value] })],
    ['JSON.stringify of a copy of its fields', (value) => JSON.stringify({ ...Object(value) })],
    ['Object.entries', (value) => Object.entries(Object(value)).flat().map(String).join()],
    ['the stack', (value) => String(Object(value).stack)],
  ];
  test.each(outputs)('%s', (_, print) => {
    const text = print(error);
    expect(text).not.toContain('c2VjcmV0');
    expect(text).toMatch(/u-1/);
  });
});

test('The error of a stop can be any value.', () => {
  const error = new OctaSessionError({ ...plain, stopFailures: [{ session: 'u-1', error: Object.create(null) }] });
  expect(error.toJSON()).toMatchObject({ stopFailures: [{ session: 'u-1', error: '[object Object]' }] });
});
