/** What is said of starts of which nobody knows what became. */
import { expect, test } from 'vitest';
import { OctaNetworkError } from '../../../src/index.ts';
import { failure } from '../../support/failure.ts';
import { image, market } from '../../support/market.ts';

function logged() {
  const lines: string[] = [];
  const log = (line: string) => void lines.push(line);
  return { lines, options: { logger: { error: log, warn: log, info: log, debug: log }, logLevel: 'warn' as const } };
}

test('Each is named in the log after 15 s, also one that fails while others are looked for.', async () => {
  const { lines, options } = logged();
  const { simulator, client } = market({ hideVariables: true }, options);
  simulator.fail('startMr', { lost: 'after' }, 2);
  const first = await failure(client.services.mr.start({ node_id: 1, ...image }), OctaNetworkError);
  await simulator.advance(60_000);
  const second = await failure(client.services.mr.start({ node_id: 2, ...image }), OctaNetworkError);
  await simulator.advance(60_000);
  const told = lines.filter((line) => line.includes('the outcome of these starts is unknown'));
  expect(told).toEqual([
    expect.stringContaining(`${first.leaseId} (node 1)`),
    expect.stringContaining(`${second.leaseId} (node 2)`),
  ]);
});

test('Each is looked for at once and then less often, also one that fails while others are looked for.', async () => {
  const late: string[] = [];
  const { simulator, client } = market(
    { hideVariables: true },
    { onLateSession: ({ session }) => void late.push(session) },
  );
  simulator.fail('startMr', { lost: 'after' }, 2);
  await failure(client.services.mr.start({ node_id: 1, ...image }), OctaNetworkError);
  await simulator.advance(300_000);
  await failure(client.services.mr.start({ node_id: 2, ...image }), OctaNetworkError);
  const { length } = simulator.requests;
  await simulator.advance(8_000);
  expect(simulator.requests.slice(length).map(({ operation }) => operation)).toEqual(Array(3).fill('listSessions'));
});

test('Many share the lists that they are looked for in.', async () => {
  const machines = Array.from({ length: 10 }, (_, at) => ({ node_id: 101 + at }));
  const { simulator, client } = market({ hideVariables: true, machines });
  simulator.fail('startMr', { lost: 'after' }, machines.length);
  for (const { node_id } of machines) {
    await failure(client.services.mr.start({ node_id, ...image }), OctaNetworkError);
    await simulator.advance(1_000);
  }
  await simulator.advance(60_000);
  const { length } = simulator.requests;
  await simulator.advance(300_000);
  // One search every 30 s would be ten of them; alone each, a hundred.
  expect(simulator.requests.length - length).toBeLessThanOrEqual(25);
});

test('Every item of a batch is named, although its error has room for one.', async () => {
  const { lines, options } = logged();
  const { simulator, client } = market({ hideVariables: true }, options);
  simulator.fail('startMr', { lost: 'after' });
  const starts = [1, 2].map((node_id) => ({ node_id, ...image }));
  const starting = failure(client.services.mr.startMany(starts), OctaNetworkError);
  await simulator.advance(60_000);
  expect((await starting).leaseId).toEqual(expect.any(String));
  expect(lines.filter((line) => /\(node 1\), .*\(node 2\)/.test(line))).toHaveLength(1);
});

test('Every item of a batch is named, also if the search of another batch ends while it still searches for its sessions.', async () => {
  const { lines, options } = logged();
  const machines = [1, 2, 3, 4].map((node_id) => ({ node_id }));
  const { simulator, client } = market({ hideVariables: true, machines }, options);
  simulator.fail('startMr', { lost: 'after' }, 3);
  const { mr } = client.services;
  const batch = (...nodes: number[]) =>
    failure(mr.startMany(nodes.map((node_id) => ({ node_id, ...image }))), OctaNetworkError);
  const batches = [batch(1)];
  await simulator.advance(100);
  await failure(mr.start({ node_id: 2, ...image }), OctaNetworkError);
  await simulator.advance(5_000);
  batches.push(batch(3, 4));
  await simulator.advance(120_000);
  await Promise.all(batches);
  const told = lines.filter((line) => line.includes('the outcome of these starts is unknown')).join();
  expect([1, 2, 3, 4].filter((node_id) => !told.includes(`(node ${node_id})`))).toEqual([]);
});

test('A second session that an answer names is named in the log, where the API does not show its mark.', async () => {
  const { lines, options } = logged();
  // Seed 3 has the answer name both.
  const { simulator, client } = market({ hideVariables: true, lies: { doubleStarts: 1 }, seed: 3 }, options);
  const session = await client.services.mr.rent({ node_id: 1, ...image });
  await simulator.advance(60_000);
  const [second] = simulator.running.filter((uuid) => uuid !== session.uuid);
  expect(lines.filter((line) => line.includes(String(second)))).toHaveLength(1);
});
