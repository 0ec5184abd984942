/** How long `close({ stopSessions: true })` waits for the API. */
import { describe, expect, test } from 'vitest';
import { OctaAbortError, type OctaClient } from '../../../src/index.ts';
import { failure } from '../../support/failure.ts';
import { countOf, image, market } from '../../support/market.ts';

test('A client that is closed with its sessions waits 15 s for stops without a response, and logs the sessions.', async () => {
  const lines: string[] = [];
  const note = (line: string) => void lines.push(line);
  const logger = { error: note, warn: note, info: note, debug: note };
  const { client, simulator } = market({}, { logger, logLevel: 'error' });
  const { uuid } = await client.services.mr.start({ node_id: 1, ...image });
  simulator.fail('stopSession', { lost: 'before', delayMs: 3_600_000 }, Number.POSITIVE_INFINITY);
  const before = simulator.now;
  await client.close({ stopSessions: true });
  expect(simulator.now - before).toBeGreaterThan(14_000);
  expect(simulator.now - before).toBeLessThan(17_000);
  expect(countOf(simulator, 'stopSession')).toBeGreaterThan(0);
  expect(lines.join('\n')).toContain(uuid);
});

describe('A client that is closed with its sessions while a start is in progress', () => {
  const order = { node_id: 1, ...image };
  const two = [1, 2].map((node_id) => ({ node_id, ...image }));
  const starts: [name: string, start: (client: OctaClient) => PromiseLike<unknown>][] = [
    ['start', (client) => client.services.mr.start(order)],
    ['startMany', (client) => client.services.mr.startMany(two)],
    ['rent', (client) => client.services.mr.rent(order)],
    ['rentMany', (client) => client.services.mr.rentMany(two)],
    ['run', (client) => client.services.mr.run({ ...order, command: 'work' }, { maxDurationMs: 3_600_000 }).result],
  ];
  const delays = [1_000, 14_000, 16_000, 25_000, 40_000];
  const cases = starts.flatMap(([name, start]) => delays.map((delayMs) => [name, delayMs, start] as const));

  test.each(cases)(
    '%s: stops what it begins if the response takes %i ms, or names it.',
    async (name, delayMs, start) => {
      const lines: string[] = [];
      const note = (line: string) => void lines.push(line);
      const { client, simulator } = market(
        {},
        { logger: { error: note, warn: note, info: note, debug: note }, logLevel: 'warn' },
      );
      simulator.fail('startMr', { delayMs }, Number.POSITIVE_INFINITY);
      const ending = Promise.resolve(start(client)).catch(() => undefined);
      await simulator.advance(900);
      await client.close({ stopSessions: true });
      await ending;
      await simulator.advance(3_600_000);
      expect(simulator.sessions.length).toBeGreaterThan(0);
      const left = simulator.sessions.filter(({ state }) => state !== 'ended');
      // A plain start gives up after 30 s, and the client looks for its session for another 15 s.
      expect(left).toHaveLength(name === 'start' && delayMs === 40_000 ? 1 : 0);
      expect(left.every(({ leaseId = '' }) => lines.some((line) => line.includes(leaseId)))).toBe(true);
    },
  );
});

test('The error of a rental says that the client was closed, not that the caller aborted it.', async () => {
  const { client } = market();
  const renting = failure(client.services.mr.rent({ node_id: 1, ...image }), OctaAbortError);
  await client.close({ stopSessions: true });
  expect((await renting).message).toBe('rent: the client was closed');
});
