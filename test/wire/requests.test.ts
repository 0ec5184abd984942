import { describe, expect, test, vi } from 'vitest';
import { OctaClient, OctaConfigurationError, type RequestOptions, version } from '../../src/index.ts';
import { clientFor, everyCall, goodAnswer, order } from '../support/calls.ts';
import { failure } from '../support/failure.ts';
import { json, serve } from '../support/server.ts';

const good = (text = goodAnswer) => serve((_, response) => json(response, text));

test('Without options, the client uses the public API.', async () => {
  const given = vi.fn(async () => new Response('{"market_price":1}'));
  await new OctaClient({ fetch: given }).network.get();
  expect(given).toHaveBeenCalledExactlyOnceWith('https://api.octa.computer/network', expect.anything());
});

describe('Headers', () => {
  test.each([
    ['names the SDK and its version', undefined, `octaspace-sdk-js/${version}`],
    ['is what the caller says', 'mine/1', 'mine/1'],
  ])('The user agent %s.', async (_, userAgent, want) => {
    await using server = await good();
    await clientFor(server, { userAgent }).accounts.balance();
    expect(server.received[0]?.headers['user-agent']).toBe(want);
  });

  test('of client, call and SDK are merged in any letter case; those of the call take precedence.', async () => {
    await using server = await good();
    const client = clientFor(server, { headers: { 'X-Team': 'a', 'X-Client': 'c' } });
    await client.accounts.balance({
      headers: { 'x-TEAM': 'b', ACCEPT: 'application/vnd.octa+json', 'User-Agent': 'mine/2' },
    });
    const { 'x-team': team, 'x-client': mine, accept, 'user-agent': agent } = server.received[0]?.headers ?? {};
    expect([team, mine, accept, agent]).toEqual(['b', 'c', 'application/vnd.octa+json', 'mine/2']);
  });

  test('of one call are not sent with the next.', async () => {
    await using server = await good();
    const client = clientFor(server);
    await client.accounts.balance({ headers: { 'x-team': 'a' } });
    await client.accounts.balance();
    expect(server.received.map(({ headers }) => headers['x-team'])).toEqual(['a', undefined]);
  });

  test('accept JSON, and declare JSON only if there is a body.', async () => {
    await using server = await good();
    const client = clientFor(server);
    await client.accounts.balance();
    await client.accounts.generateWallet();
    await client.services.mr.start(order);
    await client.nodes.downloadIdent(7);
    const said = server.received.map(({ headers }) => [headers.accept, headers['content-type']]);
    const type = 'application/json';
    expect(said).toEqual([
      [type, undefined],
      [type, undefined],
      [type, type],
      ['*/*', undefined],
    ]);
  });
});

describe('Query parameters of the caller', () => {
  test('are merged with those of the method, and take precedence.', async () => {
    await using server = await good('[]');
    const client = clientFor(server);
    await client.nodes.list({ country: 'DE', query: { page: 2, state: ['up', 'down'] } });
    await client.nodes.list({ country: 'DE', query: { country: 'FR' } });
    await client.sessions.list({ recent: true, query: { limit: 5n } });
    await client.sessions.list({ recent: false });
    expect(server.received.map(({ path }) => path)).toEqual([
      '/nodes?country=DE&page=2&state=up&state=down',
      '/nodes?country=FR',
      '/sessions?recent=true&limit=5',
      '/sessions',
    ]);
  });

  test('that cannot be converted to text are refused before anything is sent.', async () => {
    await using server = await good('[]');
    const error = await failure(clientFor(server).nodes.list({ query: { where: { a: 1 } } }), OctaConfigurationError);
    expect(error.message).toMatch(/^query parameter where is of type object; allowed: /);
    expect(server.received).toEqual([]);
  });
});

describe('Body fields of the caller', () => {
  test('are merged with those of the method, and take precedence.', async () => {
    await using server = await good();
    const client = clientFor(server);
    await client.services.mr.start(order, { body: { hdd_kind: 'ssd', disk_size: 60 } });
    await client.nodes.updatePrices(7, { base: 1n }, { body: { gpu: 18446744073709551617n } });
    await client.services.session('u-1').stop({ body: { why: 'done' } });
    expect(server.received.map(({ body }) => body)).toEqual([
      '[{"id":0,"app":"","envs":{},"ports":[],"http_ports":[],"start_command":"","entrypoint":"","node_id":9010,"disk_size":60,"image":"ubuntu:24.04","hdd_kind":"ssd"}]',
      '{"base":1,"gpu":18446744073709551617}',
      '{"why":"done"}',
    ]);
  });

  test('cannot be sent with a GET: they are refused before anything is sent.', async () => {
    await using server = await good();
    const onRetry = vi.fn();
    await failure(clientFor(server, { onRetry }).accounts.balance({ body: { a: 1 } }), OctaConfigurationError);
    expect(onRetry).not.toHaveBeenCalled();
    expect(server.received).toEqual([]);
  });
});

/** What a caller without types may pass. */
type Anything = never;

describe('Nothing is thrown synchronously, and nothing is sent, if a call gets', () => {
  const wrong: [title: string, options: unknown][] = [
    ['a wrong option', { retries: -1 }],
    ['an unknown option', { timeout: 5 }],
    ['a signal that is none', { signal: {} }],
    ['a header that no header can be', { headers: { 'x y': 'z' } }],
  ];

  test.each(
    everyCall.flatMap(([name, send]) => wrong.map(([title, options]) => [title, name, send, options] as const)),
  )('%s: %s rejects.', async (_, __, send, options) => {
    await using server = await good();
    const error = await failure(send(clientFor(server), options as RequestOptions), OctaConfigurationError);
    expect(error.outcome).toBe('not-sent');
    expect(server.received).toEqual([]);
  });
});

describe('With any arguments, nothing is thrown synchronously by', () => {
  const junk: [title: string, send: (client: OctaClient, given: Anything) => PromiseLike<unknown>][] = [
    ['accounts.get', (client, given) => client.accounts.get(given)],
    ['accounts.balance', (client, given) => client.accounts.balance(given)],
    ['apps.list', (client, given) => client.apps.list(given)],
    ['apps.get', (client, given) => client.apps.get(given)],
    ['network.get', (client, given) => client.network.get(given)],
    ['nodes.list', (client, given) => client.nodes.list(given)],
    ['nodes.get', (client, given) => client.nodes.get(1, given)],
    ['nodes.updatePrices', (client, given) => client.nodes.updatePrices(1, given)],
    ['sessions.list', (client, given) => client.sessions.list(given)],
    ['session.info', (client, given) => client.services.session('u-1').info(given)],
    ['session.logs', (client, given) => client.services.session('u-1').logs(given)],
    ['session.stop', (client, given) => client.services.session('u-1').stop(given)],
    ['mr.available', (client, given) => client.services.mr.available(given)],
    ['mr.start', (client, given) => client.services.mr.start(given)],
    ['render.start', (client, given) => client.services.render.start(given)],
    ['vpn.start', (client, given) => client.services.vpn.start(given)],
    ['idleJobs.get', (client, given) => client.idleJobs.get(1, 2, given)],
    ['idleJobs.logs', (client, given) => client.idleJobs.logs(1, 2, given)],
    ['api.GET', (client, given) => client.api.GET('/network', given)],
  ];

  test.each(junk)('%s.', async (_, send) => {
    await using server = await good();
    const client = clientFor(server);
    for (const given of [undefined, null, 'text', 7, true, [], Symbol('junk'), () => 1]) {
      const promise = send(client, given as Anything);
      await Promise.allSettled([promise]);
    }
  });
});

describe('Billable calls require their arguments:', () => {
  const starts: [title: string, send: (client: OctaClient, given: Anything) => PromiseLike<unknown>][] = [
    ['mr.start', (client, given) => client.services.mr.start(given)],
    ['render.start', (client, given) => client.services.render.start(given)],
    ['vpn.start', (client, given) => client.services.vpn.start(given)],
    ['nodes.updatePrices', (client, given) => client.nodes.updatePrices(1, given)],
  ];

  test.each(
    starts.flatMap(([name, send]) => [undefined, null, 'text', 7].map((given) => [name, given, send] as const)),
  )('%s of %j is refused.', async (_, given, send) => {
    await using server = await good();
    await failure(send(clientFor(server), given as Anything), OctaConfigurationError);
    expect(server.received).toEqual([]);
  });
});

test('A client supports any number of concurrent calls, each with its own response.', async () => {
  await using server = await serve(({ path }, response) => {
    const id = path.split('/')[2];
    setTimeout(() => json(response, `{"id":${id}}`), 20 - Number(id));
  });
  const client = clientFor(server);
  const ids = Array.from({ length: 20 }, (_, index) => index);
  const nodes = await Promise.all(ids.map((id) => client.nodes.get(id)));
  expect(nodes.map(({ id }) => id)).toEqual(ids);
});

test('A body with a circular reference is refused before anything is sent.', async () => {
  await using server = await serve((_, response) => json(response, '{}'));
  const body: Record<string, unknown> = {};
  body.self = body;
  const call = clientFor(server).nodes.updatePrices(7, { base: 1n }, { body });
  const error = await failure(call, OctaConfigurationError);
  expect(error).toMatchObject({ outcome: 'not-sent', cause: expect.any(RangeError) });
  expect(server.received).toEqual([]);
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])(
  'A start with %d instead of a finite number is refused before anything is sent.',
  async (node_id) => {
    await using server = await serve((_, response) => json(response, goodAnswer));
    const error = await failure(clientFor(server).services.mr.start({ ...order, node_id }), OctaConfigurationError);
    expect(error.message).toBe(`node_id is ${node_id}; allowed: a finite number`);
    expect(server.received).toEqual([]);
  },
);

test('An authorization header of the caller replaces the API key, which is then not required.', async () => {
  await using server = await serve((_, response) => json(response, goodAnswer));
  const headers = { Authorization: 'Bearer mine' };
  await new OctaClient({ baseUrl: server.url, headers }).accounts.balance();
  await clientFor(server, { headers }).accounts.balance();
  expect(server.received.map((request) => request.headers.authorization)).toEqual(['Bearer mine', 'Bearer mine']);
});
