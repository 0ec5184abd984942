import { describe, expect, test } from 'vitest';
import type { OctaError, RetryContext } from '../../src/index.ts';
import { testKey } from '../support/calls.ts';
import {
  apart,
  callTable,
  cellTests,
  expectCell,
  fails,
  faultClient,
  observe,
  settle,
} from '../support/fault-cells.ts';
import { faults, redirect } from '../support/fault-list.ts';
import { answerNames, fullListener } from '../support/fault-names.ts';
import { serveFaults } from '../support/fault-server.ts';
import { transports } from '../support/fault-transports.ts';
import { addressRows } from './later-rows.ts';

// It takes ten seconds, so all calls run at the same time.
test.concurrent.each(transports)(
  'row 61: with %s, every call moves on from a host that accepts no connection once the connect timeout proves it.',
  async (_, makeFetch) => {
    await using full = await fullListener();
    await using live = await serveFaults(faults.ok);
    const errors: OctaError[] = [];
    const onRetry = ({ error }: RetryContext) => void errors.push(error);
    // Each call has its own client, so that each tries the first host first.
    const settled = await Promise.all(
      callTable.map(([, send]) => {
        const options = { fetch: makeFetch(), timeoutMs: 60_000, totalTimeoutMs: 0, onRetry };
        return settle(send(faultClient([full, live], options)));
      }),
    );
    expect(settled).toMatchObject(Array(4).fill({ ends: 'ok', attempts: 2 }));
    expect(errors).toMatchObject(Array(4).fill({ name: 'OctaConnectionError', outcome: 'not-sent', phase: 'connect' }));
    expect(new Set(live.received).size).toBe(4);
    expect(live.received).toHaveLength(4);
  },
);

describe.each(transports)('With %s', (_, makeFetch) => {
  test.concurrent.each(cellTests(addressRows))('%s', async (__, row, effect) => {
    expectCell(row, effect, await observe(row, effect, makeFetch()));
  });

  test.concurrent.each(callTable)(
    'row 62: %s to a host that accepts no connection may have arrived if timeoutMs ends first.',
    async (__, send, effect) => {
      await using full = await fullListener();
      const client = faultClient([full], { fetch: makeFetch(), timeoutMs: 150 });
      const { error, ...cell } = await settle(send(client));
      const row = {
        cells: apart(fails('OctaTimeoutError', 'unknown', 3, 0), fails('OctaTimeoutError', 'unknown', 1, 0)),
      };
      expect({ ...cell, seen: 0 }).toEqual(row.cells[effect]);
      expect(error).toMatchObject({ timeout: 'timeoutMs' });
    },
  );
});

test('row 58: a host whose name is unknown rests.', async () => {
  await using live = await serveFaults(faults.ok);
  const client = faultClient([{ url: 'http://octa-faults.invalid' }, live]);
  for (let call = 0; call < 3; call++) await client.accounts.balance();
  const [unknown, known] = client.transportStats().baseUrls;
  expect([unknown, known]).toMatchObject([
    { state: 'resting', attempts: 1 },
    { state: 'healthy', attempts: 3 },
  ]);
  expect(unknown?.restsForMs).toBeGreaterThan(20_000);
  expect(unknown?.restsForMs).toBeLessThanOrEqual(33_000);
});

/** The URL of a server under a name that only `answerNames` knows. */
function named(name: string, { url }: { readonly url: string }): { readonly url: string } {
  return { url: url.replace('127.0.0.1', name) };
}

describe.each(transports)('With %s and names', (_, makeFetch) => {
  const here = { address: '127.0.0.1', family: 4 };
  /** An address of this machine where the servers of these tests do not listen. */
  const elsewhere = { address: '::1', family: 6 };

  test.each(callTable)('row 59: %s succeeds once the name is known again.', async (__, send) => {
    await using server = await serveFaults(faults.ok);
    let asked = 0;
    using _names = answerNames(() => (asked++ === 0 ? 'EAI_AGAIN' : [here]));
    const client = faultClient([named('octa-faults.test', server)], { fetch: makeFetch() });
    expect(await settle(send(client))).toMatchObject({ ends: 'ok', attempts: 2 });
    expect([asked, server.received.length]).toEqual([2, 1]);
  });

  test.each(callTable)(
    'row 60: %s to a name with two addresses, one refused and one lost, is not proven unsent.',
    async (__, send, effect) => {
      await using server = await serveFaults(faults.reset_before_headers);
      using _names = answerNames(() => [elsewhere, here]);
      const client = faultClient([named('octa-faults.test', server)], { fetch: makeFetch() });
      const { error, ...cell } = await settle(send(client));
      const row = { cells: apart(fails('OctaNetworkError', 'unknown', 3), fails('OctaNetworkError', 'unknown', 1)) };
      expect({ ...cell, seen: server.received.length }).toEqual(row.cells[effect]);
      expect(error).toMatchObject({ phase: 'headers' });
    },
  );

  test.each(callTable)('row 60: %s to a name with two addresses that both refuse was never sent.', async (__, send) => {
    using _names = answerNames(() => [elsewhere, here]);
    const client = faultClient([{ url: 'http://octa-faults.test:2' }], { fetch: makeFetch() });
    const { error, ...cell } = await settle(send(client));
    expect({ ...cell, seen: 0 }).toEqual(fails('OctaConnectionError', 'not-sent', 3, 0));
    expect(error).toMatchObject({ phase: 'connect' });
  });
});

describe.each([301, 308])('A redirect to another host, with status %d,', (code) => {
  test.each(callTable)('row 65: is not followed for %s, and the key is not sent.', async (_, send) => {
    await using other = await serveFaults(faults.ok);
    await using server = await serveFaults(redirect(code, `${other.url}/accounts`));
    const { error, ...cell } = await settle(send(faultClient([server])));
    expect({ ...cell, seen: server.received.length }).toEqual(fails('OctaApiError', 'unknown', 1));
    expect([other.connections(), JSON.stringify(error).includes(testKey)]).toEqual([0, false]);
  });
});
