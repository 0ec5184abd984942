/** What is sent. */
import { demand, equal, matches, rejection } from './expect.ts';
import { order, started, type Test, testKey } from './kit.ts';

export const requests: readonly Test[] = [
  [
    'A read sends method, path, query and key, and no body.',
    async (kit) => {
      const scene = await kit.scene({ body: '[]' });
      await kit.client(scene).nodes.list({ country: 'DE', query: { page: 2 } });
      const [sent, ...more] = (await scene.report()).received;
      equal(more.length, 0, 'the number of further requests');
      matches(sent ?? {}, { method: 'GET', path: '/nodes?country=DE&page=2', body: '' });
      equal(sent?.headers.authorization, testKey, 'the key');
      equal(sent?.headers['content-type'], undefined, 'the type of the body');
    },
  ],
  [
    'A start sends a batch of JSON, in UTF-8.',
    async (kit) => {
      const scene = await kit.scene(started);
      const client = kit.client(scene, { ...kit.billable, leaseVariable: false });
      const { uuid } = await client.services.mr.start({ ...order, envs: { GREETING: 'Grüße, 世界 🐙' }, ports: [22] });
      equal(uuid, 'u-1', 'the uuid');
      const [sent] = (await scene.report()).received;
      matches(sent ?? {}, {
        method: 'POST',
        path: '/services/mr',
        body: '[{"id":0,"app":"","envs":{"GREETING":"Grüße, 世界 🐙"},"ports":[22],"http_ports":[],"start_command":"","entrypoint":"","node_id":9010,"disk_size":50,"image":"ubuntu:24.04"}]',
      });
      equal(sent?.headers['content-type'], 'application/json', 'the type of the body');
    },
  ],
  [
    'Headers, query and body fields of a call are sent with it.',
    async (kit) => {
      const scene = await kit.scene({});
      const client = kit.client(scene, { headers: { 'x-team': 'one' } });
      await client.services.session('u-1').stop({ score: 5, headers: { 'x-call': 'two' }, query: { now: true } });
      const [sent] = (await scene.report()).received;
      matches(sent ?? {}, { method: 'POST', path: '/services/u-1/stop?now=true', body: '{"score":5}' });
      matches(sent?.headers ?? {}, { 'x-team': 'one', 'x-call': 'two' });
    },
  ],
  [
    'Ids go into paths encoded, and what would change the path is refused before anything is sent.',
    async (kit) => {
      const scene = await kit.scene({});
      const client = kit.client(scene);
      await client.services.session('a b/c?d').info();
      await rejection(kit.sdk.OctaConfigurationError, client.services.session('..').info());
      equal(await scene.lines(), ['GET /services/a%20b%2Fc%3Fd/info']);
    },
  ],
  [
    'A public call never sends the key.',
    async (kit) => {
      const scene = await kit.scene({ body: '{"market_price":0.1}' });
      equal((await kit.client(scene).network.get()).market_price, 0.1, 'the price');
      equal((await scene.report()).received[0]?.headers.authorization, undefined, 'the key');
    },
  ],
  [
    'Without a key a protected call fails before anything is sent.',
    async (kit) => {
      const scene = await kit.scene({});
      const call = kit.client(scene, { apiKey: undefined }).accounts.balance();
      matches(await rejection(kit.sdk.OctaAuthenticationError, call), { outcome: 'not-sent' });
      equal(await scene.lines(), []);
    },
  ],
  [
    'An empty key leaves the header out, and a function gives one for each attempt.',
    async (kit) => {
      const scene = await kit.scene({ status: 503 }, { body: '{"balance":1}' });
      let asked = 0;
      await kit.client(scene, { apiKey: async () => `octa-test-key-of-attempt-${++asked}` }).accounts.balance();
      await kit.client(scene, { apiKey: '' }).accounts.balance();
      const keys = (await scene.report()).received.map(({ headers }) => headers.authorization ?? 'none');
      equal(keys, ['octa-test-key-of-attempt-1', 'octa-test-key-of-attempt-2', 'none']);
    },
  ],
  [
    'The User-Agent names the SDK, except in browsers, which send their own.',
    async (kit) => {
      const scene = await kit.scene({});
      await kit.client(scene).network.get();
      const agent = (await scene.report()).received[0]?.headers['user-agent'] ?? '';
      const isOurs = agent === `octaspace-sdk-js/${kit.sdk.version}`;
      demand(isOurs !== kit.isExcepted('own-user-agent'), `it is ${agent}`);
    },
  ],
  [
    'A path is a base URL in browsers; elsewhere the error says what a base URL has to be.',
    async (kit) => {
      const scene = await kit.scene({ body: '{"balance":1}' });
      const client = kit.client({ url: new URL(scene.url).pathname });
      if (kit.isExcepted('relative-urls')) {
        equal((await client.accounts.balance()).balance, 1n, 'the balance');
        equal(await scene.lines(), ['GET /accounts/balance']);
      } else {
        const { message } = await rejection(kit.sdk.OctaConfigurationError, client.accounts.balance());
        demand(message.includes('baseUrl'), message);
      }
    },
  ],
  [
    'Calls at the same time get their own answers.',
    async (kit) => {
      const balances = Array.from({ length: 10 }, (_, index) => BigInt(index));
      const scenes = await Promise.all(balances.map((balance) => kit.scene({ body: `{"balance":${balance}}` })));
      const answers = scenes.map((scene) => kit.client(scene).accounts.balance());
      equal(
        (await Promise.all(answers)).map(({ balance }) => balance),
        balances,
      );
    },
  ],
  [
    'A call by path has the same key, retries and exact amounts.',
    async (kit) => {
      const scene = await kit.scene({ status: 503 }, { body: '{"balance":31428028938060847852}' }, { status: 404 });
      const { api } = kit.client(scene);
      const { data } = await api.GET('/accounts/balance');
      equal(data?.balance, 31428028938060847852n, 'the balance');
      const { error, response } = await api.GET('/nodes/{node_id}', { params: { path: { node_id: 7 } } });
      equal([response.status, error !== undefined], [404, true]);
      equal(await scene.lines(), ['GET /accounts/balance', 'GET /accounts/balance', 'GET /nodes/7']);
    },
  ],
  [
    'An argument that a method does not read is an error, and nothing is sent.',
    async (kit) => {
      const scene = await kit.scene({ body: '[]' });
      const nodes: { list(...given: readonly object[]): Promise<unknown> } = kit.client(scene).nodes;
      const { message } = await rejection(kit.sdk.OctaConfigurationError, nodes.list({}, { retries: 0 }));
      demand(message.startsWith('nodes.list takes 1 argument, but got 2'), message);
      equal(await scene.lines(), []);
    },
  ],
];
