/** Aborts by the caller. */
import { getEventListeners } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import type { FetchLike, OctaPromise } from '../../src/index.ts';
import { aMoment, callTable, cellsOf, type Effect, faultClient, type Row, settle } from '../support/fault-cells.ts';
import { faults } from '../support/fault-list.ts';
import { type FaultServer, serveFaults } from '../support/fault-server.ts';
import { transports } from '../support/fault-transports.ts';
import { givenUpRows } from './later-rows.ts';

const { beforeSending, withinHeaders, betweenAttempts, withinBody } = givenUpRows;

/** A promise with its resolve function. */
function gate(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((opened) => {
    resolve = opened;
  });
  return { promise, resolve: () => resolve() };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Whether a call is over after one more turn. */
async function isOverNextTurn(call: OctaPromise<unknown>): Promise<boolean> {
  let over = false;
  const end = (): void => {
    over = true;
  };
  call.then(end, end);
  await nextTurn();
  return over;
}

/** Checks that an aborted call left nothing behind, and ended as its row says. */
async function expectGivenUp(
  { row, effect }: { readonly row: Row; readonly effect: Effect },
  { call, server, signal }: { call: OctaPromise<unknown>; server: FaultServer; signal: AbortSignal },
): Promise<void> {
  const { error, ...cell } = await settle(call);
  expect(error?.cause).toBe(signal.reason);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
  await aMoment();
  expect([{ ...cell, seen: server.received.length }]).toEqual(cellsOf(row, effect));
}

describe.each(transports)('With %s', (_, makeFetch) => {
  const fetch = (): FetchLike => makeFetch() ?? ((url, init) => globalThis.fetch(url, init));

  test.each(callTable)('row 66: %s that is aborted before it is sent is not sent.', async (__, send, effect) => {
    await using server = await serveFaults(...beforeSending.hosts[0]);
    const signal = AbortSignal.abort('enough');
    const call = send(faultClient([server], { fetch: makeFetch() }), { signal });
    expect(await isOverNextTurn(call)).toBe(true);
    await expectGivenUp({ row: beforeSending, effect }, { call, server, signal });
    expect(server.connections()).toBe(0);
  });

  test.each(callTable)('row 67: %s that waits for headers rejects at once.', async (__, send, effect) => {
    await using server = await serveFaults(...withinHeaders.hosts[0]);
    const controller = new AbortController();
    const { signal } = controller;
    const call = send(faultClient([server], { fetch: makeFetch() }), { signal });
    call.catch(() => undefined);
    await vi.waitUntil(() => server.received.length === 1);
    controller.abort('enough');
    expect(await isOverNextTurn(call)).toBe(true);
    await expectGivenUp({ row: withinHeaders, effect }, { call, server, signal });
    await vi.waitUntil(() => server.open() === 0);
  });

  const repeatable = callTable.filter(([, , effect]) => effect in betweenAttempts.cells);

  test.each(repeatable)('row 68: %s that waits for its next attempt rejects at once.', async (__, send, effect) => {
    await using server = await serveFaults(...betweenAttempts.hosts[0]);
    const controller = new AbortController();
    const { signal } = controller;
    const waits = gate();
    const call = send(faultClient([server], { fetch: makeFetch(), onRetry: () => waits.resolve() }), { signal });
    call.catch(() => undefined);
    await waits.promise;
    await nextTurn();
    controller.abort('enough');
    expect(await isOverNextTurn(call)).toBe(true);
    await expectGivenUp({ row: betweenAttempts, effect }, { call, server, signal });
  });

  test.each(callTable)('row 69: %s that reads its response rejects at once.', async (__, send, effect) => {
    await using server = await serveFaults(...withinBody.hosts[0]);
    const controller = new AbortController();
    const { signal } = controller;
    const reads = gate();
    const inner = fetch();
    const client = faultClient([server], {
      fetch: async (url, init) => {
        const response = await inner(url, init);
        reads.resolve();
        return response;
      },
    });
    const call = send(client, { signal });
    call.catch(() => undefined);
    await reads.promise;
    await nextTurn();
    controller.abort('enough');
    expect(await isOverNextTurn(call)).toBe(true);
    await expectGivenUp({ row: withinBody, effect }, { call, server, signal });
    await vi.waitUntil(() => server.open() === 0);
  });
});

describe.each<[string, unknown]>([
  ['nothing', undefined],
  ['text', 'enough'],
  ['an error', new TypeError('enough')],
])('An abort with %s as reason', (_, reason) => {
  test.each(callTable)('row 70: has it as the cause of the error of %s.', async (__, send) => {
    await using server = await serveFaults(faults.hang_headers);
    const controller = new AbortController();
    const { signal } = controller;
    const call = send(faultClient([server]), { signal });
    call.catch(() => undefined);
    await vi.waitUntil(() => server.received.length === 1);
    controller.abort(reason);
    const { error } = await settle(call);
    expect(error?.name).toBe('OctaAbortError');
    expect(error?.cause).toBe(signal.reason);
    // Without a reason, the signal creates one.
    expect(signal.reason).toEqual(reason ?? expect.objectContaining({ name: 'AbortError' }));
  });
});
