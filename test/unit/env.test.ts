import { inspect } from 'node:util';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { resolveOptions } from '../../src/core/options.ts';
import { nodeOptionsFromEnv, nodeVariablesSet, optionsFromEnv } from '../../src/env.ts';
import { OctaConfigurationError } from '../../src/errors/errors.ts';

const runs = { seed: 20_261_122, numRuns: 300 };

afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

/** The OctaConfigurationError that the function throws. */
function refusal(work: () => unknown): OctaConfigurationError {
  try {
    work();
  } catch (error) {
    if (error instanceof OctaConfigurationError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

const ms = 'a number of milliseconds, 0 or more, in plain digits';
const seconds = 'a number of seconds, 0 or more, in plain digits';
const whole = 'a whole number, 0 or more, in plain digits';
const count = 'a whole number, 1 or more, in plain digits';
const factor = 'a number, 1 or more, in plain digits';
const truth = 'true, false, 1, 0, yes, no, on or off';
const levels = 'one of silent, error, warn, info, debug';
const aUrl = 'an http or https URL without user, query or fragment, or a path such as /api/octa';
const aHeader = 'a non-empty string that is a valid header value';

/** Texts that are not plain numbers. */
const noNumbers = ['ten', '1e3', '0x10', '-1', '+1', '1,5', '1_000', '5.', '.', '1 2', 'Infinity', 'NaN', '٣'];
const tooLarge = '9'.repeat(400);

type Good = [variable: string, text: string, option: string, value: unknown];
type Bad = [variable: string, text: string, allowed: string];

const bads = (variable: string, texts: readonly string[], allowed: string): Bad[] =>
  texts.map((text) => [variable, text, allowed]);

const milliseconds = (variable: string, option: string): Good[] => [
  [variable, '1500', option, 1500],
  [variable, '0', option, 0],
  [variable, '0.5', option, 0.5],
  [variable, '.5', option, 0.5],
  [variable, '007', option, 7],
  [variable, ' 5 ', option, 5],
];

const inSeconds = (variable: string, option: string): Good[] => [
  [variable, '2', option, 2000],
  [variable, '0.25', option, 250],
  [variable, '1.1', option, 1100],
  [variable, '0.0001', option, 0.1],
  [variable, '0', option, 0],
];

const booleans = (variable: string, option: string): Good[] => [
  ...['true', '1', 'yes', 'on', 'TRUE', 'Yes', ' on\n'].map((text): Good => [variable, text, option, true]),
  ...['false', '0', 'no', 'off', 'False', 'NO', ' off '].map((text): Good => [variable, text, option, false]),
];

const goodForClient: Good[] = [
  ['OCTA_API_KEY', 'octa-key', 'apiKey', 'octa-key'],
  ['OCTA_API_KEY', 'octa-key\n', 'apiKey', 'octa-key'],
  ['OCTA_BASE_URL', 'https://a.test/base', 'baseUrl', 'https://a.test/base'],
  ['OCTA_BASE_URL', ' https://a.test ', 'baseUrl', 'https://a.test'],
  ['OCTA_BASE_URL', '/api/octa', 'baseUrl', '/api/octa'],
  ['OCTA_BASE_URLS', 'https://a.test', 'baseUrls', ['https://a.test']],
  ['OCTA_BASE_URLS', 'https://a.test,https://b.test', 'baseUrls', ['https://a.test', 'https://b.test']],
  ['OCTA_BASE_URLS', ' https://a.test ,\thttps://b.test\n', 'baseUrls', ['https://a.test', 'https://b.test']],
  ...milliseconds('OCTA_TIMEOUT_MS', 'timeoutMs'),
  ...milliseconds('OCTA_TOTAL_TIMEOUT_MS', 'totalTimeoutMs'),
  ['OCTA_MAX_RETRIES', '0', 'retries', 0],
  ['OCTA_MAX_RETRIES', '5', 'retries', 5],
  ...inSeconds('OCTA_RETRY_INTERVAL', 'retryDelayMs'),
  ['OCTA_BACKOFF_FACTOR', '1', 'backoffFactor', 1],
  ['OCTA_BACKOFF_FACTOR', '1.5', 'backoffFactor', 1.5],
  ['OCTA_USER_AGENT', ' mine/1 (test) ', 'userAgent', 'mine/1 (test)'],
  ...['silent', 'error', 'warn', 'info', 'debug'].map((level): Good => ['OCTA_LOG_LEVEL', level, 'logLevel', level]),
  ['OCTA_LOG_LEVEL', 'DEBUG', 'logLevel', 'debug'],
  ['OCTA_LOG_LEVEL', ' Warn ', 'logLevel', 'warn'],
];

const goodForNode: Good[] = [
  ...booleans('OCTA_KEEP_ALIVE', 'keepAlive'),
  ['OCTA_POOL_SIZE', '5', 'poolSize', 5],
  ['OCTA_POOL_SIZE', '0', 'poolSize', 0],
  ['OCTA_MAX_CONNECTIONS', '20', 'maxConnections', 20],
  ...inSeconds('OCTA_POOL_TIMEOUT', 'poolTimeoutMs'),
  ...inSeconds('OCTA_IDLE_TIMEOUT', 'idleTimeoutMs'),
  ...inSeconds('OCTA_OPEN_TIMEOUT', 'connectTimeoutMs'),
  ...inSeconds('OCTA_READ_TIMEOUT', 'readTimeoutMs'),
  ...inSeconds('OCTA_WRITE_TIMEOUT', 'writeTimeoutMs'),
  ...booleans('OCTA_SSL_VERIFY', 'tlsVerify'),
];

const badForClient: Bad[] = [
  ...bads('OCTA_BASE_URL', ['a.test', 'ftp://a.test', '//a.test', 'https://a.test?x', 'https://'], aUrl),
  ...bads('OCTA_TIMEOUT_MS', [...noNumbers, tooLarge], ms),
  ...bads('OCTA_TOTAL_TIMEOUT_MS', [...noNumbers, tooLarge], ms),
  ...bads('OCTA_MAX_RETRIES', [...noNumbers, '1.5', tooLarge], whole),
  ...bads('OCTA_RETRY_INTERVAL', [...noNumbers, tooLarge], seconds),
  ...bads('OCTA_BACKOFF_FACTOR', [...noNumbers, '0', '0.9', tooLarge], factor),
  ...bads('OCTA_USER_AGENT', ['a\nb', 'mine ✓'], aHeader),
  ...bads('OCTA_LOG_LEVEL', ['loud', 'warning', 'warn,info', '3'], levels),
];

const badForNode: Bad[] = [
  ...['OCTA_KEEP_ALIVE', 'OCTA_SSL_VERIFY'].flatMap((variable) => bads(variable, ['maybe', '2', 'y', 'none'], truth)),
  ...bads('OCTA_POOL_SIZE', [...noNumbers, '1.5', tooLarge], whole),
  ...bads('OCTA_MAX_CONNECTIONS', [...noNumbers, '0', '1.5', tooLarge], count),
  ...['POOL', 'IDLE', 'OPEN', 'READ', 'WRITE'].flatMap((name) =>
    bads(`OCTA_${name}_TIMEOUT`, [...noNumbers, tooLarge], seconds),
  ),
];

describe('A variable becomes an option', () => {
  test.each(goodForClient)('of the client: %s=%j is %s: %j.', (variable, text, option, value) => {
    expect(optionsFromEnv({ [variable]: text })).toEqual({ [option]: value });
  });

  test.each(goodForNode)('of the transport of Node: %s=%j is %s: %j.', (variable, text, option, value) => {
    expect(nodeOptionsFromEnv({ [variable]: text })).toEqual({ [option]: value });
  });

  test('to the last digit, when seconds become milliseconds.', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 31 - 1), (delayMs) => {
        const fraction = String(delayMs % 1000).padStart(3, '0');
        const text = `${Math.floor(delayMs / 1000)}.${fraction}`;
        expect(optionsFromEnv({ OCTA_RETRY_INTERVAL: text })).toEqual({ retryDelayMs: delayMs });
      }),
      runs,
    );
  });

  test('together with others.', () => {
    const environment = { OCTA_API_KEY: 'k', OCTA_MAX_RETRIES: '1', OCTA_POOL_SIZE: '7', OCTA_SSL_VERIFY: 'no' };
    expect(optionsFromEnv(environment)).toEqual({ apiKey: 'k', retries: 1 });
    expect(nodeOptionsFromEnv(environment)).toEqual({ poolSize: 7, tlsVerify: false });
  });
});

describe('A wrong value is refused, with variable, value and what is allowed', () => {
  test.each(badForClient)('%s=%j', (variable, text, allowed) => {
    const { message } = refusal(() => optionsFromEnv({ [variable]: text }));
    expect(message).toBe(`${variable} is the string ${JSON.stringify(text.slice(0, 60))}; allowed: ${allowed}`);
  });

  test.each(badForNode)('%s=%j', (variable, text, allowed) => {
    const { message } = refusal(() => nodeOptionsFromEnv({ [variable]: text }));
    expect(message).toBe(`${variable} is the string ${JSON.stringify(text.slice(0, 60))}; allowed: ${allowed}`);
  });

  test.each([
    ['https://a.test,', 2],
    [',https://a.test', 1],
    ['https://a.test, ,https://b.test', 2],
    [',', 1],
    ['https://a.test;https://b.test?x', 1],
    ['https://a.test,b.test', 2],
  ])('OCTA_BASE_URLS=%j', (text, entry) => {
    const { message } = refusal(() => optionsFromEnv({ OCTA_BASE_URLS: text }));
    const allowed = `an array of at least one URL; entry ${entry} must be ${aUrl}`;
    expect(message).toBe(
      `OCTA_BASE_URLS is the string ${JSON.stringify(text)}; allowed: ${allowed}; entries are separated by commas`,
    );
  });

  test('and so are OCTA_BASE_URL and OCTA_BASE_URLS together.', () => {
    const environment = { OCTA_BASE_URL: 'https://a.test', OCTA_BASE_URLS: 'https://b.test' };
    const { message } = refusal(() => optionsFromEnv(environment));
    expect(message).toBe('OCTA_BASE_URL and OCTA_BASE_URLS are both set; set only one of them');
  });

  test('and every accepted value is accepted by the client.', () => {
    const variable = fc.constantFrom(...new Set(goodForClient.map(([name]) => name)));
    const likely = fc.string({ unit: fc.constantFrom(...'0123456789.e- ') });
    fc.assert(
      fc.property(variable, fc.oneof(likely, fc.string()), (name, text) => {
        try {
          resolveOptions(optionsFromEnv({ [name]: text }));
        } catch (error) {
          expect(error instanceof OctaConfigurationError && error.message).toContain(`${name} is `);
        }
      }),
      runs,
    );
  });
});

describe('A variable counts as not set', () => {
  const variables = [...goodForClient, ...goodForNode].map(([variable]) => variable);

  test.each([[''], [' '], ['\t\r\n'], [undefined]])('when it is %j.', (text) => {
    const environment = Object.fromEntries(variables.map((variable) => [variable, text]));
    expect(optionsFromEnv(environment)).toEqual({});
    expect(nodeOptionsFromEnv(environment)).toEqual({});
    expect(nodeVariablesSet(environment)).toEqual([]);
  });

  test('if its name is unknown.', () => {
    const environment = { OCTA_LOGGER: 'x', OCTA_TIMEOUT: 'x', octa_api_key: 'x', API_KEY: 'x' };
    expect(optionsFromEnv(environment)).toEqual({});
    expect(nodeOptionsFromEnv(environment)).toEqual({});
  });
});

describe('The variables for the transport of Node that are set', () => {
  test('are named, and no others.', () => {
    const environment = { OCTA_SSL_VERIFY: '0', OCTA_POOL_SIZE: '5', OCTA_API_KEY: 'k', OCTA_READ_TIMEOUT: ' ' };
    expect(nodeVariablesSet(environment)).toEqual(['OCTA_POOL_SIZE', 'OCTA_SSL_VERIFY']);
  });

  test.each(goodForNode)('are named: %s=%j.', (variable, text) => {
    expect(nodeVariablesSet({ [variable]: text })).toEqual([variable]);
  });

  test('are named even if their values are wrong.', () => {
    expect(nodeVariablesSet({ OCTA_KEEP_ALIVE: 'maybe' })).toEqual(['OCTA_KEEP_ALIVE']);
  });
});

describe('No error shows', () => {
  const secret = 'octa-secret-1';

  test.each([
    ['a key with a space in it', { OCTA_API_KEY: `${secret} ${secret}` }, 'character 14 of 27 is a space'],
    ['a key beyond ASCII', { OCTA_API_KEY: `${secret}ü` }, 'character 14 of 14 is'],
    [
      'the password of a URL',
      { OCTA_BASE_URL: `https://user:${secret}@a.test` },
      'OCTA_BASE_URL is invalid (its value is not shown)',
    ],
    ['the password in a list', { OCTA_BASE_URLS: `https://a.test,https://user:${secret}@a.test` }, 'OCTA_BASE_URLS is'],
    ['a key in the wrong place', { OCTA_API_KEY: secret, OCTA_TIMEOUT_MS: `${secret} 5` }, 'the string "[API key] 5"'],
    ['a key across the cut', { OCTA_API_KEY: secret, OCTA_LOG_LEVEL: `${'x'.repeat(55)}${secret}` }, 'x[API "'],
  ])('%s.', (_, environment, part) => {
    const error = refusal(() => optionsFromEnv(environment));
    expect(error.message).toContain(part);
    for (const shown of [inspect(error, { depth: 9 }), JSON.stringify(error)]) {
      expect(shown).not.toContain(secret.slice(0, 8));
    }
  });

  test('a key that is too short to be searched for.', () => {
    const { message } = refusal(() => optionsFromEnv({ OCTA_API_KEY: 'k y' }));
    expect(message).toMatch(
      /^OCTA_API_KEY is invalid \(its value is not shown\); allowed: a string of visible ASCII characters; /,
    );
  });

  test('a key in a variable for the transport of Node.', () => {
    const { message } = refusal(() => nodeOptionsFromEnv({ OCTA_API_KEY: secret, OCTA_POOL_SIZE: secret }));
    expect(message).toBe(`OCTA_POOL_SIZE is the string "[API key]"; allowed: ${whole}`);
  });
});

describe('Without an argument, the variables of the process are read', () => {
  test('at each call.', () => {
    vi.stubEnv('OCTA_MAX_RETRIES', '1');
    vi.stubEnv('OCTA_POOL_SIZE', '3');
    expect(optionsFromEnv()).toMatchObject({ retries: 1 });
    vi.stubEnv('OCTA_MAX_RETRIES', '4');
    expect(optionsFromEnv()).toMatchObject({ retries: 4 });
    expect(nodeOptionsFromEnv()).toMatchObject({ poolSize: 3 });
    expect(nodeVariablesSet()).toEqual(['OCTA_POOL_SIZE']);
  });

  test('but not if others are given.', () => {
    vi.stubEnv('OCTA_MAX_RETRIES', '1');
    expect(optionsFromEnv({})).toEqual({});
  });

  /** What is read where `process` is something else, or nothing. */
  function readWith(process: unknown): unknown {
    vi.stubGlobal('process', process);
    try {
      return [optionsFromEnv(), nodeOptionsFromEnv(), nodeVariablesSet()];
    } finally {
      vi.unstubAllGlobals();
    }
  }

  test.each([
    ['there is no process', undefined],
    ['it is null', null],
    ['it has no environment', { argv: [] }],
    ['its environment is null', { env: null }],
    ['its environment is a text', { env: 'OCTA_API_KEY=k' }],
  ])('and there are none when %s.', (_, process) => {
    expect(readWith(process)).toEqual([{}, {}, []]);
  });

  test.each(['process', 'env', 'a variable'])('and when the runtime denies %s, the error says so.', (place) => {
    const denied = new Error('Requires env access to "OCTA_API_KEY", run again with the --allow-env flag');
    const deny = () => {
      throw denied;
    };
    const environment = new Proxy({}, place === 'a variable' ? { get: deny } : {});
    const process = Object.defineProperty({}, 'env', { get: place === 'env' ? deny : () => environment });
    const globals = Object.getOwnPropertyDescriptor(globalThis, 'process') ?? {};
    Object.defineProperty(globalThis, 'process', {
      get: place === 'process' ? deny : () => process,
      configurable: true,
    });
    let error: unknown;
    try {
      error = refusal(() => optionsFromEnv());
    } finally {
      Object.defineProperty(globalThis, 'process', globals);
    }
    const message = 'OCTA_API_KEY cannot be read: the runtime denies access to the environment; Deno needs --allow-env';
    expect(error).toMatchObject({ message, cause: denied });
  });
});

test('A key with invalid characters does not hide an error in another variable.', () => {
  const environment = { OCTA_API_KEY: '“abcdefghij”', OCTA_POOL_SIZE: 'abc' };
  expect(() => nodeOptionsFromEnv(environment)).toThrow(OctaConfigurationError);
  expect(() => nodeOptionsFromEnv(environment)).toThrow(/^OCTA_POOL_SIZE is the string "abc"/);
});
