/** A thousand random sequences of tool calls: see mcp-random.ts. */
import { expect, test } from 'vitest';
import { runMcpSequences } from '../support/mcp-random.ts';

const runs = Number(process.env.MCP_RUNS ?? 1_000);
const from = Number(process.env.MCP_SEED ?? 1_000);

test('Random calls of clients that vanish never exceed the limits, and leave nothing running.', async () => {
  const { broken, figures } = await runMcpSequences(from, runs);
  console.log(figures);
  expect(broken).toEqual([]);
  expect(figures['clients that vanished']).toBeGreaterThan(runs / 5);
  expect(figures['refused by a limit']).toBeGreaterThan(runs / 2);
  expect(figures.cancelled).toBeGreaterThan(runs / 5);
}, 7_200_000);
