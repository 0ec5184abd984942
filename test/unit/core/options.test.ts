import { afterEach, describe, expect, test, vi } from 'vitest';
import { OctaClient } from '../../../src/client.ts';
import { clockMark } from '../../../src/clock.ts';
import type { OctaClientOptions } from '../../../src/core/option-types.ts';
import { checkRequestOptions, mergeOptions, resolveOptions } from '../../../src/core/options.ts';
import { version } from '../../../src/core/version.ts';
import { OctaConfigurationError } from '../../../src/errors/errors.ts';
import { systemClock } from '../../../src/system-clock.ts';
import { memoryLedger } from '../../../src/testing/index.ts';
import { lowerCaseNames } from '../../../src/transport/headers.ts';

afterEach(() => vi.unstubAllGlobals());

/** The message of the OctaConfigurationError that the function throws. */
function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(OctaConfigurationError);
    expect(error).toMatchObject({ outcome: 'not-sent' });
    return error instanceof Error ? error.message : '';
  }
  throw new Error('it was not refused');
}

const resolve = (given: object): string => refusal(() => resolveOptions(given));
const check = (given: object): string => refusal(() => checkRequestOptions(given));

const ms = 'a number of milliseconds, 0 or more';
const whole = 'a whole number, 0 or more';
const aUrl = 'an http or https URL without user, query or fragment, or a path such as /api/octa';
const headers = 'an object of header names and string values';
const logger = 'an object with the functions error, warn, info and debug, such as console';
const text = 'a non-empty string that is a valid header value';
const someUrls = 'an array of at least one URL';
const bytes = 'a whole number of bytes, 1 or more';

type Row = [given: Record<string, unknown>, message: string];

const milliseconds = (name: string): Row[] => [
  [{ [name]: -1 }, `${name} is -1; allowed: ${ms}`],
  [{ [name]: Number.NaN }, `${name} is NaN; allowed: ${ms}`],
  [{ [name]: Number.POSITIVE_INFINITY }, `${name} is Infinity; allowed: ${ms}`],
  [{ [name]: '5' }, `${name} is the string "5"; allowed: ${ms}`],
  [{ [name]: 5n }, `${name} is 5n; allowed: ${ms}`],
  [{ [name]: null }, `${name} is null; allowed: ${ms}`],
];

const retries: Row[] = [
  [{ retries: -1 }, `retries is -1; allowed: ${whole}`],
  [{ retries: 1.5 }, `retries is 1.5; allowed: ${whole}`],
  [{ retries: Number.POSITIVE_INFINITY }, `retries is Infinity; allowed: ${whole}`],
  [{ retries: true }, `retries is true; allowed: ${whole}`],
];

const headerRows: Row[] = [
  [{ headers: 'a: b' }, `headers is of type string; allowed: ${headers}`],
  [{ headers: [['a', 'b']] }, `headers is an array; allowed: ${headers}`],
  [{ headers: null }, `headers is null; allowed: ${headers}`],
  [{ headers: { 'x y': 'v' } }, `headers is of type object; allowed: ${headers}; header "x y" is not valid`],
  [{ headers: { '': 'v' } }, `headers is of type object; allowed: ${headers}; header "" is not valid`],
  [{ headers: { a: 'b', c: 7 } }, `headers is of type object; allowed: ${headers}; header "c" is not valid`],
  [{ headers: { a: 'b\r\nc: d' } }, `headers is of type object; allowed: ${headers}; header "a" is not valid`],
  [{ headers: { a: '✓' } }, `headers is of type object; allowed: ${headers}; header "a" is not valid`],
];

const functions = ['fetch', 'onRequest', 'onResponse', 'onRetry', 'onDrift', 'onLateSession'].flatMap((name): Row[] => [
  [{ [name]: {} }, `${name} is of type object; allowed: a function`],
  [{ [name]: null }, `${name} is null; allowed: a function`],
]);

const badUrls = [
  '',
  'api.test',
  'ftp://a.test',
  'https://a.test?x',
  'https://a.test#x',
  '//a.test',
  'https://a.test /b',
  'http://',
];

const ledger =
  'a ledger: an object with the functions put, claim, delete and list, such as fileLedger(directory) from @octaspace/sdk/node';
const variable = 'the name of an environment variable, or false';

const leaseRows: Row[] = [
  [{ ledger: {} }, `ledger is of type object; allowed: ${ledger}`],
  [{ ledger: { ...memoryLedger(), claim: undefined } }, `ledger is of type object; allowed: ${ledger}`],
  [{ ledger: './leases' }, `ledger is the string "./leases"; allowed: ${ledger}`],
  [{ leaseVariable: true }, `leaseVariable is true; allowed: ${variable}`],
  [{ leaseVariable: '' }, `leaseVariable is the string ""; allowed: ${variable}`],
  [{ leaseVariable: '1A' }, `leaseVariable is the string "1A"; allowed: ${variable}`],
  [{ leaseVariable: 'A-B' }, `leaseVariable is the string "A-B"; allowed: ${variable}`],
];

const clientRows: Row[] = [
  ...leaseRows,
  ...['timeoutMs', 'totalTimeoutMs', 'retryDelayMs', 'maxRetryDelayMs', 'maxRetryAfterMs', 'cooldownMs'].flatMap(
    milliseconds,
  ),
  ...retries,
  ...headerRows,
  ...functions,
  ...badUrls.map((url): Row => [{ baseUrl: url }, `baseUrl is the string ${JSON.stringify(url)}; allowed: ${aUrl}`]),
  [{ baseUrl: 'https://u:p@a.test' }, `baseUrl is of type string; allowed: ${aUrl}`],
  [{ baseUrl: 7 }, `baseUrl is 7; allowed: ${aUrl}`],
  [{ baseUrl: new URL('https://a.test') }, `baseUrl is of type object; allowed: ${aUrl}`],
  [{ baseUrls: [] }, `baseUrls is an empty array; allowed: ${someUrls}`],
  [{ baseUrls: 'https://a.test' }, `baseUrls is the string "https://a.test"; allowed: ${someUrls}`],
  [{ baseUrls: null }, `baseUrls is null; allowed: ${someUrls}`],
  [{ baseUrls: {} }, `baseUrls is of type object; allowed: ${someUrls}`],
  ...['', 'a.test', 'https://u:p@a.test', 7, undefined].map((url): Row => {
    const message = `baseUrls is an array; allowed: ${someUrls}; entry 2 must be ${aUrl}`;
    return [{ baseUrls: ['https://a.test', url, ''] }, message];
  }),
  [
    { baseUrl: 'https://a.test', baseUrls: ['https://b.test'] },
    'baseUrl and baseUrls are both set; set only one of them',
  ],
  [{ maxResponseBytes: 0 }, `maxResponseBytes is 0; allowed: ${bytes}`],
  [{ maxResponseBytes: -1 }, `maxResponseBytes is -1; allowed: ${bytes}`],
  [{ maxResponseBytes: 1.5 }, `maxResponseBytes is 1.5; allowed: ${bytes}`],
  [{ maxResponseBytes: Number.POSITIVE_INFINITY }, `maxResponseBytes is Infinity; allowed: ${bytes}`],
  [{ maxResponseBytes: '5' }, `maxResponseBytes is the string "5"; allowed: ${bytes}`],
  [{ maxResponseBytes: 5n }, `maxResponseBytes is 5n; allowed: ${bytes}`],
  [{ allowBillableInBrowser: 1 }, 'allowBillableInBrowser is 1; allowed: true or false'],
  [{ allowBillableInBrowser: 'true' }, 'allowBillableInBrowser is the string "true"; allowed: true or false'],
  [{ allowBillableInBrowser: null }, 'allowBillableInBrowser is null; allowed: true or false'],
  [{ backoffFactor: 0.5 }, 'backoffFactor is 0.5; allowed: a number, 1 or more'],
  [{ backoffFactor: '2' }, 'backoffFactor is the string "2"; allowed: a number, 1 or more'],
  [{ userAgent: '' }, `userAgent is the string ""; allowed: ${text}`],
  [{ userAgent: 'a\nb' }, `userAgent is the string "a\\nb"; allowed: ${text}`],
  [{ userAgent: 7 }, `userAgent is 7; allowed: ${text}`],
  [{ logger: null }, `logger is null; allowed: ${logger}`],
  [{ logger: { error: () => undefined } }, `logger is of type object; allowed: ${logger}`],
  [{ logger: () => undefined }, `logger is of type function; allowed: ${logger}`],
  [{ logLevel: 'loud' }, 'logLevel is the string "loud"; allowed: one of silent, error, warn, info, debug'],
  [{ apiKey: null }, 'apiKey is null; allowed: a string, or a function that returns one'],
  [{ apiKey: {} }, 'apiKey is of type object; allowed: a string, or a function that returns one'],
  [{ apikey: 'k' }, 'unknown option "apikey" for a client; did you mean apiKey?'],
  [{ baseURL: 'k' }, 'unknown option "baseURL" for a client; did you mean baseUrl?'],
  [{ baseurls: 'k' }, 'unknown option "baseurls" for a client; did you mean baseUrls?'],
  [{ timeout: 5 }, 'unknown option "timeout" for a client; did you mean timeoutMs?'],
  [{ totalTimeout: 5 }, 'unknown option "totalTimeout" for a client; did you mean totalTimeoutMs?'],
  [{ retry: 5 }, 'unknown option "retry" for a client; did you mean retries?'],
  [{ logLvl: 5 }, 'unknown option "logLvl" for a client; did you mean logLevel?'],
  [{ onRespnse: 5 }, 'unknown option "onRespnse" for a client; did you mean onResponse?'],
];

const requestRows: Row[] = [
  ...['timeoutMs', 'totalTimeoutMs'].flatMap(milliseconds),
  ...retries,
  ...headerRows,
  [{ signal: {} }, 'signal is of type object; allowed: an AbortSignal'],
  [{ signal: new AbortController() }, 'signal is of type object; allowed: an AbortSignal'],
  [{ signal: null }, 'signal is null; allowed: an AbortSignal'],
  [{ query: 'a=1' }, 'query is the string "a=1"; allowed: an object'],
  [{ query: [] }, 'query is an empty array; allowed: an object'],
  [{ body: '{}' }, 'body is the string "{}"; allowed: an object'],
  [{ body: null }, 'body is null; allowed: an object'],
  [{ timeOut: 5 }, 'unknown option "timeOut" for a request; did you mean timeoutMs?'],
  [{ signals: 5 }, 'unknown option "signals" for a request; did you mean signal?'],
  [
    { apiKey: 5 },
    'unknown option "apiKey" for a request; known: signal, timeoutMs, totalTimeoutMs, retries, headers, query, body',
  ],
];

describe('A wrong option of the client is refused', () => {
  test.each(clientRows)('%o: the message names option, value and what is allowed.', (given, message) => {
    expect(resolve(given)).toBe(message);
  });

  test('with all known names if none is similar.', () => {
    expect(resolve({ colour: 'red' })).toMatch(
      /^unknown option "colour" for a client; known: apiKey, baseUrl, .*, logLevel, ledger, onLateSession, leaseVariable, maxTotalSpend$/,
    );
  });

  test.each([['toString'], ['__proto__'], ['constructor']])(
    'if its name is a property of every object: %s.',
    (name) => {
      expect(resolve(JSON.parse(`{"${name}":1}`))).toMatch(`unknown option "${name}" for a client`);
    },
  );

  test.each([
    [null, 'client options must be an object, but are null'],
    [7, 'client options must be an object, but are of type number'],
    [[], 'client options must be an object, but are an empty array'],
  ])('when the options are %j.', (given, message) => {
    // What a caller without types may pass.
    expect(refusal(() => resolveOptions(given as never))).toBe(message);
  });

  test('by the constructor.', () => {
    expect(refusal(() => new OctaClient({ retries: -1 }))).toBe(`retries is -1; allowed: ${whole}`);
  });
});

describe('A wrong option of a call is refused', () => {
  test.each(requestRows)('%o: the message names option, value and what is allowed.', (given, message) => {
    expect(check(given)).toBe(message);
  });
});

describe('No message shows', () => {
  const secret = 'octa-secret-1';

  test.each([
    ['a key with a line break', { apiKey: `${secret}\n` }, 'character 14 of 14 is a space, a line break or not ASCII'],
    ['a key with a space', { apiKey: ` ${secret}` }, 'character 1 of 14 is a space, a line break or not ASCII'],
    ['a key beyond ASCII', { apiKey: `${secret}ü` }, 'character 14 of 14 is a space, a line break or not ASCII'],
    ['a key in a list', { apiKey: [secret] }, 'apiKey is an array'],
    ['a key under a name that is not known', { api_key: secret }, 'did you mean apiKey?'],
    ['headers as text', { headers: `authorization: ${secret}` }, 'headers is of type string'],
    ['the value of a header', { headers: { authorization: `${secret}\n` } }, 'header "authorization" is not valid'],
    ['the password of a URL', { baseUrl: `https://user:${secret}@a.test` }, 'baseUrl is '],
    ['the password of one of several URLs', { baseUrls: [`https://user:${secret}@a.test`] }, 'entry 1 must be'],
    ['the password of what should be several URLs', { baseUrls: `https://user:${secret}@a.test` }, 'baseUrls is '],
  ])('%s.', (_, given, part) => {
    expect(resolve(given)).toContain(part);
    expect(resolve(given)).not.toContain(secret);
  });

  test('a key that is a number.', () => {
    expect(resolve({ apiKey: 1234567890 })).not.toContain('1234567890');
  });

  test('headers that are a number.', () => {
    expect(resolve({ headers: 1234567890 })).not.toContain('1234567890');
  });

  test('an API key that was passed instead of the options.', () => {
    // What a caller without types may pass.
    expect(refusal(() => new OctaClient(secret as never))).not.toContain(secret);
  });

  test('more than the beginning of a long string.', () => {
    expect(resolve({ logLevel: 'x'.repeat(100) })).toContain(`the string "${'x'.repeat(60)}";`);
  });
});

describe('Options that are left out', () => {
  test('get their defaults.', () => {
    const { keySource, headers: always, ...rest } = resolveOptions();
    expect(rest).toEqual({
      baseUrls: ['https://api.octa.computer'],
      timeoutMs: 30_000,
      totalTimeoutMs: 120_000,
      retries: 2,
      retryDelayMs: 500,
      backoffFactor: 2,
      maxRetryDelayMs: 10_000,
      maxRetryAfterMs: 60_000,
      cooldownMs: 30_000,
      maxResponseBytes: 134_217_728,
      sendsOnceOnly: true,
      fetch: undefined,
      clock: systemClock,
      fixedKey: undefined,
      validate: undefined,
      leases: { ledger: undefined, onLateSession: undefined, leaseVariable: 'OCTA_LEASE_ID' },
      onRequest: undefined,
      onResponse: undefined,
      onRetry: undefined,
      onDrift: undefined,
      logger: console,
      logLevel: 'warn',
    });
    expect([keySource(), always]).toEqual([undefined, { 'user-agent': `octaspace-sdk-js/${version}` }]);
  });

  test('including those for leases.', () => {
    const [ledger, onLateSession] = [memoryLedger(), () => undefined];
    expect(resolveOptions({ ledger, onLateSession, leaseVariable: false }).leases).toEqual({
      // With a time limit for each of its functions.
      ledger: {
        put: expect.any(Function),
        claim: expect.any(Function),
        delete: expect.any(Function),
        list: expect.any(Function),
      },
      onLateSession,
      leaseVariable: false,
      maxTotalSpend: undefined,
    });
    expect(resolveOptions({ leaseVariable: '_Owner2' }).leases).toMatchObject({ leaseVariable: '_Owner2' });
  });

  test('are the same as options that are undefined.', () => {
    const given = { retries: undefined, baseUrl: undefined, baseUrls: undefined, headers: undefined };
    expect(resolveOptions(given)).toMatchObject({ retries: 2, baseUrls: ['https://api.octa.computer'] });
    expect(() => checkRequestOptions({ signal: undefined, retries: undefined })).not.toThrow();
  });
});

describe('The clock', () => {
  const [ofFetch, given] = [{ ...systemClock }, { ...systemClock }];
  const fetch = Object.assign(async () => new Response(), { [clockMark]: ofFetch });

  test('is the one of the fetch, unless the option clock is set.', () => {
    expect(resolveOptions({ fetch }).clock).toBe(ofFetch);
    expect(resolveOptions({ fetch, clock: given }).clock).toBe(given);
    expect(resolveOptions({ clock: given }).clock).toBe(given);
    expect(resolveOptions({ fetch: async () => new Response() }).clock).toBe(systemClock);
  });

  test('must have all functions.', () => {
    // What a caller without types may pass.
    const clock = { now: () => 0 } as never;
    expect(refusal(() => resolveOptions({ clock }))).toMatch(
      /^clock is of type object; allowed: a clock: an object with/,
    );
  });
});

describe('Options that are given', () => {
  test('are used unchanged, including zeros.', () => {
    const hook = () => undefined;
    const silent = { error: hook, warn: hook, info: hook, debug: hook };
    const given = {
      timeoutMs: 0,
      totalTimeoutMs: 0,
      cooldownMs: 0,
      maxResponseBytes: 1,
      retries: 0,
      retryDelayMs: 0,
      backoffFactor: 1,
      maxRetryDelayMs: 0,
      maxRetryAfterMs: 0,
      fetch: async () => new Response(),
      onRequest: hook,
      onResponse: hook,
      onRetry: hook,
      onDrift: hook,
      logger: silent,
      logLevel: 'silent' as const,
    };
    expect(resolveOptions(given)).toMatchObject(given);
  });

  test('are read only once.', () => {
    const given = { apiKey: 'first', retries: 1, headers: { a: 'first' }, baseUrls: ['https://a.test'] };
    const resolved = resolveOptions(given);
    Object.assign(given, { apiKey: 'second', retries: 9 });
    given.headers.a = 'second';
    given.baseUrls[0] = 'https://b.test';
    const { keySource, retries, headers: always, baseUrls } = resolved;
    expect([keySource(), retries, always.a, baseUrls]).toEqual(['first', 1, 'first', ['https://a.test']]);
    expect([resolved, always, baseUrls].map(Object.isFrozen)).toEqual([true, true, true]);
  });

  test.each([
    ['https://a.test', 'https://a.test'],
    ['https://a.test/', 'https://a.test'],
    ['http://a.test:8080/base//', 'http://a.test:8080/base'],
    ['/api/octa/', '/api/octa'],
    ['/', ''],
  ])('accept %s as base URL.', (given, want) => {
    expect(resolveOptions({ baseUrl: given }).baseUrls).toEqual([want]);
    expect(resolveOptions({ baseUrls: ['https://z.test/', given] }).baseUrls).toEqual(['https://z.test', want]);
  });

  test.each([['k'], ['!"#$%&()*+,-./:;<=>?@[]^_`{|}~'], ['']])('accept %j as API key.', (apiKey) => {
    expect(resolveOptions({ apiKey }).keySource()).toBe(apiKey);
  });

  test('accept a function that returns the API key.', async () => {
    expect(await resolveOptions({ apiKey: async () => 'k' }).keySource()).toBe('k');
  });
});

describe('Headers for every request', () => {
  test('have names in lower case, and include the user agent.', () => {
    expect(resolveOptions({ headers: { 'X-Team': 'a' }, userAgent: 'mine/1' }).headers).toEqual({
      'user-agent': 'mine/1',
      'x-team': 'a',
    });
  });

  test('can replace the user agent in any letter case.', () => {
    expect(resolveOptions({ headers: { 'USER-AGENT': 'mine/2' }, userAgent: 'mine/1' }).headers).toEqual({
      'user-agent': 'mine/2',
    });
  });

  test('can contain every character that is valid in a header.', () => {
    const value = '\t ~\x80\xff';
    expect(resolveOptions({ headers: { "!#$%&'*+.^_`|~0": value } }).headers["!#$%&'*+.^_`|~0"]).toBe(value);
  });

  test.each([
    ['a page', { document: {} }],
    ['a web worker', { importScripts: vi.fn(), WorkerGlobalScope: class {} }],
  ])('have no user agent in %s, even if one is set.', (_, globals) => {
    for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value);
    expect(resolveOptions({ userAgent: 'mine/1' }).headers).toEqual({});
  });

  test.each([
    ['Deno worker', { importScripts: vi.fn(), WorkerGlobalScope: class {}, Deno: {} }],
    ['service that has importScripts alone', { importScripts: vi.fn() }],
  ])('have a user agent in a %s.', (_, globals) => {
    for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value);
    expect(resolveOptions({ userAgent: 'mine/1' }).headers).toEqual({ 'user-agent': 'mine/1' });
  });
});

describe('Calls that must not happen twice', () => {
  test.each([
    ['may be sent from a server', {}, undefined, true],
    ['may be sent from a server, whatever is said of browsers', {}, false, true],
    ['may not be sent from a page', { document: {} }, undefined, false],
    ['may not be sent from a page that is told so', { document: {} }, false, false],
    ['may be sent from a page that is told so', { document: {} }, true, true],
  ])('%s.', (_, globals, allowBillableInBrowser, want) => {
    for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value);
    expect(resolveOptions({ allowBillableInBrowser }).sendsOnceOnly).toBe(want);
  });
});

describe('Options over other options', () => {
  test.each<[title: string, lower: OctaClientOptions, upper: OctaClientOptions, want: OctaClientOptions]>([
    ['win', { retries: 1, timeoutMs: 5 }, { retries: 2 }, { retries: 2, timeoutMs: 5 }],
    ['that are undefined leave what is below', { retries: 1 }, { retries: undefined }, { retries: 1 }],
    ['that are 0 or empty do not', { retries: 1, apiKey: 'k' }, { retries: 0, apiKey: '' }, { retries: 0, apiKey: '' }],
    ['add what is not below', {}, { retries: 1 }, { retries: 1 }],
    [
      'with one URL take the place of several',
      { baseUrls: ['/a'], retries: 1 },
      { baseUrl: '/b' },
      { baseUrl: '/b', retries: 1 },
    ],
    [
      'with several URLs take the place of one',
      { baseUrl: '/a', retries: 1 },
      { baseUrls: ['/b'] },
      { baseUrls: ['/b'], retries: 1 },
    ],
    ['without URLs leave one', { baseUrl: '/a' }, { baseUrls: undefined }, { baseUrl: '/a' }],
    ['without URLs leave several', { baseUrls: ['/a'] }, { baseUrl: undefined }, { baseUrls: ['/a'] }],
    ['replace headers as a whole', { headers: { a: '1' } }, { headers: { b: '2' } }, { headers: { b: '2' } }],
  ])('%s.', (_, lower, upper, want) => {
    expect(mergeOptions(lower, upper)).toStrictEqual(want);
  });
});

test('Of two spellings of a header name, the later one is used.', () => {
  expect(lowerCaseNames({ Accept: 'a', ACCEPT: 'b' })).toEqual({ accept: 'b' });
});
