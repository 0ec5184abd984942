/** A client that could not write heartbeats reads the ledger before it writes. */
import { describe, expect, test } from 'vitest';
import type { LeaseLedger } from '../../../src/index.ts';
import { memoryLedger, OctaSimulator } from '../../../src/testing/index.ts';
import { image, market } from '../../support/market.ts';

/** A client whose heartbeats are lost for a while, and another one that considers it dead. */
async function silenced() {
  const store = memoryLedger();
  let isSilent = false;
  const put: LeaseLedger['put'] = async (record) => {
    if (isSilent) throw new Error('unreachable');
    await store.put(record);
  };
  const ledger: LeaseLedger = { put, claim: store.claim, delete: store.delete, list: store.list };
  const lines: string[] = [];
  const note = (line: string) => void lines.push(line);
  const logger = { error: note, warn: note, info: note, debug: note };
  const simulator = new OctaSimulator({ machines: [{ node_id: 1 }] });
  const { client } = market({}, { fetch: simulator.fetch, ledger, logger, logLevel: 'warn' });
  const other = market({}, { fetch: simulator.fetch, ledger: store }).client;
  const session = await client.services.mr.rent({ node_id: 1, ...image });
  isSilent = true;
  await simulator.advance(61_000);
  const wake = () => {
    isSilent = false;
  };
  return { simulator, session, store, lines, client, other, wake };
}

describe('A client that resumes', () => {
  test('releases a session that another one has taken over, and does not stop it.', async () => {
    const { simulator, session, lines, client, other, wake } = await silenced();
    const { leases } = await other.leases.reconcile({ adopt: true, ttlMs: 0 });
    expect(leases).toMatchObject([{ verdict: 'adopted' }]);
    wake();
    await simulator.advance(20_000);
    expect(client.transportStats().leases).toMatchObject({ held: 0 });
    await session[Symbol.asyncDispose]();
    await client.close({ stopSessions: true });
    expect(simulator.running).toEqual([session.uuid]);
    expect(lines.join('\n')).toContain(`session ${session.uuid}`);
    expect(lines.join('\n')).toContain('was taken over by another client');
  });

  test('detects that its session was stopped, and writes no record of it.', async () => {
    const { simulator, session, store, client, other, wake } = await silenced();
    expect((await other.leases.reconcile({ ttlMs: 0 })).leases).toMatchObject([{ verdict: 'stopped' }]);
    const guard = session.guard({ maxDurationMs: 3_600_000 });
    wake();
    await simulator.advance(20_000);
    expect((await guard.done).reason).toBe('ended');
    expect((await store.list()).filter((record) => 'leaseId' in record)).toEqual([]);
    expect(client.transportStats().leases).toMatchObject({ held: 0 });
  });

  test('restores a lease that is missing in the ledger although its session runs.', async () => {
    const { simulator, session, store, wake } = await silenced();
    for (const record of await store.list()) if ('leaseId' in record) await store.delete(record.leaseId);
    wake();
    await simulator.advance(20_000);
    const leases = (await store.list()).filter((record) => 'leaseId' in record);
    expect(leases).toMatchObject([{ leaseId: session.leaseId, uuid: session.uuid, state: 'running' }]);
  });
});
