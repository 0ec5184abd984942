import { describe, expect, test } from 'vitest';
import { OctaApiError } from '../../src/index.ts';
import { clientFor, everyCall, goodAnswer, testKey } from '../support/calls.ts';
import { failure } from '../support/failure.ts';
import { json, serve } from '../support/server.ts';

const elsewhere = () => serve((_, response) => json(response, goodAnswer));
const redirecting = (status: number, location: string) =>
  serve((_, response) => response.writeHead(status, { location }).end());

describe.each([301, 302, 303, 307, 308])('Status %d', (status) => {
  test.each(everyCall)('does not send %s elsewhere, and says what to do.', async (_, send) => {
    await using other = await elsewhere();
    await using server = await redirecting(status, `${other.url}/moved`);
    const error = await failure(send(clientFor(server)), OctaApiError);
    expect(error.message).toMatch(`: ${status}: a redirect to ${other.url}/moved; redirects are not followed`);
    expect(error.message).toMatch(/set baseUrl to the final URL$/);
    expect(error).toMatchObject({ status, outcome: 'unknown', headers: { location: `${other.url}/moved` } });
    expect([server.received.length, other.received.length]).toEqual([1, 0]);
  });

  test('is not followed within the same server either.', async () => {
    await using server = await redirecting(status, '/accounts');
    const error = await failure(clientFor(server).accounts.balance(), OctaApiError);
    expect(error.message).toContain('a redirect to /accounts;');
    expect(server.received.map(({ path }) => path)).toEqual(['/accounts/balance']);
  });

  test('does not show a key that its Location repeats.', async () => {
    await using server = await redirecting(status, `https://elsewhere.test/?key=${testKey}`);
    const error = await failure(clientFor(server).accounts.balance(), OctaApiError);
    expect(error.message).toContain('a redirect to https://elsewhere.test/?key=[API key];');
    expect(JSON.stringify(error)).not.toContain(testKey);
  });
});

test('A redirect without a Location has an unknown location.', async () => {
  await using server = await serve((_, response) => response.writeHead(302).end());
  const error = await failure(clientFor(server).accounts.balance(), OctaApiError);
  expect(error.message).toContain('getBalance: 302: a redirect to an unknown location;');
});

test('A redirect that a browser hides is recognized.', async () => {
  const client = clientFor({ url: 'http://api.test' }, { fetch: async () => Response.error() });
  const error = await failure(client.accounts.balance(), OctaApiError);
  expect(error.message).toMatch(/^getBalance: a redirect; redirects are not followed/);
  expect(error).toMatchObject({ status: 0, outcome: 'unknown', attempts: { length: 1 } });
});
