/** A few of the random sequences of tool calls that the slow suite makes a thousand of. */
import { expect, test } from 'vitest';
import { runMcpSequences } from '../../../support/mcp-random.ts';

const runs = 30;

test('Random calls of clients that vanish never cost more than the limits allow, and leave nothing running.', async () => {
  const { broken, figures } = await runMcpSequences(1, runs);
  expect(broken).toEqual([]);
  expect(figures['clients that vanished']).toBeGreaterThan(runs / 5);
  expect(figures['refused by a limit']).toBeGreaterThan(runs / 2);
}, 240_000);
