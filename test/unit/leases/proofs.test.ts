/** Background work for a session that was stopped, and is not proven over. */
import { expect, test } from 'vitest';
import { OctaClient } from '../../../src/index.ts';
import { memoryLedger, OctaSimulator } from '../../../src/testing/index.ts';
import { image, market } from '../../support/market.ts';

const minuteMs = 60_000;

test('The end of a scope is proven although the guard that stopped the session first was released.', async () => {
  const { simulator, client } = market({ lies: { ignoredStops: 1, ignoredForMs: 3 * minuteMs } });
  const session = await client.services.mr.start({ node_id: 1, ...image });
  const guard = session.guard({ maxDurationMs: 10_000, onError: () => undefined });
  await simulator.advance(92_000);
  guard.release();
  await session[Symbol.asyncDispose]();
  await simulator.advance(6 * minuteMs);
  expect(simulator.running).toEqual([]);
});

test('A released guard does not stop the session again.', async () => {
  const { simulator, client } = market({ lies: { ignoredStops: 1, ignoredForMs: 3 * minuteMs } });
  const session = await client.services.mr.start({ node_id: 1, ...image });
  const guard = session.guard({ maxDurationMs: 10_000, onError: () => undefined });
  await simulator.advance(92_000);
  guard.release();
  await simulator.advance(6 * minuteMs);
  expect(simulator.running).toEqual([session.uuid]);
});

test('A session that was gone and appears again is held as before.', async () => {
  const ledger = memoryLedger();
  const { simulator, client } = market({ lies: { vanishing: 1, vanishForMs: 3 * minuteMs } }, { ledger });
  const session = await client.services.mr.start({ node_id: 1, ...image });
  session.keep();
  session.guard({ maxDurationMs: 60 * minuteMs, onError: () => undefined });
  await simulator.advance(3 * minuteMs);
  await simulator.advance(5 * minuteMs);
  const records = (await ledger.list()).filter((record) => 'leaseId' in record);
  const limits = { maxDurationMs: 60 * minuteMs };
  expect(records).toMatchObject([{ uuid: session.uuid, state: 'running', kept: true, limits }]);
  expect(client.transportStats().leases).toMatchObject({ held: 1 });
  await session.stop({ verify: true });
  await simulator.advance(1_000);
  expect((await ledger.list()).filter((record) => 'leaseId' in record)).toEqual([]);
});

test('A client does not stop a session that another has taken over, whatever the client writes first.', async () => {
  const store = memoryLedger();
  let isSilent = false;
  const ledger = {
    ...store,
    put: async (...given: Parameters<typeof store.put>) => {
      if (isSilent) throw new Error('unreachable');
      await store.put(...given);
    },
  };
  const simulator = new OctaSimulator({ machines: [{ node_id: 1 }] });
  const options = { apiKey: 'a-key', fetch: simulator.fetch, logLevel: 'silent' } as const;
  const [client, other] = [new OctaClient({ ...options, ledger }), new OctaClient({ ...options, ledger: store })];
  const session = await client.services.mr.start({ node_id: 1, ...image });
  isSilent = true;
  await simulator.advance(61_000);
  expect((await other.leases.reconcile({ adopt: true, ttlMs: 0 })).leases).toMatchObject([{ verdict: 'adopted' }]);
  isSilent = false;
  session.guard({ maxDurationMs: 60 * minuteMs });
  await simulator.advance(1_000);
  await session[Symbol.asyncDispose]();
  await client.close({ stopSessions: true });
  expect(simulator.running).toEqual([session.uuid]);
});
