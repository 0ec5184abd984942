/** What single requests to a Worker do with a client, and a simulator, that were made while its module was loaded. */
import { isTimeout, OctaClient } from '@octaspace/sdk';
import { OctaSimulator } from '@octaspace/sdk/testing';
import { order } from './suite/kit.ts';

const simulator = new OctaSimulator({ machines: [{ node_id: order.node_id, readyAfterMs: 8_000 }] });
const client = new OctaClient({ apiKey: 'any', fetch: simulator.fetch, logLevel: 'silent' });
const hooked = new OctaClient({
  apiKey: 'any',
  fetch: simulator.fetch,
  // Takes real time, and longer than the request that it belongs to.
  onRequest: () => new Promise((resolve) => void setTimeout(resolve, 60_000)),
});
let rented: Awaited<ReturnType<typeof client.services.mr.rent>> | undefined;

async function list(): Promise<string> {
  await client.nodes.list();
  return 'listed';
}

/** Leaves work behind; what becomes of it is nobody's business. */
function leave(work: Promise<unknown>): 'left' {
  work.catch(() => undefined);
  return 'left';
}

async function forever(work: () => Promise<unknown>): Promise<never> {
  for (;;) await work();
}

/** By the path of the request. */
const acts: Readonly<Record<string, () => unknown>> = {
  list,
  many: async () => (await Promise.all(Array.from({ length: 20 }, list))).length,
  rent: async () => {
    rented = await client.services.mr.rent(order, { maxDurationMs: 3_600_000 });
    return simulator.running.length;
  },
  stop: async () => {
    await rented?.stop({ verify: true });
    return simulator.running.length;
  },
  advance: async () => {
    const before = simulator.now;
    await Promise.all([simulator.advance(1_000), simulator.advance(60_000)]);
    return simulator.now - before;
  },
  timeout: async () => {
    simulator.fail('listNodes', { delayMs: 60_000 });
    return await client.nodes.list({ timeoutMs: 1_000, retries: 0 }).catch(isTimeout);
  },
  'leave-calls': () => leave(forever(list)),
  'leave-advance': () => leave(forever(() => simulator.advance(10))),
  'leave-hook': () => leave(hooked.nodes.list()),
  'leave-stop': () => leave(Promise.resolve(rented?.stop())),
  'leave-stall': () => {
    simulator.fail('listNodes', { stall: 'headers' });
    return leave(client.nodes.list({ timeoutMs: 1_000_000, totalTimeoutMs: 0 }));
  },
  close: async () => {
    await client.close();
    return 'closed';
  },
};

/** Answers a request for one of them; undefined for any other. */
export async function answerAct({ url }: Request): Promise<Response | undefined> {
  const { pathname } = new URL(url);
  const act = acts[pathname.slice(1)];
  return act === undefined ? undefined : Response.json(await act());
}
