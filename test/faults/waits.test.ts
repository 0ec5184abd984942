/** How long a call waits if a response asks for it. */
import { describe, expect, test } from 'vitest';
import { callTable, faultClient, settle } from '../support/fault-cells.ts';
import { faults, status } from '../support/fault-list.ts';
import { serveFaults } from '../support/fault-server.ts';

const repeatable = callTable.filter(([, , effect]) => effect === 'read' || effect === 'idempotent');
const onceOnly = callTable.filter(([, , effect]) => effect === 'disruptive' || effect === 'billable');

/** How long a call waits before its second attempt if the first response has these headers, and how it ends. */
async function waitAfter(
  headers: Readonly<Record<string, string>>,
  send: (typeof callTable)[number][1],
): Promise<{ readonly delaysMs: readonly number[]; readonly ended: Awaited<ReturnType<typeof settle>> }> {
  await using server = await serveFaults(status(429, headers), faults.ok);
  const delaysMs: number[] = [];
  const options = { totalTimeoutMs: 3_000, maxRetryAfterMs: 60_000, retryDelayMs: 0 };
  const client = faultClient([server], { ...options, onRetry: ({ delayMs }) => void delaysMs.push(delayMs) });
  return { ended: await settle(send(client)), delaysMs };
}

test.each(repeatable)(
  'row 78: %s waits for the difference of the two dates of the response, whatever the local clock is.',
  async (_, send) => {
    const inAnHour = Math.ceil(Date.now() / 1000) * 1000 + 3_600_000;
    const headers = {
      date: new Date(inAnHour).toUTCString(),
      'retry-after': new Date(inAnHour + 1_000).toUTCString(),
    };
    const { delaysMs, ended } = await waitAfter(headers, send);
    expect(ended).toMatchObject({ ends: 'ok', attempts: 2 });
    expect(delaysMs).toHaveLength(1);
    expect(delaysMs[0]).toBeGreaterThanOrEqual(1_000);
    expect(delaysMs[0]).toBeLessThanOrEqual(1_100);
  },
);

describe.each(repeatable)('%s', (_, send) => {
  test('row 79: neither waits a billion seconds nor retries.', async () => {
    const { delaysMs, ended } = await waitAfter({ 'retry-after': '1000000000' }, send);
    expect(ended).toMatchObject({ ends: 'OctaRateLimitError', attempts: 1, stoppedBy: 'maxRetryAfterMs' });
    expect([delaysMs, ended.error]).toMatchObject([[], { retryAfter: 1e9 }]);
  });

  test('row 79: reads 5 between spaces as 5 seconds.', async () => {
    const { delaysMs, ended } = await waitAfter({ 'retry-after': '  5  ' }, send);
    expect(ended).toMatchObject({ ends: 'OctaRateLimitError', attempts: 1, stoppedBy: 'totalTimeoutMs' });
    expect([delaysMs, ended.error]).toMatchObject([[], { retryAfter: 5 }]);
  });

  test.each([
    ['0, 1', 1],
    ['0.9', 0.9],
    ['0.0, 1.0', 1],
  ])('row 79: reads %j as %d seconds, and waits no less.', async (text, seconds) => {
    const { delaysMs, ended } = await waitAfter({ 'retry-after': text }, send);
    expect(ended).toMatchObject({ ends: 'ok', attempts: 2 });
    expect(delaysMs).toHaveLength(1);
    expect(delaysMs[0]).toBeGreaterThanOrEqual(seconds * 1_000);
  });

  test.each(['', '0x5', '1e3', '+1', 'Sun, 32 Foo 2026 08:00:00 GMT'])(
    'row 79: ignores %j, and retries without it.',
    async (text) => {
      const { delaysMs, ended } = await waitAfter({ 'retry-after': text }, send);
      expect(ended).toMatchObject({ ends: 'ok', attempts: 2 });
      expect(delaysMs).toEqual([0]);
    },
  );
});

describe.each(['1000000000', '1, 2', ' 5 ', '1.5', ''])('A Retry-After of %j', (text) => {
  test.each(onceOnly)('row 79: does not make %s happen again.', async (_, send) => {
    const { delaysMs, ended } = await waitAfter({ 'retry-after': text }, send);
    expect(ended).toMatchObject({ ends: 'OctaRateLimitError', outcome: 'rejected', attempts: 1 });
    expect(delaysMs).toEqual([]);
  });
});
