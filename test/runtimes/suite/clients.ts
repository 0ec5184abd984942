/** Clients as a whole: hooks, closing, the shared one. */
import { demand, equal, rejection } from './expect.ts';
import { type Test, testKey } from './kit.ts';

const good = { body: '{"balance":1}' } as const;

export const clients: readonly Test[] = [
  [
    'Hooks see every attempt, may add headers, and never see the key.',
    async (kit) => {
      const scene = await kit.scene({ status: 503 }, good);
      const seen: unknown[] = [];
      const client = kit.client(scene, {
        onRequest: ({ operation, method, url, headers, attempt }) => {
          seen.push([operation, method, url, attempt]);
          demand(!JSON.stringify(headers).includes(testKey), 'the hook has seen the key');
          headers.set('x-trace-id', `t-${attempt}`);
        },
        onResponse: async ({ request, status }) => void seen.push([request.attempt, status]),
        onRetry: ({ attempt, error }) => void seen.push([attempt, error.name]),
      });
      await client.accounts.balance();
      const sent = ['getBalance', 'GET', `${scene.url}/accounts/balance`];
      const first = [
        [...sent, 1],
        [1, 503],
        [1, 'OctaServiceUnavailableError'],
      ];
      equal(seen, [...first, [...sent, 2], [2, 200]]);
      const traces = (await scene.report()).received.map(({ headers }) => headers['x-trace-id']);
      equal(traces, ['t-1', 't-2']);
    },
  ],
  [
    'What onRequest throws fails the call before anything is sent; what the others throw is logged.',
    async (kit) => {
      const scene = await kit.scene(good);
      class OfMine extends Error {}
      const refusing = kit.client(scene, {
        onRequest: () => {
          throw new OfMine('not now');
        },
      });
      await rejection(OfMine, refusing.accounts.balance());
      equal(await scene.lines(), []);
      const lines: unknown[] = [];
      const log = (...given: unknown[]) => void lines.push(given);
      const client = kit.client(scene, {
        logLevel: 'debug',
        logger: { error: log, warn: log, info: log, debug: log },
        onResponse: () => {
          throw new OfMine('of no interest');
        },
      });
      equal((await client.accounts.balance()).balance, 1n, 'the balance');
      const text = lines.map((line) => `${JSON.stringify(line)} ${String(line)}`).join('\n');
      demand(text.includes('onResponse threw') && text.includes('getBalance'), text);
      demand(!text.includes(testKey), 'the key is in the log');
    },
  ],
  [
    'A client closes at the end of its scope, once what is under way has ended.',
    async (kit) => {
      const scene = await kit.scene(good);
      const kept = kit.client(scene);
      let call: Promise<unknown> = Promise.resolve();
      {
        await using client = kept;
        call = client.accounts.balance().then(({ balance }) => balance);
        equal(client.transportStats().activeCalls, 1, 'the number of calls under way');
      }
      equal(
        [kept.closed, kept.transportStats().activeCalls],
        [true, 0],
        'whether it is closed, and the number of calls',
      );
      equal(await call, 1n, 'the balance');
      await rejection(kit.sdk.OctaConfigurationError, kept.accounts.balance());
    },
  ],
  [
    'The shared client is made once, as configured, until it is shut down.',
    async (kit) => {
      const { configure, resetConfiguration, sharedClient, shutdownSharedClient } = kit.sdk;
      const scene = await kit.scene(good);
      configure({ apiKey: testKey, baseUrl: scene.url });
      try {
        const client = sharedClient();
        demand(client === sharedClient(), 'there are two of them');
        equal((await client.accounts.balance()).balance, 1n, 'the balance');
        await shutdownSharedClient();
        equal([client.closed, sharedClient() === client], [true, false], 'whether it is closed, and handed out again');
        await shutdownSharedClient();
      } finally {
        resetConfiguration();
      }
    },
  ],
  [
    'fromEnv reads OCTA_* variables, where there are any.',
    async (kit) => {
      const scene = await kit.scene(good);
      const client = kit.sdk.OctaClient.fromEnv({ baseUrl: scene.url, logLevel: 'silent' });
      if (kit.isExcepted('no-environment')) {
        await rejection(kit.sdk.OctaAuthenticationError, client.accounts.balance());
        return;
      }
      await client.accounts.balance();
      equal((await scene.report()).received[0]?.headers.authorization, 'octa-key-of-the-environment', 'the key');
    },
  ],
];
