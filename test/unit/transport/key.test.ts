import { describe, expect, test, vi } from 'vitest';
import { OctaAuthenticationError, OctaConfigurationError } from '../../../src/errors/errors.ts';
import { keyFor } from '../../../src/transport/key.ts';
import type { Call, KeySource } from '../../../src/transport/types.ts';
import { failure } from '../../support/failure.ts';
import { aCall } from '../../support/transport.ts';

const request = { operation: 'getNode', method: 'GET', url: 'https://api.test/nodes/7' };
const key = async (source: KeySource, auth: Call['auth'] = 'required') =>
  keyFor(aCall({ auth }), () => request, source);
/** A source of any value, as from callers without types. */
const giving =
  (value: unknown): KeySource =>
  () =>
    value as never;

describe('A key', () => {
  test.each<[title: string, source: KeySource]>([
    ['given at once', () => 'octa-key-1'],
    ['given later', async () => 'octa-key-1'],
    // biome-ignore lint/suspicious/noThenProperty: what other libraries take for a promise.
    ['given by something like a promise', giving({ then: (done: (key: string) => void) => done('octa-key-1') })],
  ])('%s is used unchanged.', async (_, source) => {
    expect(await key(source)).toBe('octa-key-1');
    expect(await key(source, 'optional')).toBe('octa-key-1');
  });

  test('that is known is available synchronously.', () => {
    expect(
      keyFor(
        aCall(),
        () => request,
        () => 'octa-key-1',
      ),
    ).toBe('octa-key-1');
    expect(
      keyFor(
        aCall({ auth: 'optional' }),
        () => request,
        () => undefined,
      ),
    ).toBeUndefined();
    expect(() =>
      keyFor(
        aCall(),
        () => request,
        () => undefined,
      ),
    ).toThrow(OctaAuthenticationError);
    expect(() => keyFor(aCall(), () => request, giving(null))).toThrow(OctaConfigurationError);
  });

  test('can contain every visible ASCII character.', async () => {
    expect(await key(() => '!octa~')).toBe('!octa~');
  });

  test.each<Call['auth']>(['required', 'optional'])(
    'may be empty if it is %s, because something else adds one.',
    async (auth) => {
      expect(await key(() => '', auth)).toBe('');
    },
  );

  test('is not read if none is sent.', async () => {
    const source = vi.fn(() => 'octa-key-1');
    expect(await key(source, 'none')).toBeUndefined();
    expect(source).not.toHaveBeenCalled();
  });

  test('may be missing if it is optional.', async () => {
    expect(await key(() => undefined, 'optional')).toBeUndefined();
  });

  test('must not be missing if it is required.', async () => {
    const error = await failure(
      key(async () => undefined),
      OctaAuthenticationError,
    );
    const advice = "set the apiKey option, or OCTA_API_KEY for fromEnv() (or apiKey: '' if your proxy adds the key)";
    expect(error.message).toBe(`getNode needs an API key: ${advice}`);
    expect(error).toMatchObject({ status: 401, outcome: 'not-sent', request });
  });
});

describe('A function that returns a key', () => {
  const cause = new Error('the vault is closed');

  test.each<[title: string, source: KeySource]>([
    [
      'at once',
      () => {
        throw cause;
      },
    ],
    ['later', () => Promise.reject(cause)],
  ])('and fails %s fails the call, whether the key is required or not.', async (_, source) => {
    for (const auth of ['required', 'optional'] as const) {
      const error = await failure(key(source, auth), OctaAuthenticationError);
      expect(error.message).toBe('getNode: the apiKey function failed');
      expect(error).toMatchObject({ status: 401, cause, outcome: 'not-sent', request });
    }
  });

  test.each<[title: string, value: unknown, what: string]>([
    ['a number', 7, 'a number'],
    ['null', null, 'a object'],
    ['an object', {}, 'a object'],
    ['text with a space', 'octa key', 'a string with characters other than visible ASCII'],
    ['text with a line break', 'octa-key\n', 'a string with characters other than visible ASCII'],
    ['text beyond ASCII', 'octa-kéy', 'a string with characters other than visible ASCII'],
    ['text with a delete', 'octa\x7f', 'a string with characters other than visible ASCII'],
  ])('must not return %s, which is not shown.', async (_, value, what) => {
    for (const auth of ['required', 'optional'] as const) {
      const error = await failure(key(giving(value), auth), OctaConfigurationError);
      expect(error.message).toBe(`the apiKey function returned ${what}; it must return a string`);
      expect(error).toMatchObject({ outcome: 'not-sent', request });
    }
  });
});
