import { inspect } from 'node:util';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { redactByName, redactUrl } from '../../../src/transport/secrets.ts';
import { secretsOf } from '../../support/transport.ts';

type Key = string | undefined;

const redact = (text: string, key: Key) => secretsOf(key).text(text);
const redactCause = (cause: unknown, key: Key) => secretsOf(key).cause(cause);
const withoutCutKey = (text: string, key: Key) => secretsOf(key).cutText(text);

const key = 'octa-secret-1';

describe('Text', () => {
  test.each([
    ['loses the key wherever it stands', `${key} and ${key}`, key, '[API key] and [API key]'],
    ['stays as it is without the key in it', 'nothing here', key, 'nothing here'],
    ['stays as it is when there is no key', 'nothing here', undefined, 'nothing here'],
    ['stays as it is when the key is empty', 'nothing here', '', 'nothing here'],
    ['stays as it is when the key is too short to be one', 'nothing here', 'not', 'nothing here'],
    ['stays as it is when the key is still too short', 'nothing here', 'nothing', 'nothing here'],
    ['loses a key that is just long enough to be one', 'nothings here', 'nothings', '[API key] here'],
    ['loses a key full of signs that mean something elsewhere', 'a $&.*[key] b', '$&.*[key]', 'a [API key] b'],
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

  const redacted = secretsOf(key).cleaner.headers(headers);

  expect(redacted.get('location')).toBe('https://other.test/?key=[API key]');
  expect(redacted.getSetCookie()).toEqual(['a=1', 'b=2']);
  expect(secretsOf('another-key').cleaner.headers(headers)).toBe(headers);
});

function thrown(message: string, more: object = {}): Error {
  return Object.assign(new TypeError(message), more);
}

const nested = new Error('outer', { cause: new Error('middle', { cause: new Error(`inner ${key}`) }) });

/** This many objects. */
const objects = (count: number): object[] => Array.from({ length: count }, () => ({}));

function revokedProxy(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

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

  test('that mentions the key has no code when it had none, or one that is neither text nor a number.', () => {
    for (const more of [{}, { code: {} }]) {
      expect(redactCause(thrown(`refused ${key}`, more), key)).not.toHaveProperty('code');
    }
    expect(redactCause(thrown(`refused ${key}`, { code: 7 }), key)).toMatchObject({ code: 7 });
  });

  test('that mentions the key keeps its causes, and what failed in them.', () => {
    const inner = thrown(`connect ${key}`, { code: 'ECONNREFUSED', syscall: 'connect', errno: -111 });
    const several = new AggregateError([inner, new Error('other')], 'all failed');
    const safe = redactCause(new Error('outer', { cause: several }), key);
    expect(safe).toMatchObject({
      message: 'outer',
      cause: {
        name: 'AggregateError',
        errors: [
          { name: 'TypeError', message: 'connect [API key]', code: 'ECONNREFUSED', syscall: 'connect', errno: -111 },
          { message: 'other' },
        ],
      },
    });
  });

  class Secretive extends Error {
    readonly #key = key;
    [inspect.custom]() {
      return this.#key;
    }
  }
  class Serialised extends Error {
    readonly #key = key;
    toJSON() {
      return this.#key;
    }
  }
  test.each<[string, Error]>([
    ['a Request', thrown('refused', { request: new Request('https://api.test', { headers: { authorization: key } }) })],
    ['a Headers object, though the key is not known yet', thrown('refused', { headers: new Headers({ a: 'b' }) })],
    ['an object of a class', thrown('refused', { agent: new (class Agent {})() })],
    ['a function', thrown('refused', { abort: () => undefined })],
    ['a getter', Object.defineProperty(thrown('refused'), 'request', { get: () => 7, enumerable: true })],
    ['a form of its own to be printed in', new Secretive('refused')],
    ['a form of its own in JSON', new Serialised('refused')],
  ])('with %s is shown by its name and message alone.', (_, cause) => {
    for (const known of [key, undefined]) {
      const safe = redactCause(cause, known);
      expect(safe).not.toBe(cause);
      expect(safe).toMatchObject({ message: 'refused' });
      expect(inspect(safe, { depth: Infinity, showHidden: true, getters: true })).not.toContain(key);
      expect(Reflect.ownKeys(Object(safe)).sort()).toEqual(['message', 'name', 'stack']);
    }
  });

  test('of another realm keeps its code and its causes.', () => {
    const make = `Object.assign(new TypeError('fetch failed ${key}'), { cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) })`;
    const safe = redactCause(runInNewContext(make), key);
    expect(safe).toMatchObject({
      name: 'TypeError',
      message: 'fetch failed [API key]',
      cause: { message: 'refused', code: 'ECONNREFUSED' },
    });
    const clean = runInNewContext("new TypeError('fetch failed')");
    expect(redactCause(clean, key)).toBe(clean);
  });

  test.each<[string, unknown]>([
    ['an object without a prototype', Object.assign(Object.create(null), { toString: 1 })],
    ['a proxy that is revoked', revokedProxy()],
    ['an error whose message cannot be read', Object.defineProperty(new Error('a'), 'message', { get: unreadable })],
    ['an object that cannot be a text', { toString: unreadable, toJSON: unreadable }],
  ])('may be anything: %s.', (_, cause) => {
    expect(() => inspect(redactCause(cause, key))).not.toThrow();
  });

  test('that mentions a key that is just long enough to be one no longer does.', () => {
    expect(redactCause('refused abcdefgh', 'abcdefgh')).toBe('refused [API key]');
  });

  test.each([
    ['cannot be read yet', Object.defineProperty(thrown('refused'), 'request', { get: unreadable })],
    ['is more than anyone looks through', thrown('refused', { list: objects(999) })],
  ])('of which some %s is not shown, as a precaution.', (_, cause) => {
    expect(redactCause(cause, key)).not.toBe(cause);
    expect(redactCause(cause, key)).toMatchObject({ name: 'TypeError', message: 'refused' });
  });

  test('with a circular reference is read once.', () => {
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
    expect(secretsOf(key).json(value)).toEqual(want);
  });

  test('with an own __proto__ changes nothing else.', () => {
    const redacted = secretsOf(key).json(JSON.parse(`{"__proto__":{"a":"${key}"}}`));
    expect(JSON.stringify(redacted)).toBe('{"__proto__":{"a":"[API key]"}}');
    expect(Object.getPrototypeOf(redacted)).toBe(Object.prototype);
  });

  test('can have any depth.', () => {
    let deepest: unknown = key;
    for (let depth = 0; depth < 10_000; depth++) deepest = { deepest };
    expect(JSON.stringify(secretsOf(key).json(deepest))).toContain('[too deep]');
    expect(JSON.stringify(secretsOf(key).json(deepest))).not.toContain(key);
  });

  test('stays the same object when there is no key.', () => {
    const value = { a: key };
    expect(secretsOf().json(value)).toBe(value);
    expect(value).toEqual({ a: key });
  });
});

test('A redactor also removes the key from texts and causes.', () => {
  const redactor = secretsOf(key);
  expect(redactor.text(`a ${key}`)).toBe('a [API key]');
  expect(redactor.cause(new Error(`a ${key}`))).toMatchObject({ message: 'a [API key]' });
});

test('A redactor without a key changes nothing.', () => {
  const secrets = secretsOf();
  const error = new Error(key);
  expect([secrets.text(key), secrets.json(key)]).toEqual([key, key]);
  expect(secrets.cause(error)).toBe(error);
});

describe('The keys that a client has used', () => {
  const nth = (number: number) => `octa-key-${String(number).padStart(2, '0')}`;
  const all = Array.from({ length: 20 }, (_, index) => nth(index));
  const shown = (...keys: Key[]) => all.filter((each) => secretsOf(...keys).text(each) === each);

  test('are none at first.', () => {
    expect(secretsOf().text('octa-key-01')).toBe('octa-key-01');
    expect(secretsOf(undefined).text('undefined')).toBe('undefined');
    expect(secretsOf('').text('text')).toBe('text');
  });

  test('are not forgotten because of calls without a key.', () => {
    expect(shown(...all.slice(0, 16), undefined, undefined)).toEqual(all.slice(16));
  });

  test('are sixteen at most, and the oldest is forgotten first.', () => {
    expect(shown(...all.slice(0, 17))).toEqual([nth(0), ...all.slice(17)]);
  });

  test('keep one that was used again recently.', () => {
    expect(shown(...all.slice(0, 16), nth(0), nth(16))).toEqual([nth(1), ...all.slice(17)]);
  });

  test('are not forgotten while a request uses them, however many there are.', () => {
    const secrets = secretsOf();
    const releases = all.map((each) => secrets.hold(each));
    expect(all.filter((each) => secrets.text(each) === each)).toEqual([]);
    for (const release of releases) release();
    secrets.add('octa-key-other');
    expect(all.filter((each) => secrets.text(each) === each)).toEqual(all.slice(0, 5));
  });

  test('are all removed from details.', () => {
    const secrets = secretsOf(nth(1), nth(2));
    expect(secrets.cause(`${nth(1)} ${nth(2)}`)).toBe('[API key] [API key]');
    const details = { status: 200 };
    expect(secrets.cause(details)).toBe(details);
  });
});

describe('A key is found', () => {
  const spelt = `k+e/y=(1)&<"'>`;
  const escaped = '&#38;';

  test.each([
    ['as it is', spelt],
    ['in a path', encodeURIComponent(spelt)],
    ['in a path, in lower case', encodeURIComponent(spelt).replace(/%../g, (each) => each.toLowerCase())],
    ['in a query', new URLSearchParams([['', spelt]]).toString().slice(1)],
    ['in JSON', JSON.stringify(spelt).slice(1, -1)],
    ['in JSON with slashes escaped', JSON.stringify(spelt).slice(1, -1).replaceAll('/', '\\/')],
    [
      'in JSON with signs of HTML escaped',
      JSON.stringify(spelt)
        .slice(1, -1)
        .replace(/[<>&]/g, (each) => `\\u00${each.charCodeAt(0).toString(16)}`),
    ],
    [
      'in HTML',
      spelt
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('>', '&gt;')
        .replaceAll('"', '&quot;')
        .replaceAll("'", '&#39;'),
    ],
  ])('%s.', (_, written) => {
    expect(redact(`a ${written} b`, spelt)).toBe('a [API key] b');
    expect(redact(`a ${escaped} b`, spelt)).toBe(`a ${escaped} b`);
  });

  test.each(['', 'u', 'us', 'use', 'user:'])('in base64, behind %j.', (before) => {
    for (const after of ['', '!', '!!', '!!!']) {
      const text = `${before}${key}${after}`;
      for (const encoding of ['base64', 'base64url'] as const) {
        const safe = redact(Buffer.from(text).toString(encoding), key);
        expect(safe).toContain('[API key]');
        const left = Buffer.from(safe.replace('[API key]', ''), encoding).toString('latin1');
        expect(left).not.toContain(key.slice(2, -2));
      }
    }
  });

  test('with some of its characters escaped, and others not.', () => {
    expect(redact('k%2Be/y&#x3D;\\u00281)&<&quot;&#39;%3e', spelt)).toBe('[API key]');
  });
});

describe('A URL', () => {
  const spelled = 'k+e/y=(1)';

  test.each([
    ['as it is', spelled],
    ['as a path has it', encodeURIComponent(spelled)],
    ['as a query has it', new URLSearchParams([['', spelled]]).toString().slice(1)],
  ])('loses a key %s.', (_, written) => {
    const known = secretsOf(spelled, 'other-key');
    const url = `https://api.test/nodes/${written}?who=${written}&by=other-key&token=t&page=2`;
    expect(known.url(url)).toBe('https://api.test/nodes/[API key]?who=[API key]&by=[API key]&token=[redacted]&page=2');
  });

  test.each([[undefined], [''], ['%2F']])('does not change if the key is %j.', (short) => {
    const known = secretsOf(short);
    expect(known.url('https://api.test/a%2Fb?page=2')).toBe('https://api.test/a%2Fb?page=2');
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

  test('no fields stay no fields.', () => {
    expect(redactByName({})).toEqual({});
  });
});

describe('A text that was cut off', () => {
  test.each<[title: string, text: string, secret: string | undefined, want: string]>([
    ['loses the part of the key at its end', 'the key octa-sec', key, 'the key '],
    ['loses all but the last sign of the key', 'the key octa-secret-', key, 'the key '],
    ['loses as little as one sign of it', 'the key o', key, 'the key '],
    ['loses the longest part that its end may be', 'aab aab', 'aabaabcd', 'aab '],
    ['loses a whole key', `the key ${key}`, key, 'the key [API key]'],
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
