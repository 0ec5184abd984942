/** Limits that end a call: its total time, the budget for retries, the size of a response. */
import { describe, expect, test, vi } from 'vitest';
import {
  apart,
  callTable,
  cellsOf,
  cellTests,
  every,
  expectCell,
  fails,
  faultClient,
  observe,
  settle,
} from '../support/fault-cells.ts';
import { deadUrl, faults, status } from '../support/fault-list.ts';
import { type Fault, serveFaults } from '../support/fault-server.ts';
import { transports } from '../support/fault-transports.ts';
import { limitRows } from './later-rows.ts';

/** A number of consecutive failures of the server. */
function failing(count: number): readonly [Fault, ...Fault[]] {
  return [status(500), ...Array<Fault>(count - 1).fill(status(500))];
}

const repeatable = callTable.filter(([, , effect]) => effect === 'read' || effect === 'idempotent');

describe.each(transports)('With %s', (_, makeFetch) => {
  test.concurrent.each(cellTests(limitRows))('%s', async (__, row, effect) => {
    expectCell(row, effect, await observe(row, effect, makeFetch()));
  });

  test.concurrent.each(repeatable)('row 71: totalTimeoutMs ends %s within its second attempt.', async (__, send) => {
    await using server = await serveFaults(faults.hang_headers);
    const client = faultClient([server], { fetch: makeFetch(), timeoutMs: 500, totalTimeoutMs: 900 });
    const { error, ...cell } = await settle(send(client));
    expect({ ...cell, seen: server.received.length }).toEqual({
      ...fails('OctaTimeoutError', 'unknown', 2),
      stoppedBy: undefined,
    });
    expect(error).toMatchObject({ timeout: 'totalTimeoutMs' });
    expect(error?.attempts.map(({ message }) => message)).toEqual([
      expect.stringContaining('within 500 ms (timeoutMs)'),
      expect.stringContaining('within 900 ms (totalTimeoutMs)'),
    ]);
  });

  test.each(callTable)('row 88: %s releases a connection whose response is too large.', async (__, send) => {
    await using server = await serveFaults(faults.endless_body);
    const client = faultClient([server], { fetch: makeFetch(), maxResponseBytes: 1_000 });
    const { error } = await settle(send(client));
    expect(error?.message).toContain('the response is larger than 1000 bytes (maxResponseBytes)');
    await vi.waitUntil(() => server.open() === 0);
  });
});

test.each(repeatable)('row 72: %s does not begin a wait that totalTimeoutMs would end.', async (_, send) => {
  await using server = await serveFaults(status(429, { 'retry-after': '5' }));
  const onRetry = vi.fn();
  const client = faultClient([server], { totalTimeoutMs: 2_000, onRetry });
  const { error, ...cell } = await settle(send(client));
  expect({ ...cell, seen: server.received.length }).toEqual({
    ...fails('OctaRateLimitError', 'rejected', 1),
    stoppedBy: 'totalTimeoutMs',
  });
  expect(error).toMatchObject({ retryAfter: 5 });
  expect(onRetry).not.toHaveBeenCalled();
});

describe('With an empty retry budget', () => {
  test.each(callTable)('row 73: %s fails with its first error.', async (_, send, effect) => {
    await using server = await serveFaults(status(500));
    const client = faultClient([server]);
    await settle(client.accounts.balance({ retries: 10 }));
    const { error: _error, ...cell } = await settle(send(client));
    const once = fails('OctaServerError', 'unknown', 1, 12);
    const row = { cells: apart({ ...once, stoppedBy: 'budget' }, once) };
    expect([{ ...cell, seen: server.received.length }]).toEqual(cellsOf(row, effect));
  });

  test.each(callTable)('row 73: %s that was never sent is not retried at the same host.', async (_, send, effect) => {
    const client = faultClient([{ url: deadUrl() }]);
    await settle(client.accounts.balance({ retries: 10 }));
    const { error: _error, ...cell } = await settle(send(client));
    const row = { cells: every({ ...fails('OctaConnectionError', 'not-sent', 1, 0), stoppedBy: 'budget' }) };
    expect([{ ...cell, seen: 0 }]).toEqual(cellsOf(row, effect));
  });

  test.each(callTable)('%s that was never sent still moves to another host.', async (_, send) => {
    await using live = await serveFaults(...failing(6), faults.ok);
    const client = faultClient([live, { url: deadUrl() }], { cooldownMs: 0 });
    await settle(client.accounts.balance({ retries: 11 }));
    expect(client.transportStats().retryBudget.tokens).toBeLessThan(9);
    // The hosts alternate, so one of the two calls begins at the dead host.
    const both = [await settle(send(client)), await settle(send(client))];
    expect(both.map(({ ends }) => ends)).toEqual(['ok', 'ok']);
    expect(both.map(({ attempts }) => attempts).toSorted()).toEqual([1, 2]);
  });

  test('row 73: it refills when calls succeed.', async () => {
    await using server = await serveFaults(...failing(12), faults.ok);
    const client = faultClient([server]);
    await settle(client.accounts.balance({ retries: 10 }));
    expect((await settle(client.accounts.balance())).stoppedBy).toBe('budget');
    for (let call = 0; call < 10; call++) await client.accounts.balance();
    expect(client.transportStats().retryBudget.tokens).toBeGreaterThanOrEqual(10);
  });
});
