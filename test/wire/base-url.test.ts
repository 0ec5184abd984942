import { describe, expect, test, vi } from 'vitest';
import { type FetchLike, OctaConfigurationError } from '../../src/index.ts';
import { clientFor, everyCall, goodAnswer } from '../support/calls.ts';
import { failure } from '../support/failure.ts';
import { json, serve } from '../support/server.ts';

const good = () => serve((_, response) => json(response, goodAnswer));

test.each([
  ['', '/accounts/balance'],
  ['/', '/accounts/balance'],
  ['/octa/v1', '/octa/v1/accounts/balance'],
  ['/octa/v1/', '/octa/v1/accounts/balance'],
])('A base URL that ends in %j is joined with the path.', async (end, path) => {
  await using server = await good();
  const { response } = await clientFor({ url: server.url + end })
    .accounts.balance()
    .withResponse();
  expect(server.received.map((request) => request.path)).toEqual([path]);
  expect(response.url).toBe(server.url + path);
});

describe('A base URL that is a path, such as your own proxy in a browser,', () => {
  test.each(everyCall)('receives %s without a key.', async (_, send) => {
    await using server = await good();
    const inPage: FetchLike = (url, init) => fetch(new URL(url, server.url), init);
    await send(clientFor({ url: '/api/octa' }, { apiKey: '', fetch: inPage }));
    expect(server.received).toHaveLength(1);
    expect(server.received[0]?.path).toMatch(/^\/api\/octa\/\w+/);
    expect(server.received[0]?.headers).not.toHaveProperty('authorization');
  });

  test.each(everyCall)(
    'means nothing to the fetch of this runtime: %s was never sent, and is not retried.',
    async (_, send) => {
      const onRequest = vi.fn();
      const error = await failure(send(clientFor({ url: '/api/octa' }, { onRequest })), OctaConfigurationError);
      expect(error.message).toMatch(
        /^\w+: this runtime cannot fetch "\/api\/octa\/.*": set baseUrl to an absolute URL$/,
      );
      expect(error).toMatchObject({ outcome: 'not-sent', cause: expect.any(TypeError) });
      expect(onRequest).toHaveBeenCalledTimes(1);
    },
  );
});
