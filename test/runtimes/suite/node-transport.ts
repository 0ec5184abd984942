/** `@octaspace/sdk/node`. */
import type { NodeFetch, NodeFetchOptions } from '@octaspace/sdk/node';
import { demand, equal, matches, rejection } from './expect.ts';
import { type Kit, order, started, type Test } from './kit.ts';

const good = { body: '{"balance":31428028938060847852}' } as const;

function transportOf({ modules: { node } }: Kit, options: NodeFetchOptions = {}): NodeFetch {
  demand(node !== undefined, 'the entry point was not loaded');
  return node.nodeFetch(options);
}

/** For runtimes that can load the transport, but not use it. */
export const withoutNodeTransport: readonly Test[] = [
  [
    'nodeFetch says that it does not run here.',
    async (kit) => {
      const scene = await kit.scene(good);
      const call = kit.client(scene, { fetch: transportOf(kit) }).accounts.balance();
      const { message } = await rejection(kit.sdk.OctaConfigurationError, call);
      demand(message.includes('does not support'), message);
      equal(await scene.lines(), []);
    },
  ],
];

/** For runtimes that have the transport. */
export const nodeTransport: readonly Test[] = [
  [
    'nodeFetch keeps its connection, is exact, and counts.',
    async (kit) => {
      const scene = await kit.scene(good);
      await using client = kit.client(scene, { fetch: transportOf(kit) });
      for (let count = 0; count < 3; count++) {
        equal((await client.accounts.balance()).balance, 31428028938060847852n, 'the balance');
      }
      matches(client.transportStats().connections ?? {}, {
        totals: { requests: 3, connectionsOpened: 1, resent: 0 },
      });
    },
  ],
  [
    'nodeFetch sends a start once, and proves that a dead address never got it.',
    async (kit) => {
      const broken = await kit.scene(good, { fault: 'reset' }, started);
      await using once = kit.client(broken, { fetch: transportOf(kit), retries: 5 });
      await once.accounts.balance();
      matches(await rejection(kit.sdk.OctaNetworkError, once.services.mr.start(order)), { outcome: 'unknown' });
      equal(await broken.lines(), ['GET /accounts/balance', 'POST /services/mr']);

      const live = await kit.scene(started);
      const baseUrls = [kit.task.deadUrl, live.url];
      await using rotating = kit.client(live, { fetch: transportOf(kit), baseUrls });
      equal((await rotating.services.mr.start(order)).uuid, 'u-1', 'the uuid');
      equal(await live.lines(), ['POST /services/mr']);
    },
  ],
  [
    'nodeFetch reads a long answer, gives up a silent server, and ends when it is told to.',
    async (kit) => {
      const long = await kit.scene({ body: '["0123456789"]', form: 'slices' }, { fault: 'stall' });
      await using client = kit.client(long, { fetch: transportOf(kit), retries: 0, timeoutMs: 300 });
      const { body } = await client.nodes.downloadLogs(7).asResponse();
      equal(await new Response(body).text(), '["0123456789"]');
      matches(await rejection(kit.sdk.OctaTimeoutError, client.accounts.balance()), { timeout: 'timeoutMs' });
      const controller = new AbortController();
      long.arrived(3).then(
        () => controller.abort('enough'),
        () => undefined,
      );
      const call = client.accounts.balance({ signal: controller.signal, timeoutMs: 0 });
      equal((await rejection(kit.sdk.OctaAbortError, call)).cause, 'enough', 'the cause');
    },
  ],
  [
    'After close nodeFetch has no connection left.',
    async (kit) => {
      const scene = await kit.scene(good);
      const fetch = transportOf(kit);
      const client = kit.client(scene, { fetch });
      await client.accounts.balance();
      await client.close();
      equal(fetch.stats().origins, [], 'the origins with connections');
      await rejection(kit.sdk.OctaConfigurationError, client.accounts.balance());
    },
  ],
];
