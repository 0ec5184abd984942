import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import {
  KnownKeys,
  redact,
  redactByName,
  redactCause,
  redactHeaders,
  redactorFor,
  redactUrl,
  withoutCutKey,
} from '../../../src/transport/secrets.ts';

const key = 'octa-secret-1';

describe('A text', () => {
  test.each([
    ['loses the key wherever it stands', `${key} and ${key}`, key, '[API key] and [API key]'],
    ['stays as it is without the key in it', 'nothing here', key, 'nothing here'],
    ['stays as it is when there is no key', 'nothing here', undefined, 'nothing here'],
    ['stays as it is when the key is empty', 'nothing here', '', 'nothing here'],
    ['stays as it is when the key is too short to be one', 'nothing here', 'not', 'nothing here'],
    ['loses a key that is just long enough to be one', 'nothing here', 'noth', '[API key]ing here'],
    ['loses a key full of signs that mean something elsewhere', 'a $&.*key b', '$&.*key', 'a [API key] b'],
  ])('%s.', (_, text, secret, want) => {
    expect(redact(text, secret)).toBe(want);
  });
});

test('Headers lose the key, and keep everything else, several cookies included.', () => {
  const headers = new Headers([
    ['location', `https://other.test/?key=${key}`],
    ['set-cookie', 'a=1'],
    ['set-cookie', 'b=2'],
  ]);

  const redacted = redactHeaders(headers, key);

  expect(redacted.get('location')).toBe('https://other.test/?key=[API key]');
  expect(redacted.getSetCookie()).toEqual(['a=1', 'b=2']);
});

function thrown(message: string, more: object = {}): Error {
  return Object.assign(new TypeError(message), more);
}

const nested = new Error('outer', { cause: new Error('middle', { cause: new Error(`inner ${key}`) }) });

/** So many objects. */
const objects = (count: number): object[] => Array.from({ length: count }, () => ({}));

const unreadable = (): never => {
  throw new Error('not yet');
};
const deep = thrown('refused', { chain: { key } });
for (let depth = 0; depth < 2000; depth++) Object.assign(deep, { chain: { chain: Reflect.get(deep, 'chain') } });

describe('A cause', () => {
  test.each([
    ['an error', new TypeError('fetch failed', { cause: new Error('reset') })],
    ['text', 'fetch failed'],
    ['nothing', undefined],
    ['a number', 7],
    ['an error with nothing in it', thrown('refused', { response: null, request: undefined })],
    ['an error with as much in it as anyone looks through', thrown('refused', { list: objects(998) })],
  ])('that does not mention the key stays the same object: %s.', (_, cause) => {
    expect(redactCause(cause, key)).toBe(cause);
  });

  test.each([[undefined], [''], ['abc']])('stays the same object when the key is %j.', (secret) => {
    const cause = new Error('abc');
    expect(redactCause(cause, secret)).toBe(cause);
  });

  test.each([
    ['in its message', thrown(`refused ${key}`)],
    ['in its stack alone', thrown('refused', { stack: `TypeError: refused\n    at ${key}` })],
    ['in its name', thrown('refused', { name: key })],
    ['in its code', thrown('refused', { code: key })],
    ['in a property', thrown('refused', { header: `authorization: ${key}` })],
    ['far down its causes', nested],
    ['as text', `refused ${key}`],
    ['in an object within it', thrown('refused', { init: { headers: { authorization: key } } })],
    ['in a list within it', thrown('refused', { rawHeaders: ['authorization', key] })],
    ['in a Headers object within it', thrown('refused', { headers: new Headers({ authorization: key }) })],
    ['in a Map within it', thrown('refused', { headers: new Map([['authorization', key]]) })],
    ['in a property with a symbol as its name', thrown('refused', { [Symbol('request')]: key })],
    ['in the name of a property', thrown('refused', { headers: { [key]: 'authorization' } })],
    ['in the symbol that names a property', thrown('refused', { [Symbol(key)]: 'authorization' })],
    ['in a function', thrown('refused', { send: Object.assign(() => undefined, { key }) })],
    ['in one of its several errors', new AggregateError([new Error('fine'), new Error(key)], 'refused')],
    ['in a hidden property', Object.defineProperty(thrown('refused'), 'request', { value: key })],
    ['in a property that cannot be read yet', Object.defineProperty(thrown('refused'), 'request', { get: unreadable })],
    ['deeper than anyone can look', deep],
    ['in an error that is no Error', { message: `refused ${key}` }],
  ])('that mentions the key %s no longer does.', (_, cause) => {
    const safe = redactCause(cause, key);
    expect(inspect(safe, { depth: Infinity, showHidden: true })).not.toContain(key);
    expect(String(safe)).not.toContain(key);
  });

  test('that mentions the key keeps its name, its code and the rest of its message.', () => {
    const safe = redactCause(thrown(`refused ${key}`, { code: 'E_REFUSED' }), key);
    const stack = 'TypeError: refused [API key]';
    expect(safe).toMatchObject({ name: 'TypeError', message: 'refused [API key]', code: 'E_REFUSED', stack });
  });

  test('that mentions the key has no code when it had none, or one that is no text.', () => {
    for (const more of [{}, { code: 7 }]) {
      expect(redactCause(thrown(`refused ${key}`, more), key)).not.toHaveProperty('code');
    }
  });

  test('that mentions a key that is just long enough to be one no longer does.', () => {
    expect(redactCause('refused abcd', 'abcd')).toBe('refused [API key]');
  });

  test.each([
    ['cannot be read yet', Object.defineProperty(thrown('refused'), 'request', { get: unreadable })],
    ['is more than anyone looks through', thrown('refused', { list: objects(999) })],
  ])('of which some %s is not shown, in case.', (_, cause) => {
    expect(redactCause(cause, key)).not.toBe(cause);
    expect(redactCause(cause, key)).toMatchObject({ name: 'TypeError', message: 'refused' });
  });

  test('that goes round in a circle is read once.', () => {
    const cause = thrown('refused');
    Object.assign(cause, { cause });
    expect(redactCause(cause, key)).toBe(cause);
  });
});

describe('Parsed JSON', () => {
  test.each<[title: string, value: unknown, want: unknown]>([
    ['loses the key in text', `a ${key}`, 'a [API key]'],
    ['loses the key in a list', [1, key, null], [1, '[API key]', null]],
    ['loses the key in a field', { a: key, b: 2 }, { a: '[API key]', b: 2 }],
    ['loses the key in the name of a field', { [key]: { [key]: true } }, { '[API key]': { '[API key]': true } }],
    ['stays as it is without the key', { a: [1, 'b', null, false] }, { a: [1, 'b', null, false] }],
    ['stays as it is when it is no text', 7, 7],
  ])('%s.', (_, value, want) => {
    expect(redactorFor(key).json(value)).toEqual(want);
  });

  test('with an own __proto__ changes nothing else.', () => {
    const redacted = redactorFor(key).json(JSON.parse(`{"__proto__":{"a":"${key}"}}`));
    expect(JSON.stringify(redacted)).toBe('{"__proto__":{"a":"[API key]"}}');
    expect(Object.getPrototypeOf(redacted)).toBe(Object.prototype);
  });

  test('stays the same object when there is no key.', () => {
    const value = { a: key };
    expect(redactorFor(undefined).json(value)).toBe(value);
    expect(value).toEqual({ a: key });
  });
});

test('A redactor takes the key out of texts and causes, too.', () => {
  const redactor = redactorFor(key);
  expect(redactor.text(`a ${key}`)).toBe('a [API key]');
  expect(redactor.cause(new Error(`a ${key}`))).toMatchObject({ message: 'a [API key]' });
});

test('A redactor without a key leaves everything as it is.', () => {
  const { text, json, cause } = redactorFor(undefined);
  const error = new Error(key);
  expect([text(key), json(key)]).toEqual([key, key]);
  expect(cause(error)).toBe(error);
});

describe('The keys that a client has used', () => {
  /** Keys that were used in this order. */
  function knownKeys(...keys: (string | undefined)[]): KnownKeys {
    const known = new KnownKeys();
    for (const each of keys) known.add(each);
    return known;
  }

  test('are none at first.', () => {
    expect(knownKeys().redactText('octa-1')).toBe('octa-1');
    expect(knownKeys(undefined).redactText('undefined')).toBe('undefined');
    expect(knownKeys('').redactText('text')).toBe('text');
  });

  test('are not forgotten for calls that go without one.', () => {
    const known = knownKeys('octa-1', 'octa-2', 'octa-3', 'octa-4', undefined, undefined);
    expect(known.redactText('octa-1 octa-4')).toBe('[API key] [API key]');
  });

  test.each<[title: string, keys: string[], want: string]>([
    ['are one', ['octa-1'], '[API key] octa-2 octa-3 octa-4 octa-5'],
    ['are four at most', ['octa-1', 'octa-2', 'octa-3', 'octa-4'], '[API key] [API key] [API key] [API key] octa-5'],
    [
      'lose the oldest to a fifth',
      ['octa-1', 'octa-2', 'octa-3', 'octa-4', 'octa-5'],
      'octa-1 [API key] [API key] [API key] [API key]',
    ],
    [
      'do not lose one that was used again lately',
      ['octa-1', 'octa-2', 'octa-3', 'octa-4', 'octa-1', 'octa-5'],
      '[API key] octa-2 [API key] [API key] [API key]',
    ],
    [
      'do not lose one to others that were used over and over',
      ['octa-1', 'octa-2', 'octa-3', 'octa-3', 'octa-2', 'octa-3', 'octa-2', 'octa-2'],
      '[API key] [API key] [API key] octa-4 octa-5',
    ],
  ])('%s.', (_, keys, want) => {
    expect(knownKeys(...keys).redactText('octa-1 octa-2 octa-3 octa-4 octa-5')).toBe(want);
  });

  test('are all taken out of details, one after the other.', () => {
    const known = knownKeys('octa-1', 'octa-2');
    expect(known.redactDetails('octa-1 octa-2')).toBe('[API key] [API key]');
    expect(known.redactDetails(new Error('octa-2 octa-1'))).toMatchObject({ message: '[API key] [API key]' });
    const details = { status: 200 };
    expect(known.redactDetails(details)).toBe(details);
  });
});

describe('A URL', () => {
  const spelled = 'k+e/y=(1)';

  test.each([
    ['as it is', spelled],
    ['as a path has it', encodeURIComponent(spelled)],
    ['as a query has it', new URLSearchParams([['', spelled]]).toString().slice(1)],
  ])('loses a key %s.', (_, written) => {
    const known = new KnownKeys();
    known.add(spelled);
    known.add('other-key');
    const url = `https://api.test/nodes/${written}?who=${written}&by=other-key&token=t&page=2`;
    expect(known.redactUrl(url)).toBe(
      'https://api.test/nodes/[API key]?who=[API key]&by=[API key]&token=[redacted]&page=2',
    );
  });

  test.each([[undefined], [''], ['%2F']])('stays as it is when the key is %j.', (short) => {
    const known = new KnownKeys();
    known.add(short);
    expect(known.redactUrl('https://api.test/a%2Fb?page=2')).toBe('https://api.test/a%2Fb?page=2');
  });
});

describe('By their name alone', () => {
  const secretNames = [
    'authorization',
    'Authorization',
    'proxy-authorisation',
    'cookie',
    'set-cookie',
    'x-access-token',
    'TOKEN',
    'client_secret',
    'password',
    'passwd',
    'x-credentials',
    'apikey',
    'api-key',
    'x_api_key',
    'X-Team-Key',
    'key',
    'Key',
    'x-signature',
  ];
  const otherNames = [
    'x-team-keys',
    'accept',
    'keyboard',
    'monkey',
    'x-keys',
    'team-key',
    'a-x-team-key',
    'keys',
    'recent',
    '',
  ];

  test.each(secretNames)('values of %s are hidden, in fields and in queries.', (name) => {
    expect(redactByName({ [name]: 'v', accept: 'text/plain' })).toEqual({ [name]: '[redacted]', accept: 'text/plain' });
    expect(redactUrl(`https://api.test/nodes?a=1&${name}=v&b=2`)).toBe(
      `https://api.test/nodes?a=1&${name}=[redacted]&b=2`,
    );
  });

  test.each(otherNames)('values of %s are shown, in fields and in queries.', (name) => {
    expect(redactByName({ [name]: 'v' })).toEqual({ [name]: 'v' });
    expect(redactUrl(`https://api.test/nodes?${name}=v`)).toBe(`https://api.test/nodes?${name}=v`);
  });

  test.each<[title: string, url: string, want: string]>([
    ['without a query stays as it is', 'https://api.test/token=1', 'https://api.test/token=1'],
    ['with an empty query stays as it is', 'https://api.test/?', 'https://api.test/?'],
    ['loses all of a value, signs of equality too', '/nodes?token=a=b==&c=d', '/nodes?token=[redacted]&c=d'],
    ['loses values of a name that comes twice', '/nodes?token=a&token=b', '/nodes?token=[redacted]&token=[redacted]'],
    ['keeps names in values', '/nodes?sort=token', '/nodes?sort=token'],
    ['loses what follows a question mark in a value', '/nodes?token=a?b', '/nodes?token=[redacted]'],
  ])('a URL %s.', (_, url, want) => {
    expect(redactUrl(url)).toBe(want);
  });

  test('fields that are none stay none.', () => {
    expect(redactByName({})).toEqual({});
  });
});

describe('A text that was cut off', () => {
  test.each<[title: string, text: string, secret: string | undefined, want: string]>([
    ['loses the part of the key at its end', 'the key octa-sec', key, 'the key '],
    ['loses all but the last sign of the key', 'the key octa-secret-', key, 'the key '],
    ['loses as little as one sign of it', 'the key o', key, 'the key '],
    ['loses the longest part that its end may be', 'aab aab', 'aabaabc', 'aab '],
    ['keeps a whole key, which is taken out elsewhere', `the key ${key}`, key, `the key ${key}`],
    ['keeps a part of the key that is not at its end', 'octa-sec is unknown', key, 'octa-sec is unknown'],
    ['keeps an end that is no part of the key', 'the key is cut', key, 'the key is cut'],
    ['keeps its end when there is no key', 'the key octa-sec', undefined, 'the key octa-sec'],
    ['keeps its end when the key is empty', 'the key octa-sec', '', 'the key octa-sec'],
    ['may be nothing but a part of the key', 'octa', key, ''],
    ['may be empty', '', key, ''],
  ])('%s.', (_, text, secret, want) => {
    expect(withoutCutKey(text, secret)).toBe(want);
  });
});
