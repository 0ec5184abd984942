import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { OctaConfigurationError } from '../../../src/errors/errors.ts';
import { nodeFetch } from '../../../src/node/index.ts';
import { resolveNodeOptions } from '../../../src/node/options.ts';

/** The message of the OctaConfigurationError that these options are refused with. */
function refusal(given: unknown): string {
  try {
    nodeFetch(given as object);
  } catch (error) {
    expect(error).toBeInstanceOf(OctaConfigurationError);
    return error instanceof Error ? error.message : '';
  }
  throw new Error('they were not refused');
}

const ms = 'a number of milliseconds, 0 or more';
const url = "an http or https URL without a path, such as http://user:password@proxy.example:3128, or 'env'";

type Row = [given: Record<string, unknown>, message: string];

const limits = [
  'poolTimeoutMs',
  'idleTimeoutMs',
  'connectTimeoutMs',
  'readTimeoutMs',
  'writeTimeoutMs',
  'closeTimeoutMs',
];
const limitRows = limits.flatMap((name): Row[] => [
  [{ [name]: -1 }, `${name} is -1; allowed: ${ms}`],
  [{ [name]: Number.NaN }, `${name} is NaN; allowed: ${ms}`],
  [{ [name]: Number.POSITIVE_INFINITY }, `${name} is Infinity; allowed: ${ms}`],
  [{ [name]: '5' }, `${name} is the string "5"; allowed: ${ms}`],
]);

const rows: Row[] = [
  [{ keepAlive: 'yes' }, 'keepAlive is the string "yes"; allowed: true or false'],
  [{ keepAlive: 1 }, 'keepAlive is 1; allowed: true or false'],
  [{ tlsVerify: null }, 'tlsVerify is null; allowed: true or false'],
  [{ poolSize: -1 }, 'poolSize is -1; allowed: a whole number, 0 or more'],
  [{ poolSize: 1.5 }, 'poolSize is 1.5; allowed: a whole number, 0 or more'],
  [{ poolSize: true }, 'poolSize is true; allowed: a whole number, 0 or more'],
  [{ maxConnections: 0 }, 'maxConnections is 0; allowed: a whole number, 1 or more'],
  [{ maxConnections: [20] }, 'maxConnections is an array; allowed: a whole number, 1 or more'],
  [{ maxConnections: 5n }, 'maxConnections is 5n; allowed: a whole number, 1 or more'],
  [{ proxy: 'proxy.example:3128' }, `proxy is of type string; allowed: ${url}`],
  [{ proxy: 'socks5://proxy.example' }, `proxy is of type string; allowed: ${url}`],
  [{ proxy: 'http://proxy.example/path' }, `proxy is of type string; allowed: ${url}`],
  [{ proxy: 'http://proxy.example/?q=1' }, `proxy is of type string; allowed: ${url}`],
  [{ proxy: 'http://proxy.example/#f' }, `proxy is of type string; allowed: ${url}`],
  [{ proxy: new URL('http://proxy.example') }, `proxy is of type object; allowed: ${url}`],
  [{ poolsize: 5 }, 'unknown option "poolsize" for nodeFetch(); did you mean poolSize?'],
  [
    { agent: 5 },
    'unknown option "agent" for nodeFetch(); known: keepAlive, poolSize, maxConnections, poolTimeoutMs, idleTimeoutMs, ' +
      'connectTimeoutMs, readTimeoutMs, writeTimeoutMs, closeTimeoutMs, tlsVerify, proxy',
  ],
];

describe('A wrong option is named, with what was given and what is allowed:', () => {
  test.each([...limitRows, ...rows])('%o', (given, message) => {
    expect(refusal(given)).toBe(message);
  });

  test.each([
    [null, 'null'],
    [[], 'an array'],
    ['http://user:secret@proxy.example', 'of type string'],
    [7, 'of type number'],
  ])('%o instead of the options', (given, what) => {
    expect(refusal(given)).toBe(`the options of nodeFetch() must be an object, but are ${what}`);
  });

  test.each(['constructor', '__proto__x', 'toString'])(
    '%s is not an option, although it is a property of every object',
    (name) => {
      expect(refusal({ [name]: 1 })).toContain(`unknown option "${name}"`);
    },
  );
});

test('Every option has a default.', () => {
  const defaults = {
    keepAlive: true,
    poolSize: 5,
    maxConnections: 20,
    poolTimeoutMs: 0,
    idleTimeoutMs: 60_000,
    connectTimeoutMs: 10_000,
    readTimeoutMs: 30_000,
    writeTimeoutMs: 30_000,
    closeTimeoutMs: 5_000,
    tlsVerify: true,
    proxy: expect.any(Function),
  };
  expect(resolveNodeOptions()).toEqual(defaults);
  expect(resolveNodeOptions({ poolSize: undefined, proxy: undefined })).toEqual(defaults);
  expect(resolveNodeOptions().proxy(new URL('http://api.test'))).toBeUndefined();
});

test('Given options override the defaults; a limit is never longer than timers support.', () => {
  const given = { keepAlive: false, poolSize: 0, readTimeoutMs: 0, idleTimeoutMs: 1e12, tlsVerify: false };
  expect(resolveNodeOptions(given)).toMatchObject({ ...given, idleTimeoutMs: 2_147_483_647 });
});

test.each(['http://proxy.example:3128', 'https://user:pass%40word@proxy.example/'])('%s is a proxy.', (proxy) => {
  expect(resolveNodeOptions({ proxy }).proxy(new URL('http://api.test'))?.href).toBe(new URL(proxy).href);
});

test('The password of a proxy is never shown.', () => {
  const fetch = nodeFetch({ proxy: 'http://someone:secret@proxy.example:3128' });
  const shown = inspect(fetch, { depth: 9, showHidden: true }) + JSON.stringify([fetch, fetch.stats(), { ...fetch }]);
  expect(shown).not.toContain('secret');
  expect(refusal({ proxy: 'ftp://someone:secret@proxy.example' })).not.toContain('secret');
});
