/** The limits of `octaspace mcp`: what counts for how long, across restarts and for several servers with one ledger. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkLimits, LimitError, totalSpendError } from '../../../../src/cli/mcp/limits.ts';
import { memoryLedger, OctaSimulator, type OctaSimulatorOptions } from '../../../../src/testing/index.ts';
import { type McpUser, mcpSettings, octa, openMcp } from '../../../support/mcp.ts';

const hourMs = 3_600_000;
const { limits = expect.fail() } = mcpSettings();

/** A market with one ledger, on which servers come and go. */
function sharedWorld(options: OctaSimulatorOptions = {}) {
  const simulator = new OctaSimulator(options);
  let ids = 0;
  const shared = { ledger: memoryLedger(), newId: () => String(++ids) };
  return { simulator, open: () => openMcp({}, simulator, shared) };
}

async function rent({ call }: McpUser, max_spend_octa: string, more: Record<string, unknown> = {}) {
  const { machines } = (await call('find_machines', { limit: 1 })).data;
  const order = { kind: 'machine', node_id: machines[0].node_id, image: 'ubuntu:24.04' };
  const { quote_id } = (await call('quote', order)).data;
  return (await call('rent', { quote_id, max_spend_octa, max_minutes: 60, ...more })).data;
}

async function budgetOf({ call }: McpUser) {
  return (await call('get_account')).data.budget;
}

function sumOf({ spent, reserved }: { spent: { wei: string }; reserved: { wei: string } }): bigint {
  return BigInt(spent.wei) + BigInt(reserved.wei);
}

test('A single session is refused with the figures if it would cost or run too much, or too many run.', () => {
  const refusal = (maxSpend: bigint, maxMinutes: number, sessions: number) => {
    try {
      checkLimits({ maxSpend, maxMinutes }, limits, sessions);
      return undefined;
    } catch (error) {
      return error instanceof LimitError ? error.figures : error;
    }
  };
  expect(refusal(2n * octa, 60, 1)).toBeUndefined();
  expect(refusal(2n * octa + 1n, 60, 1)).toEqual({ max_spend_octa: '2.000000000000000001', limit_octa: '2' });
  expect(refusal(octa, 60.5, 1)).toEqual({ max_minutes: 60.5, limit_minutes: 60 });
  expect(refusal(octa, 60, 2)).toEqual({ sessions: 2, limit_sessions: 2 });
});

test('A refusal by the limit for all sessions says when enough is free, in whole minutes.', () => {
  const total = { limit: 5n * octa, windowMs: 24 * hourMs, spent: 4n * octa, reserved: 0n, left: octa };
  const { message, figures } = totalSpendError({ ...total, wanted: 2n * octa, freesInMs: 60_001 });
  expect(message).toBe(
    'max_spend_octa is 2, but 1 OCTA are left of 5 for 24 hours: 4 are spent, and 0 are reserved; enough is free in 2 minutes',
  );
  expect(figures).toMatchObject({ left_octa: '1', free_in_minutes: 2 });
});

describe('What sessions may cost', () => {
  test('counts in full while they run, and with their charge afterwards.', async () => {
    await using mcp = await openMcp();
    const { session } = await rent(mcp, '2');
    expect(sumOf(await budgetOf(mcp))).toBe(2n * octa);
    const { stopped } = (await mcp.call('stop_session', { session: session.rental_id })).data;
    expect(await budgetOf(mcp)).toMatchObject({ spent: stopped.charge, reserved: { octa: '0' }, sessions: 0 });
  });

  test('counts for a start of unknown outcome for 24 hours after its session may have begun.', async () => {
    await using mcp = await openMcp();
    mcp.simulator.fail('startMr', { lost: 'before' });
    const { session } = await rent(mcp, '2', { wait_seconds: 600 });
    expect(session).toMatchObject({ state: 'over', end: { reason: 'failed' } });
    expect(await budgetOf(mcp)).toMatchObject({ spent: { octa: '0' }, reserved: { octa: '2' }, sessions: 0 });
    await mcp.simulator.advance(24 * hourMs);
    expect(await budgetOf(mcp)).toMatchObject({ reserved: { octa: '2' } });
    await mcp.simulator.advance(hourMs / 4);
    expect(await budgetOf(mcp)).toMatchObject({ spent: { octa: '0' }, reserved: { octa: '0' }, left: { octa: '5' } });
  });

  test('counts after a restart, for 24 hours.', async () => {
    const world = sharedWorld();
    const first = await world.open();
    const { session } = await rent(first, '2');
    const { stopped } = (await first.call('stop_session', { session: session.rental_id })).data;
    await first[Symbol.asyncDispose]();
    await using next = await world.open();
    expect(await budgetOf(next)).toMatchObject({ spent: stopped.charge, reserved: { octa: '0' }, sessions: 0 });
    await world.simulator.advance(24 * hourMs);
    expect(await budgetOf(next)).toMatchObject({ spent: { octa: '0' }, left: { octa: '5' } });
  });

  test('counts in full after the death of a server, until its session is ended; then its charge does.', async () => {
    const world = sharedWorld();
    const dead = await world.open();
    await rent(dead, '2');
    // Its client stops nothing.
    await dead.backend.client.close();
    await using next = await world.open();
    expect(await budgetOf(next)).toMatchObject({ spent: { octa: '0' }, reserved: { octa: '2' }, left: { octa: '3' } });
    await next.backend.client.leases.reconcile();
    expect(world.simulator.running).toEqual([]);
    expect(await budgetOf(next)).toMatchObject({
      spent: { wei: String(world.simulator.spent) },
      reserved: { octa: '0' },
    });
  });

  test('counts for all servers that share a ledger.', async () => {
    const world = sharedWorld();
    await using one = await world.open();
    await using other = await world.open();
    await rent(one, '2');
    await rent(one, '2');
    expect((await rent(other, '1.5')).error.figures).toEqual({
      max_spend_octa: '1.5',
      spent_octa: '0',
      reserved_octa: '4',
      left_octa: '1',
      limit_octa: '5',
    });
    expect((await rent(other, '1')).session).toMatchObject({ state: 'running' });
    expect(world.simulator.sessions.length).toBe(3);
  });

  test('is not passed by servers that rent at the same moment; those that are refused get the figures.', async () => {
    const world = sharedWorld({ latencyMs: 50 });
    const servers = await Promise.all([1, 2, 3, 4].map(() => world.open()));
    const { machines } = (await servers[0]?.call('find_machines', { limit: 4 }))?.data ?? expect.fail();
    const quotes = await Promise.all(
      servers.map(async ({ call }, index) => {
        const order = { kind: 'machine', node_id: machines[index].node_id, image: 'ubuntu:24.04' };
        return (await call('quote', order)).data.quote_id as string;
      }),
    );
    const limited = { max_spend_octa: '2', max_minutes: 60 };
    const answers = await Promise.all(
      servers.map(({ call }, at) => call('rent', { quote_id: quotes[at], ...limited })),
    );
    expect(world.simulator.sessions.length).toBeLessThanOrEqual(2);
    const refused = answers.filter(({ isError }) => isError);
    expect(refused.length).toBe(4 - world.simulator.sessions.length);
    for (const { data } of refused) {
      expect(data.error).toMatchObject({ name: 'LimitError', figures: { max_spend_octa: '2', limit_octa: '5' } });
      expect(Number(data.error.figures.left_octa)).toBeLessThan(2);
    }
    // What was refused is given back, and its quote can be used again.
    for (const { call } of servers) await call('stop_all_sessions');
    const at = answers.findIndex(({ isError }) => isError);
    const again = await servers[at]?.call('rent', { quote_id: quotes[at], ...limited });
    expect(again?.data.session).toMatchObject({ state: 'running' });
    for (const server of servers) await server[Symbol.asyncDispose]();
  });
});

test('Calls at the same moment do not pass a limit together, even if they do not wait for their sessions.', async () => {
  await using mcp = await openMcp({ limits: { ...limits, maxTotalSpend: 3n * octa, maxSessions: 9 } });
  const { machines } = (await mcp.call('find_machines', { limit: 3 })).data;
  const calls = machines.map(async ({ node_id }: { node_id: number }) => {
    const { quote_id } = (await mcp.call('quote', { kind: 'machine', node_id, image: 'a' })).data;
    return mcp.call('rent', { quote_id, max_spend_octa: '1.5', max_minutes: 60, wait_seconds: 0 });
  });
  const answers = await Promise.all(calls);
  const refused = answers.filter(({ isError }) => isError);
  expect(refused.map(({ data }) => data.error.figures)).toEqual([
    { max_spend_octa: '1.5', spent_octa: '0', reserved_octa: '3', left_octa: '0', limit_octa: '3' },
  ]);
});

describe('A file of the ledger that cannot be used', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'octaspace-mcp-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('stops further sessions, and is named, until it is deleted.', async () => {
    await using server = await openMcp({}, {}, { folder });
    const file = join(folder, 'spent.spent-b.json');
    await writeFile(file, '{"version":1,');
    const { error } = await rent(server, '1');
    expect(error.message).toBe(
      `${file} cannot be used, so what was spent is unknown; delete it if you know what was spent`,
    );
    expect(server.simulator.sessions).toEqual([]);
    await rm(file);
    expect((await rent(server, '1')).session).toBeDefined();
  });
});
