/** The limits of a session in the ledger. */
import { expect, test } from 'vitest';
import { OctaClient, OctaError } from '../../../src/index.ts';
import { memoryLedger } from '../../../src/testing/index.ts';
import { failure } from '../../support/failure.ts';
import { recordOf, watchedLedger } from '../../support/leases.ts';
import { image, market } from '../../support/market.ts';

const minuteMs = 60_000;

/** A session of a client with a ledger, and another client that reconciles. */
async function rented(limits = {}) {
  const ledger = watchedLedger();
  const { simulator, client } = market({}, { ledger });
  const other = market({}, { fetch: simulator.fetch, ledger }).client;
  const session = await client.services.mr.rent({ node_id: 1, ...image }, limits);
  return { simulator, ledger, session, other };
}

test('A released guard leaves no limits at which others would stop the session.', async () => {
  const { simulator, ledger, session, other } = await rented();
  session.guard({ maxDurationMs: minuteMs }).release();
  await simulator.advance(5 * minuteMs);
  expect((await ledger.leases())[0]?.limits).toEqual({});
  expect((await other.leases.reconcile()).leases).toMatchObject([{ verdict: 'owned' }]);
  expect(simulator.running).toEqual([session.uuid]);
});

test('The ledger has the strictest limits of several guards, and those of the others once that guard is released.', async () => {
  const { simulator, ledger, session } = await rented({ maxDurationMs: 60 * minuteMs });
  const guard = session.guard({ maxSpend: 5_000_000_000_000_000_000_000n, maxDurationMs: 90 * minuteMs });
  await simulator.advance(1_000);
  expect((await ledger.leases())[0]?.limits).toEqual({
    maxDurationMs: 60 * minuteMs,
    maxSpend: '5000000000000000000000',
  });
  guard.release();
  await simulator.advance(1_000);
  expect((await ledger.leases())[0]?.limits).toEqual({ maxDurationMs: 60 * minuteMs });
});

test('Others enforce them even if the API reports no duration, by the clock of the API.', async () => {
  const ledger = watchedLedger();
  const { simulator, client } = market({}, { ledger });
  await client.services.mr.start({ node_id: 2, ...image });
  const [{ owner } = { owner: '' }] = await ledger.beats();
  const agoMs = 20 * minuteMs;
  const { uuid } = simulator.startForeign({ node_id: 1, agoMs, envs: { OCTA_LEASE_ID: 'lease-1' } });
  const limits = { maxDurationMs: 10 * minuteMs };
  await ledger.put(recordOf(client, { uuid, state: 'running', agoMs, limits, owner }));
  const fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const response = await simulator.fetch(url, init);
    const text = (await response.text()).replaceAll(/"duration":[\d.]+,?/g, '');
    return new Response(text, response);
  };
  const other = new OctaClient({ apiKey: 'a-key', fetch, clock: simulator.clock, ledger, logLevel: 'silent' });
  const { leases } = await other.leases.reconcile();
  expect(leases.find(({ leaseId }) => leaseId === 'lease-1')?.verdict).toBe('stopped');
  expect(simulator.running).not.toContain(uuid);
});

test.each(['list', 'put'] as const)(
  'A ledger that never responds to %s fails a rental, and does not keep the client open.',
  async (name) => {
    const ledger = { ...memoryLedger(), [name]: () => new Promise<never>(() => undefined) };
    const { client, simulator } = market({}, { ledger, maxTotalSpend: 10n ** 20n, timeoutMs: 0, totalTimeoutMs: 0 });
    const renting = failure(client.services.mr.rent({ node_id: 1, ...image }), OctaError);
    await simulator.advance(31_000);
    const error = await renting;
    expect(error.outcome).toBe('not-sent');
    expect(error.message).toContain(`the ledger did not respond to ${name} within 30 s`);
    expect(simulator.sessions).toEqual([]);
    const closing = client.close();
    await simulator.advance(31_000);
    await closing;
  },
);

test('The time of a ledger does not count as time of the API.', async () => {
  const memory = memoryLedger();
  const slow = async (record: Parameters<typeof memory.put>[0]): Promise<void> => {
    await new Promise<void>((resolve) => void simulator.clock.setTimer(resolve, 20_000, 'wait'));
    await memory.put(record);
  };
  const { client, simulator } = market({}, { ledger: { ...memory, put: slow }, timeoutMs: 5_000 });
  const renting = client.services.mr.rent({ node_id: 1, ...image });
  await simulator.advance(2 * minuteMs);
  await expect(renting).resolves.toMatchObject({ uuid: expect.any(String) });
});

test('A ledger that never responds is named, even if timeoutMs is shorter.', async () => {
  const ledger = { ...memoryLedger(), put: () => new Promise<never>(() => undefined) };
  const { client, simulator } = market({}, { ledger, timeoutMs: 5_000 });
  const renting = failure(client.services.mr.rent({ node_id: 1, ...image }), OctaError);
  await simulator.advance(31_000);
  expect((await renting).message).toContain('the ledger did not respond to put within 30 s');
  expect(simulator.sessions).toEqual([]);
});
