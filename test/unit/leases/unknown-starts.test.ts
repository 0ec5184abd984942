/** Reports of starts with an unknown outcome. */
import { expect, test } from 'vitest';
import { OctaNetworkError } from '../../../src/index.ts';
import { failure } from '../../support/failure.ts';
import { image, market } from '../../support/market.ts';

function logged() {
  const lines: string[] = [];
  const log = (line: string) => void lines.push(line);
  return { lines, options: { logger: { error: log, warn: log, info: log, debug: log }, logLevel: 'warn' as const } };
}

test('Each is logged after 15 s, also one that fails during the search for others.', async () => {
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

test('Each is searched for at once and then less often, also one that fails during the search for others.', async () => {
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

test('Many share the lists of their searches.', async () => {
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
  // One search every 30 s reads ten lists. Separate searches would read a hundred.
  expect(simulator.requests.length - length).toBeLessThanOrEqual(25);
});

test('Every item of a batch is logged, although its error has only one lease id.', async () => {
  const { lines, options } = logged();
  const { simulator, client } = market({ hideVariables: true }, options);
  simulator.fail('startMr', { lost: 'after' });
  const starts = [1, 2].map((node_id) => ({ node_id, ...image }));
  const starting = failure(client.services.mr.startMany(starts), OctaNetworkError);
  await simulator.advance(60_000);
  expect((await starting).leaseId).toEqual(expect.any(String));
  expect(lines.filter((line) => /\(node 1\), .*\(node 2\)/.test(line))).toHaveLength(1);
});

test('Every item of a batch is logged, even if the search of another batch ends during its own search.', async () => {
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

test('A second session in a response is logged if the API does not show its mark.', async () => {
  const { lines, options } = logged();
  // With seed 3, the response names both.
  const { simulator, client } = market({ hideVariables: true, lies: { doubleStarts: 1 }, seed: 3 }, options);
  const session = await client.services.mr.rent({ node_id: 1, ...image });
  await simulator.advance(60_000);
  const [second] = simulator.running.filter((uuid) => uuid !== session.uuid);
  expect(lines.filter((line) => line.includes(String(second)))).toHaveLength(1);
});
