/** Cloudflare Workers, where calls of an ended request never settle. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { OctaClient } from '../../../src/client.ts';

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('navigator', { userAgent: 'Cloudflare-Workers' });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('close() waits at most 15 s for calls in progress, and a second close() does not wait for the first.', async () => {
  const client = new OctaClient({ fetch: () => new Promise(() => undefined), timeoutMs: 60_000 });
  client.network.get().catch(() => undefined);
  const ended: string[] = [];
  client.close().then(() => ended.push('first'));
  await vi.advanceTimersByTimeAsync(14_000);
  expect(ended).toEqual([]);
  client.close().then(() => ended.push('second'));
  await vi.advanceTimersByTimeAsync(2_000);
  expect(ended).toEqual(['first', 'second']);
});
