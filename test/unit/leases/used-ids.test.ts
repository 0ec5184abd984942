/** Ids that the caller chooses, and that a lease of another client in the ledger already has. */
import { expect, test } from 'vitest';
import {
  OctaAbortError,
  OctaClient,
  type OctaClientOptions,
  OctaConfigurationError,
  OctaError,
  parseOcta,
} from '../../../src/index.ts';
import { failure } from '../../support/failure.ts';
import { watchedLedger } from '../../support/leases.ts';
import { countOf, image, market } from '../../support/market.ts';

const id = 'job-17';
const message = `id "${id}" is already used for a lease of another client in the ledger; give each rental a new id`;
const order = { node_id: 1, ...image };
const otherOrder = { node_id: 2, ...image };

/** A market, and two clients with one ledger. */
function world(options: OctaClientOptions = {}) {
  const ledger = watchedLedger();
  const made = market({}, { ledger, logLevel: 'silent', ...options });
  const { fetch } = made.simulator;
  const other = new OctaClient({ apiKey: 'a-key', fetch, ledger, logLevel: 'silent', ...options });
  return { ...made, ledger, other };
}

test('A start is refused before it is sent, and neither session nor record of the other client changes.', async () => {
  const { client, other, ledger, simulator } = world();
  const { uuid } = await client.services.mr.rent(order, { id });
  const before = await ledger.leases();
  const error = await failure(other.services.mr.rent(otherOrder, { id }), OctaConfigurationError);
  expect([error.message, error.outcome, countOf(simulator, 'startMr')]).toEqual([message, 'not-sent', 1]);
  await simulator.advance(300_000);
  expect([simulator.running, await ledger.leases()]).toEqual([[uuid], before]);
  expect((await ledger.beats()).map(({ owner }) => owner)).toEqual([before[0]?.owner]);
});

test('A start that is given up during the check leaves the record of the other client alone.', async () => {
  const { client, other, ledger, simulator } = world();
  const { uuid } = await client.services.mr.rent(order, { id });
  const before = await ledger.leases();
  const list = ledger.list;
  const controller = new AbortController();
  ledger.list = async () => {
    controller.abort();
    // After an abort, a start has 30 s to end.
    await simulator.advance(40_000);
    return list();
  };
  await failure(other.services.mr.rent(otherOrder, { id, signal: controller.signal }), OctaAbortError);
  ledger.list = list;
  await simulator.advance(300_000);
  expect([simulator.running, await ledger.leases()]).toEqual([[uuid], before]);
});

test('After a crash, the session of the dead client still counts towards maxTotalSpend.', async () => {
  const { client, other } = world({ maxTotalSpend: parseOcta('10') });
  await client.services.mr.rent(order, { id, maxSpend: parseOcta('8') });
  const { left } = await other.leases.spending();
  await failure(other.services.mr.rent(otherOrder, { id, maxSpend: parseOcta('1') }), OctaConfigurationError);
  expect(await other.leases.spending()).toMatchObject({ left });
});

test('The ids of further candidates and of rentMany are checked too.', async () => {
  const { client, other, simulator } = world();
  await client.services.mr.rent(order, { id: `${id}.2` });
  simulator.machine(2).refuse('busy');
  const candidates = other.services.mr.rent({ candidates: [2, 3], ...image }, { id });
  expect((await failure(candidates, OctaConfigurationError)).message).toContain(`id "${id}.2" is already used`);
  const many = other.services.mr.rentMany([{ node_id: 3, ...image }], { ids: [`${id}.2`] });
  expect(await many.catch((error) => error.cause)).toBeInstanceOf(OctaConfigurationError);
  expect(simulator.running).toHaveLength(1);
});

test('An id can be used again once its lease has left the ledger.', async () => {
  const { client, other } = world();
  const session = await client.services.mr.rent(order, { id });
  await session.stop({ verify: true });
  expect((await other.services.mr.rent(otherOrder, { id })).leaseId).toBe(id);
});

test('The ledger is not read for random ids.', async () => {
  const { client, ledger } = world();
  let reads = 0;
  const { list } = ledger;
  ledger.list = () => {
    reads++;
    return list();
  };
  await client.services.mr.rent(order);
  await client.services.mr.start(otherOrder);
  expect(reads).toBe(0);
});

test('If the ledger cannot be read, a start with a chosen id is not sent.', async () => {
  const { client, ledger, simulator } = world();
  ledger.list = () => Promise.reject(new Error('the disk is gone'));
  const error = await failure(client.services.mr.rent(order, { id }), OctaError);
  expect([error.outcome, error.message, countOf(simulator, 'startMr')]).toEqual([
    'not-sent',
    expect.stringContaining('the disk is gone'),
    0,
  ]);
});
