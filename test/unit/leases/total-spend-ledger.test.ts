/** `maxTotalSpend` of clients with a ledger: the total survives a restart, and processes that share the ledger share it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type LeaseLedger, OctaClient, type OctaClientOptions, type OctaError } from '../../../src/index.ts';
import { fileLedger } from '../../../src/node/index.ts';
import { memoryLedger, OctaSimulator } from '../../../src/testing/index.ts';
import { freezable, recordOf, watchedLedger } from '../../support/leases.ts';
import { image, market, secretiveMarket } from '../../support/market.ts';

const octa = 10n ** 18n;
const hourMs = 3_600_000;
const folder = mkdtempSync(join(tmpdir(), 'octa-total-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A market with a client, and a function that creates another client, as another process would. */
function shared(ledger: LeaseLedger, maxTotalSpend: OctaClientOptions['maxTotalSpend'] = 2n * octa) {
  const { simulator, client } = market({}, { ledger, maxTotalSpend });
  const open = (options: OctaClientOptions = {}) =>
    new OctaClient({ apiKey: 'key', fetch: simulator.fetch, logLevel: 'silent', ledger, maxTotalSpend, ...options });
  return { simulator, client, open };
}

const refused = { reason: 'total-spend', outcome: 'not-sent' };

test('What a client has spent counts after a restart, for the window.', async () => {
  const { simulator, client, open } = shared(memoryLedger(), { amount: 2n * octa, windowMs: hourMs });
  const session = await client.services.mr.rent({ node_id: 1, ...image }, { maxSpend: 2n * octa });
  await session.stop({ verify: true });
  await client.close();
  const next = open();
  const spent = simulator.spent;
  expect(await next.leases.spending()).toMatchObject({ spent, reserved: 0n, left: 2n * octa - spent });
  const order = { node_id: 1, ...image };
  await expect(next.services.mr.rent(order, { maxSpend: 2n * octa })).rejects.toMatchObject(refused);
  await simulator.advance(hourMs);
  await next.services.mr.rent(order, { maxSpend: 2n * octa });
});

test('What is spent and reserved survives in files, too.', async () => {
  const simulator = new OctaSimulator({ machines: [{ node_id: 1 }, { node_id: 2 }] });
  await using server = await simulator.listen();
  const open = () => {
    const ledger = fileLedger(folder);
    return new OctaClient({ apiKey: 'key', baseUrl: server.url, ledger, maxTotalSpend: 2n * octa, logLevel: 'silent' });
  };
  const first = open();
  const reserving = { reserved: 2n * octa, left: 0n };
  const session = await first.services.mr.start({ node_id: 1, ...image });
  expect(await open().leases.spending()).toMatchObject(reserving);
  await expect(open().services.mr.start({ node_id: 2, ...image })).rejects.toMatchObject(refused);
  await session.stop({ verify: true });
  await first.close();
  const { spent, reserved } = await open().leases.spending();
  expect([spent, reserved]).toEqual([simulator.spent, 0n]);
});

test('What a dead client has reserved counts, until its session is settled; then its charge does.', async () => {
  const { simulator, client, open } = shared(memoryLedger());
  const session = await client.services.mr.rent({ node_id: 1, ...image }, { maxSpend: octa });
  await client.close();
  const next = open();
  expect(await next.leases.spending()).toMatchObject({ spent: 0n, reserved: octa });
  // A reaper has no limit of its own.
  const { leases } = await open({ maxTotalSpend: undefined }).leases.reconcile({ ttlMs: 0 });
  expect(leases.map(({ verdict }) => verdict)).toEqual(['stopped']);
  expect(simulator.running).not.toContain(session.uuid);
  expect(await next.leases.spending()).toMatchObject({ spent: simulator.spent, reserved: 0n });
});

test('A session that was over before a reconciliation counts with its charge.', async () => {
  const { simulator, client, open } = shared(memoryLedger());
  const session = await client.services.mr.rent({ node_id: 1, ...image }, { maxSpend: octa });
  await client.close();
  const next = open();
  await next.services.session(session.uuid).stop();
  const { leases } = await open({ maxTotalSpend: undefined }).leases.reconcile({ ttlMs: 0 });
  expect(leases.map(({ verdict }) => verdict)).toEqual(['over']);
  expect(await next.leases.spending()).toMatchObject({ spent: simulator.spent, reserved: 0n });
});

test('A charge that was unknown when somebody else ended the session counts once the API reports it.', async () => {
  const ledger = memoryLedger();
  const { simulator, hiding, client, open } = secretiveMarket({ ledger, maxTotalSpend: 2n * octa });
  await client.services.mr.rent({ node_id: 1, ...image }, { maxSpend: octa });
  await client.close();
  hiding.hidden = 'charges';
  const reaper = open({ maxTotalSpend: undefined });
  await reaper.leases.reconcile({ ttlMs: 0 });
  const spentOf = async () => (await ledger.list()).filter((record) => 'charge' in record);
  expect(await spentOf()).toMatchObject([{ charge: String(octa), isEstimate: true }]);
  const next = open();
  expect(await next.leases.spending()).toMatchObject({ spent: octa, reserved: 0n });
  hiding.hidden = undefined;
  expect(await next.leases.spending()).toMatchObject({ spent: simulator.spent, reserved: 0n });
  expect(await spentOf()).toEqual([expect.not.objectContaining({ isEstimate: true })]);
  // The charge is final, so nobody asks again.
  const asked = simulator.requests.length;
  expect((await open().leases.spending()).spent).toBe(simulator.spent);
  expect(simulator.requests.length).toBe(asked);
});

test('A client that takes over a session counts it, and guards it with the reserved amount.', async () => {
  const { simulator, client, open } = shared(memoryLedger());
  const { leaseId = '' } = await client.services.mr.rent({ node_id: 1, ...image }, { maxSpend: octa });
  await client.close();
  const next = open();
  const session = await next.leases.attach(leaseId);
  const { spent, reserved } = await next.leases.spending();
  expect(spent + reserved).toBe(octa);
  session.guards[0]?.release();
  expect(session.guards.map(({ limits }) => limits.maxSpend)).toEqual([octa]);
  await session.stop({ verify: true });
  expect(await next.leases.spending()).toMatchObject({ spent: simulator.spent, reserved: 0n });
});

test('Two processes that start at the same time do not exceed it together.', async () => {
  const { simulator, client, open } = shared(memoryLedger());
  const other = open();
  const rent = (renter: OctaClient, node_id: number) =>
    renter.services.mr.rent({ node_id, ...image }, { maxSpend: 2n * octa });
  const ends = await Promise.allSettled([rent(client, 1), rent(other, 2)]);
  expect(simulator.sessions.length).toBeLessThanOrEqual(1);
  const reasons = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
  const figures = { wanted: 2n * octa, spent: 0n, reserved: 2n * octa, left: 0n };
  expect(reasons[0]).toMatchObject({ ...refused, totalSpend: figures });
  const plain = await Promise.allSettled([client.services.mr.start({ node_id: 3, ...image })]);
  expect(plain.length + simulator.running.length).toBeLessThanOrEqual(2);
});

test('The amount of a refused start is released at once.', async () => {
  const { simulator, client, open } = shared(memoryLedger());
  simulator.machine(1).refuse('busy', 2);
  await expect(client.services.mr.start({ node_id: 1, ...image })).rejects.toThrow('busy');
  await expect(client.services.mr.rent({ node_id: 1, ...image })).rejects.toThrow('busy');
  await client.services.mr.rent({ node_id: 1, ...image }, { maxSpend: 2n * octa });
  await expect(open().services.mr.start({ node_id: 2, ...image })).rejects.toMatchObject(refused);
});

test('Records of clients without the option, or of older versions, count with the limits that they have.', async () => {
  const ledger = memoryLedger();
  const { client } = shared(ledger);
  await ledger.put(
    recordOf(client, { leaseId: 'one', state: 'running', uuid: 'a', limits: { maxSpend: String(octa) } }),
  );
  await ledger.put(recordOf(client, { leaseId: 'two', state: 'running', uuid: 'b' }));
  expect(await client.leases.spending()).toMatchObject({ spent: 0n, reserved: octa, left: octa });
});

test('Charges are deleted from the ledger after their window.', async () => {
  const ledger = watchedLedger();
  const { simulator, client, open } = shared(ledger, { amount: 2n * octa, windowMs: hourMs });
  const spend = async () => await (await client.services.mr.rent({ node_id: 1, ...image })).stop({ verify: true });
  const charges = async () => (await ledger.list()).filter((record) => 'charge' in record).length;
  await spend();
  expect(await charges()).toBe(1);
  await simulator.advance(hourMs);
  await spend();
  expect(await charges()).toBe(1);
  await simulator.advance(hourMs);
  await open({ maxTotalSpend: undefined }).leases.reconcile();
  expect(await charges()).toBe(0);
});

test('A ledger that cannot be read starts nothing.', async () => {
  const ledger = freezable(memoryLedger());
  const { simulator, client } = shared(ledger);
  ledger.isFrozen = true;
  const error: OctaError = await client.services.mr.rent({ node_id: 1, ...image }).catch((reason) => reason);
  expect(error).toMatchObject({ name: 'OctaError', outcome: 'not-sent' });
  expect(error.message).toBe('could not read the ledger: Error: the process is frozen');
  expect(simulator.requests).toEqual([]);
});
