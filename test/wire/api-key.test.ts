import { describe, expect, test, vi } from 'vitest';
import {
  OctaAuthenticationError,
  type OctaClientOptions,
  OctaConfigurationError,
  OctaServerError,
} from '../../src/index.ts';
import { clientFor, everyCall, goodAnswer, testKey } from '../support/calls.ts';
import { failure } from '../support/failure.ts';
import { json, serve, type TestServer } from '../support/server.ts';

const good = (text = goodAnswer) => serve((_, response) => json(response, text));
const keysOf = ({ received }: TestServer) => received.map(({ headers }) => headers.authorization);

describe('A protected call', () => {
  test.each(everyCall)('such as %s sends the key unchanged.', async (_, send) => {
    await using server = await good();
    await send(clientFor(server));
    expect(keysOf(server)).toEqual([testKey]);
  });

  test.each(everyCall)('such as %s fails without a key, before anything is sent.', async (_, send) => {
    await using server = await good();
    const error = await failure(send(clientFor(server, { apiKey: undefined })), OctaAuthenticationError);
    expect(error.message).toMatch(/^\w+ needs an API key: set the apiKey option/);
    expect(error).toMatchObject({ status: 401, outcome: 'not-sent' });
    expect(server.received).toEqual([]);
  });

  test.each(everyCall)('such as %s is sent without the header if the key is empty.', async (_, send) => {
    await using server = await good();
    await send(clientFor(server, { apiKey: '' }));
    expect(keysOf(server)).toEqual([undefined]);
  });

  test('does not replace an Authorization header of the caller.', async () => {
    await using server = await good();
    await clientFor(server, { headers: { AUTHORIZATION: 'Bearer mine' } }).accounts.balance();
    await clientFor(server).accounts.balance({ headers: { Authorization: 'Bearer ours' } });
    expect(keysOf(server)).toEqual(['Bearer mine', 'Bearer ours']);
  });
});

describe('If no key is required,', () => {
  test('network.get sends none, and does not read one.', async () => {
    await using server = await good('{"market_price":1}');
    const apiKey = vi.fn(() => testKey);
    await clientFor(server, { apiKey }).network.get();
    await clientFor(server).network.get();
    expect(keysOf(server)).toEqual([undefined, undefined]);
    expect(apiKey).not.toHaveBeenCalled();
  });

  test.each<[string, OctaClientOptions['apiKey'], string | undefined]>([
    ['send it when there is one', testKey, testKey],
    ['go without when there is none', undefined, undefined],
    ['go without when it is empty', '', undefined],
    ['go without when the function has none', () => undefined, undefined],
  ])('the apps %s.', async (_, apiKey, want) => {
    await using server = await good('[]');
    await clientFor(server, { apiKey }).apps.list();
    expect(keysOf(server)).toEqual([want]);
  });
});

describe('A function that returns the key', () => {
  test.each<[string, (key: string) => string | Promise<string>]>([
    ['at once', (key) => key],
    ['later', async (key) => key],
  ])('%s is called before each attempt.', async (_, give) => {
    await using server = await serve((__, response) => json(response, '{}', 500));
    const keys = ['octa-key-1', 'octa-key-2', 'octa-key-3'];
    const apiKey = vi.fn(() => give(keys[apiKey.mock.calls.length - 1] ?? ''));
    await failure(clientFor(server, { apiKey }).accounts.balance(), OctaServerError);
    expect(keysOf(server)).toEqual(keys);
  });

  test('may return different keys.', async () => {
    await using server = await good();
    let key = 'octa-key-1';
    const client = clientFor(server, { apiKey: () => key });
    await client.accounts.balance();
    key = 'octa-key-2';
    await client.accounts.balance();
    expect(keysOf(server)).toEqual(['octa-key-1', 'octa-key-2']);
  });

  const thrown = new Error('the vault is closed');
  test.each<[string, () => string | Promise<string>]>([
    [
      'throws',
      () => {
        throw thrown;
      },
    ],
    ['rejects', () => Promise.reject(thrown)],
  ])('and %s fails the call with that as the cause, before anything is sent.', async (_, give) => {
    await using server = await good();
    const apiKey = vi.fn(give);
    const error = await failure(clientFor(server, { apiKey }).accounts.balance(), OctaAuthenticationError);
    expect(error).toMatchObject({ message: 'getBalance: the apiKey function failed', outcome: 'not-sent' });
    expect(error.cause).toBe(thrown);
    expect(apiKey).toHaveBeenCalledTimes(1);
    expect(server.received).toEqual([]);
  });

  test('and has none fails a protected call.', async () => {
    await using server = await good();
    const client = clientFor(server, { apiKey: () => undefined });
    expect((await failure(client.accounts.balance(), OctaAuthenticationError)).outcome).toBe('not-sent');
    expect(server.received).toEqual([]);
  });

  test.each([
    ['a number', 1234567890, 'a number'],
    ['an object', { key: testKey }, 'a object'],
    ['null', null, 'a object'],
    ['a key with a line break', `${testKey}\r\n`, 'a string with characters other than visible ASCII'],
    ['a key with a space', `Bearer ${testKey}`, 'a string with characters other than visible ASCII'],
    ['a key beyond ASCII', `${testKey}ü`, 'a string with characters other than visible ASCII'],
  ])('and returns %s causes a configuration error that does not show it.', async (_, given, what) => {
    await using server = await good();
    // What a caller without types may pass.
    const client = clientFor(server, { apiKey: () => given as never });
    const error = await failure(client.accounts.balance(), OctaConfigurationError);
    expect(error.message).toBe(`the apiKey function returned ${what}; it must return a string`);
    expect(error).toMatchObject({ outcome: 'not-sent', request: { operation: 'getBalance' } });
    expect(server.received).toEqual([]);
  });
});
