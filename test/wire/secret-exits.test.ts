/** No output of the SDK shows an API key. */
import { createHmac } from 'node:crypto';
import { inspect } from 'node:util';
import fc from 'fast-check';
import ky from 'ky';
import { describe, expect, test } from 'vitest';
import { OctaAbortError, OctaAuthenticationError, OctaClient, OctaNetworkError } from '../../src/index.ts';
import { testKey } from '../support/calls.ts';
import { failure } from '../support/failure.ts';
import { serveRaw } from '../support/raw-server.ts';
import { echoes, printed, watchedClient } from '../support/secret-exits.ts';
import { json, serve } from '../support/server.ts';

const spellings: readonly (readonly [name: string, spell: (key: string) => string])[] = [
  ['as it is', (key) => key],
  ['as in a URL', encodeURIComponent],
  ['as in a form', (key) => new URLSearchParams([['', key]]).toString().slice(1)],
  ['as in JSON', (key) => JSON.stringify(key).slice(1, -1)],
  ['as in HTML', (key) => key.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')],
  ['in base64', (key) => Buffer.from(key).toString('base64')],
  ['in base64, behind a user', (key) => Buffer.from(`user:${key}`).toString('base64')],
];

/** A key with characters that are escaped in many ways. */
const oddKey = 'k+e/y=(1)&<"z>-42';

describe.each(echoes)('A key in %s is never shown', (title, answer) => {
  test.each(spellings)('%s.', async (__, spell) => {
    const spelt = spell(oddKey);
    const { client, fails, keep, text } = watchedClient(async () => answer(spelt), { apiKey: oddKey });
    await fails(client.accounts.balance());
    await fails(
      client.accounts
        .balance()
        .withResponse()
        .then(({ response: { text: ___, ...info } }) => keep(info, [...info.headers])),
    );
    await fails(client.nodes.reboot(7));
    await fails(client.services.mr.start({ node_id: 1, disk_size: 1, image: 'i' }));
    await fails(client.sessions.find(spelt));
    keep(client.transportStats());
    expect(text()).not.toContain(oddKey);
    expect(text()).not.toContain(spelt);
  });

  test("of a client that has used it; other clients show the server's text.", async () => {
    const { client, fails, text } = watchedClient(async () => answer(oddKey), { apiKey: 'another-key' });
    await fails(client.accounts.balance());
    // Of JSON that is none, the runtime quotes as much as it likes.
    if (title !== 'invalid JSON') expect([text(), encodeURI(text())].join()).toContain(oddKey);
  });
});

test('A key that was replaced is not shown when it is echoed later.', async () => {
  const keys = ['octa-first-key-1', 'octa-second-key-2', 'octa-third-key-3'];
  let calls = 0;
  const fetch = async () => new Response(`unknown: ${keys.join(' ')}`, { status: calls > 2 ? 401 : 500 });
  const { client, fails, text } = watchedClient(fetch, {
    apiKey: () => keys[calls++] ?? 'octa-fourth-key-4',
    retries: 0,
  });
  for (let call = 0; call < 3; call++) await fails(client.accounts.balance().catch(() => undefined));
  const before = text().length;
  await fails(client.accounts.balance());
  for (const key of keys) expect(text().slice(before)).not.toContain(key);
});

test('A key in the error of an apiKey function is never shown, and the error can be read as cause.', async () => {
  const thrown = new Error(`vault refused octa-unknown-key-9`);
  for (const apiKey of [
    () => Promise.reject(thrown),
    () => {
      throw thrown;
    },
  ]) {
    const { client, fails, text } = watchedClient(async () => new Response(), { apiKey });
    const error = await fails(client.accounts.balance());
    expect(error).toBeInstanceOf(OctaAuthenticationError);
    expect(Object(error).cause).toBe(thrown);
    expect(text()).not.toContain('octa-unknown-key-9');
  }
});

test('A key within the base URL or a path is sent, but not shown.', async () => {
  await using server = await serve((_, response) => json(response, '{"message":"no"}', 404));
  const baseUrl = `${server.url}/${testKey}`;
  const { client, fails, keep, text } = watchedClient(fetch, { apiKey: testKey, baseUrl });
  await fails(client.services.session(testKey).info());
  await fails(client.accounts.balance({ query: { who: testKey } }));
  keep(client.transportStats());
  expect(server.received.map(({ path }) => path)).toEqual([
    `/${testKey}/services/${testKey}/info`,
    `/${testKey}/accounts/balance?who=${testKey}`,
  ]);
  expect(text()).not.toContain(testKey);
});

describe('Only the safe parts of an error of another fetch are shown:', () => {
  test('ky, when it takes too long.', async () => {
    await using server = await serveRaw(() => undefined);
    const fetch = (url: string, init: RequestInit) => ky(url, { ...init, timeout: 20, retry: 0 });
    const { client, fails, text } = watchedClient(fetch, { apiKey: testKey, baseUrl: server.url, retries: 0 });
    const error = await fails(client.accounts.balance());
    expect(inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain(testKey);
    expect(text()).not.toContain(testKey);
    expect(Object(error).cause).toMatchObject({ name: 'TimeoutError' });
  });

  test.each<[string, () => unknown]>([
    ['an object without a prototype', () => Object.create(null)],
    [
      'a proxy that is revoked',
      () => {
        const { proxy, revoke } = Proxy.revocable({}, {});
        revoke();
        return proxy;
      },
    ],
    [
      'an object that cannot be read',
      () =>
        new Proxy(
          {},
          {
            get: () => {
              throw new TypeError('no');
            },
            ownKeys: () => {
              throw new TypeError('no');
            },
          },
        ),
    ],
  ])('%s.', async (_, make) => {
    const { client, fails } = watchedClient(() => Promise.reject(make()), { apiKey: testKey, retries: 0 });
    expect(await fails(client.accounts.balance())).toBeInstanceOf(OctaNetworkError);
  });
});

test('The reason of an abort is the cause, and is not printed.', async () => {
  const reason = Object.assign(new Error(`because of ${testKey}`), { request: { authorization: testKey } });
  const client = new OctaClient({
    apiKey: testKey,
    baseUrl: 'https://api.test',
    fetch: () => new Promise(() => undefined),
  });
  const controller = new AbortController();
  const call = failure(client.accounts.balance({ signal: controller.signal }), OctaAbortError);
  controller.abort(reason);
  const error = await call;
  expect(error.cause).toBe(reason);
  expect(printed(error)).not.toContain(testKey);
  expect(error.toJSON().cause).toBe('Error');
});

/** The spelling of an echo that follows from a key, so that a run can be repeated. */
function pick<Item>(items: readonly Item[], key: string, use: string): Item {
  const index = createHmac('sha256', use).update(key).digest().readUInt32BE(0) % items.length;
  return items[index] as Item;
}

const runs = Number(process.env.SECRET_RUNS ?? 500);

test(
  'No key of 8 to 64 characters is shown, in any spelling.',
  async () => {
    const keys = fc.string({
      unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
      minLength: 8,
      maxLength: 64,
    });
    await fc.assert(
      fc.asyncProperty(keys, async (apiKey) => {
        const [, answer] = pick(echoes, apiKey, 'echo');
        const [, spell] = pick(spellings, apiKey, 'spelling');
        const { client, fails, text } = watchedClient(async () => answer(`<<${spell(apiKey)}>>`), { apiKey });
        await fails(client.accounts.balance());
        await fails(client.nodes.reboot(7));
        const found = [...new Set(spellings.map(([, each]) => each(apiKey)))].filter((each) => text().includes(each));
        expect(found).toEqual([]);
      }),
      { numRuns: runs, seed: 20_261_129 },
    );
  },
  15_000 + runs * 20,
);
