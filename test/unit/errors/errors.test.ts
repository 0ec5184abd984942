import { inspect } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import { attachRefusals, attachRollback, attachStory } from '../../../src/errors/attach.ts';
import * as errors from '../../../src/errors/errors.ts';

const { OctaAbortError, OctaApiError, OctaError, OctaNotFoundError, OctaServerError, OctaTimeoutError } = errors;

/** Another copy of the module, as an ESM and a CommonJS build of the package would be in one process. */
async function anotherCopy(): Promise<typeof errors> {
  vi.resetModules();
  return await import('../../../src/errors/errors.ts');
}

const request = { operation: 'getNode', method: 'GET', url: 'https://api.example/nodes/7' };

/** Every class: how to create an instance, and its class names from itself up. */
const classes: readonly (readonly [name: string, make: (all: typeof errors) => errors.OctaError, names: string])[] = [
  ['OctaError', (all) => new all.OctaError({ message: 'm' }), ''],
  ['OctaConfigurationError', (all) => new all.OctaConfigurationError({ message: 'm' }), ''],
  ['OctaNetworkError', (all) => new all.OctaNetworkError({ message: 'm' }), ''],
  ['OctaConnectionError', (all) => new all.OctaConnectionError({ message: 'm' }), 'OctaNetworkError'],
  ['OctaTimeoutError', (all) => new all.OctaTimeoutError({ message: 'm', timeout: 'signal' }), 'OctaNetworkError'],
  ['OctaAbortError', (all) => new all.OctaAbortError({ message: 'm' }), 'OctaNetworkError'],
  ['OctaApiError', (all) => new all.OctaApiError({ message: 'm', status: 418 }), ''],
  ['OctaBadRequestError', (all) => new all.OctaBadRequestError({ message: 'm', status: 400 }), 'OctaApiError'],
  ['OctaAuthenticationError', (all) => new all.OctaAuthenticationError({ message: 'm', status: 401 }), 'OctaApiError'],
  ['OctaPermissionError', (all) => new all.OctaPermissionError({ message: 'm', status: 403 }), 'OctaApiError'],
  ['OctaNotFoundError', (all) => new all.OctaNotFoundError({ message: 'm', status: 404 }), 'OctaApiError'],
  ['OctaConflictError', (all) => new all.OctaConflictError({ message: 'm', status: 409 }), 'OctaApiError'],
  ['OctaValidationError', (all) => new all.OctaValidationError({ message: 'm', status: 422 }), 'OctaApiError'],
  ['OctaRateLimitError', (all) => new all.OctaRateLimitError({ message: 'm', status: 429 }), 'OctaApiError'],
  ['OctaServerError', (all) => new all.OctaServerError({ message: 'm', status: 500 }), 'OctaApiError'],
  [
    'OctaBadGatewayError',
    (all) => new all.OctaBadGatewayError({ message: 'm', status: 502 }),
    'OctaServerError OctaApiError',
  ],
  [
    'OctaServiceUnavailableError',
    (all) => new all.OctaServiceUnavailableError({ message: 'm', status: 503 }),
    'OctaServerError OctaApiError',
  ],
  [
    'OctaGatewayTimeoutError',
    (all) => new all.OctaGatewayTimeoutError({ message: 'm', status: 504 }),
    'OctaServerError OctaApiError',
  ],
  ['OctaResponseError', (all) => new all.OctaResponseError({ message: 'm' }), ''],
  ['OctaProvisionRejectedError', (all) => new all.OctaProvisionRejectedError({ message: 'm', rejections: [] }), ''],
];

/** Names of all classes of the module. */
const allNames = Object.entries(errors).flatMap(([name, value]) =>
  typeof value === 'function' && 'className' in value ? [name] : [],
);

/** Names of the classes of `all` that an error is an instance of. */
function namesOf(error: unknown, all: Record<string, unknown>): string[] {
  return allNames.filter((name) => {
    const cls = all[name];
    return typeof cls === 'function' && error instanceof cls;
  });
}

test('A constructor that was compiled to a function recognizes its instances before they have a brand.', () => {
  // What Babel puts at the beginning of every constructor asks this.
  expect(Object.create(errors.OctaTimeoutError.prototype)).toBeInstanceOf(errors.OctaTimeoutError);
  expect(Object.create(errors.OctaError.prototype)).not.toBeInstanceOf(errors.OctaTimeoutError);
});

describe('the hierarchy', () => {
  test('is covered by the table below', () => {
    expect(classes.map(([name]) => name).sort()).toStrictEqual([...allNames].sort());
  });

  test.each(classes)('has %s in its place', (name, make, parents) => {
    const error = make(errors);
    expect(error.name).toBe(name);
    expect(error).toBeInstanceOf(Error);
    const want = new Set([name, 'OctaError', ...parents.split(' ').filter((parent) => parent !== '')]);
    expect(namesOf(error, errors).sort()).toStrictEqual([...want].sort());
  });

  test.each(classes)('recognizes %s of another copy of the package, in both directions', async (_, make) => {
    const copy = await anotherCopy();
    expect(copy.OctaError).not.toBe(OctaError);
    expect(namesOf(make(errors), { ...copy })).toStrictEqual(namesOf(make(errors), errors));
    expect(namesOf(make(copy), errors)).toStrictEqual(namesOf(make(copy), { ...copy }));
  });

  test('has a brand that every copy of the package uses', () => {
    expect(errors.brandsOf({ [Symbol.for('@octaspace/sdk/error')]: ['OctaError'] })).toStrictEqual(['OctaError']);
  });

  const others: readonly (readonly [title: string, value: unknown])[] = [
    ['nothing', undefined],
    ['null', null],
    ['a number', 0],
    ['a bigint', 5n],
    ['text', 'OctaError'],
    ['a symbol', Symbol.for('@octaspace/sdk/error')],
    ['the class itself', OctaError],
    ['an object', {}],
    ['a list', ['OctaError']],
    ['another error', new TypeError('m')],
    ['an error of the same name', Object.assign(new Error('m'), { name: 'OctaError' })],
    ['a proxy', new Proxy({}, {})],
    ['something else under the brand', { [Symbol.for('@octaspace/sdk/error')]: 'OctaError' }],
  ];
  test.each(others)('does not accept %s', (_, value) => {
    expect(namesOf(value, errors)).toStrictEqual([]);
    expect(errors.brandsOf(value)).toStrictEqual([]);
  });
});

describe('a subclass of the caller', () => {
  class QuotaError extends OctaApiError {}
  class OtherError extends OctaApiError {}
  class DeepQuotaError extends QuotaError {}
  const quota = new QuotaError({ message: 'm', status: 429 });

  test('is recognized by its prototype, and its base classes by the brand', async () => {
    const copy = await anotherCopy();
    expect(quota).toBeInstanceOf(QuotaError);
    expect(quota).not.toBeInstanceOf(OtherError);
    expect(quota).not.toBeInstanceOf(DeepQuotaError);
    expect(new DeepQuotaError({ message: 'm', status: 429 })).toBeInstanceOf(QuotaError);
    expect(quota).toBeInstanceOf(copy.OctaApiError);
    expect(quota).not.toBeInstanceOf(copy.OctaNotFoundError);
  });

  test('does not match errors of its base class', () => {
    expect(new OctaApiError({ message: 'm', status: 429 })).not.toBeInstanceOf(QuotaError);
    expect({}).not.toBeInstanceOf(QuotaError);
    expect(5).not.toBeInstanceOf(QuotaError);
  });

  test('has the name of the nearest SDK class, or its own name', () => {
    class NamedError extends OctaNotFoundError {
      static override readonly className = 'NamedError';
    }
    expect(quota.name).toBe('OctaApiError');
    expect(errors.brandsOf(quota)).toStrictEqual(['OctaApiError', 'OctaError']);
    const named = new NamedError({ message: 'm', status: 404 });
    expect(named.name).toBe('NamedError');
    expect(namesOf(named, errors).sort()).toStrictEqual(['OctaApiError', 'OctaError', 'OctaNotFoundError']);
    expect(new OctaNotFoundError({ message: 'm', status: 404 })).not.toBeInstanceOf(NamedError);
  });
});

describe('an error', () => {
  test('has only the given fields', () => {
    const error = new OctaError({ message: 'm' });
    expect({ ...error }).toStrictEqual({
      outcome: 'not-sent',
      request: undefined,
      attempts: [],
      stoppedBy: undefined,
    });
    expect(Object.hasOwn(error, 'cause')).toBe(false);
    expect(new OctaError({ message: 'm', outcome: 'unknown', request })).toMatchObject({ outcome: 'unknown', request });
  });

  const causes = [undefined, null, 0, '', false, Symbol('s'), new Error('inner'), { reason: 1 }];
  test.each(causes)('keeps the cause %s unchanged', (cause) => {
    const error = new OctaAbortError({ message: 'm', cause });
    expect(Object.hasOwn(error, 'cause')).toBe(true);
    expect(error.cause).toBe(cause);
  });

  test('has the details of its class', () => {
    const api = { status: 429, code: 'C', requestId: 'r', headers: { a: 'b' }, body: { x: 1 }, retryAfter: 5 };
    expect(new OctaApiError({ message: 'm', ...api })).toMatchObject(api);
    expect({ ...new OctaServerError({ message: 'm', status: 500 }) }).toMatchObject({ code: undefined, headers: {} });
    expect(new OctaTimeoutError({ message: 'm', timeout: 'server' }).timeout).toBe('server');
    expect(new errors.OctaResponseError({ message: 'm' }).truncated).toBe(false);
    expect(new errors.OctaResponseError({ message: 'm', truncated: true }).truncated).toBe(true);
    const rejections = [{ id: 0, reason: 'Node not found', status: 1 }];
    expect(new errors.OctaProvisionRejectedError({ message: 'm', rejections }).rejections).toBe(rejections);
  });

  test('is shown with its name, its message and its stack', () => {
    const error = new OctaTimeoutError({ message: 'too late', timeout: 'timeoutMs' });
    expect(String(error)).toBe('OctaTimeoutError: too late');
    expect(error.stack).toContain('errors.test.ts');
    expect(inspect(error)).toContain('OctaTimeoutError: too late');
  });

  test('can be renamed', () => {
    const error = new OctaError({ message: 'm' });
    const name = { value: 'OctaError', configurable: true, writable: true, enumerable: false };
    expect(Object.getOwnPropertyDescriptor(error, 'name')).toStrictEqual(name);
    error.name = 'MyError';
    expect(String(error)).toBe('MyError: m');
    expect(error).toBeInstanceOf(OctaError);
  });

  test('gets the history of its call', () => {
    const error = new OctaError({ message: 'm', request });
    const attempts = [{ url: 'u', error: 'OctaNetworkError', message: 'm', outcome: 'unknown' as const }];
    const story = { attempts, outcome: 'unknown', stoppedBy: 'budget' } as const;
    attachStory(error, story);
    expect({ ...error }).toStrictEqual({ ...story, request });
  });

  const networkErrors: readonly (readonly [name: string, make: (init: errors.OctaNetworkErrorInit) => object])[] = [
    ['OctaNetworkError', (init) => new errors.OctaNetworkError(init)],
    ['OctaConnectionError', (init) => new errors.OctaConnectionError(init)],
    ['OctaTimeoutError', (init) => new OctaTimeoutError({ ...init, timeout: 'signal' })],
    ['OctaAbortError', (init) => new OctaAbortError(init)],
  ];
  test.each(networkErrors)('of class %s says how far it got, if it began to send', (_, make) => {
    expect(make({ message: 'm', phase: 'body' })).toHaveProperty('phase', 'body');
    expect(make({ message: 'm' })).toHaveProperty('phase', undefined);
  });
});

describe('toJSON', () => {
  test('returns everything except the stack, as plain fields', () => {
    const cause = new TypeError('fetch failed');
    const error = new OctaNotFoundError({ message: 'm', status: 404, cause, outcome: 'rejected', request });
    expect(error.toJSON()).toStrictEqual({
      name: 'OctaNotFoundError',
      message: 'm',
      outcome: 'rejected',
      request,
      attempts: [],
      stoppedBy: undefined,
      status: 404,
      code: undefined,
      requestId: undefined,
      headers: {},
      body: undefined,
      retryAfter: undefined,
      cause: 'TypeError: fetch failed',
    });
  });

  test('omits a missing cause', () => {
    expect(new OctaError({ message: 'm' }).toJSON()).not.toHaveProperty('cause');
    expect(new OctaError({ message: 'm', cause: undefined }).toJSON()).not.toHaveProperty('cause');
  });

  const circular: { self?: unknown } = {};
  circular.self = circular;
  const odd: readonly (readonly [title: string, cause: unknown, words: string])[] = [
    ['text', 'given up', 'given up'],
    ['null', null, '[object Null]'],
    ['a number', 0, '0'],
    ['a bigint', 5n, '5'],
    ['a symbol', Symbol('why'), 'Symbol(why)'],
    ['an object', { a: 1 }, '[object Object]'],
    ['an object that holds itself', circular, '[object Object]'],
    ['an object with a bigint', { wei: 1n }, '[object Object]'],
    ['an object without a prototype', Object.create(null), '[object Object]'],
    ['a list', [1n], '[object Array]'],
    ['a DOMException', new DOMException('stop', 'AbortError'), 'AbortError: stop'],
    ['an error that is its own cause', Object.assign(new Error('a'), { cause: circular }), 'Error: a'],
    ['another error of the SDK', new OctaAbortError({ message: 'b' }), 'OctaAbortError: b'],
  ];
  test.each(odd)('converts a cause to text if it is %s', (_, cause, words) => {
    const error = new OctaAbortError({ message: 'm', cause });
    expect(error.toJSON()).toHaveProperty('cause', words);
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({ name: 'OctaAbortError', cause: words });
  });

  test('is used by JSON.stringify of a value that contains the error', () => {
    const error = new OctaServerError({ message: 'm', status: 500, body: { error: 'e' } });
    expect(JSON.parse(JSON.stringify({ error }))).toMatchObject({ error: { message: 'm', body: { error: 'e' } } });
  });
});

describe('Information about a rental', () => {
  const refused = [{ id: undefined, node_id: 1, reason: 'Node is asleep', status: 1 }];

  test('is added to the error that ended it.', () => {
    const error = new errors.OctaAbortError({ message: 'enough', outcome: 'unknown' });
    expect(attachRollback(error, 'u-1')).toBe(error);
    expect(attachRefusals(error, refused)).toBe(error);
    expect(error).toMatchObject({ outcome: 'rejected', rolledBack: 'u-1', rejections: refused });
    expect(error.toJSON()).toMatchObject({ rolledBack: 'u-1', rejections: refused });
  });

  test('does not change foreign errors, and adds nothing if there is nothing to add.', () => {
    const mine = new Error('mine');
    expect([attachRollback(mine, 'u-1'), attachRefusals(mine, refused)]).toEqual([mine, mine]);
    expect(Object.keys(mine)).toEqual([]);
    const error = new errors.OctaError({ message: 'm' });
    attachRefusals(error, []);
    expect('rejections' in error || 'rolledBack' in error).toBe(false);
  });
});
