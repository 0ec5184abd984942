/** How long `close({ stopSessions: true })` waits for the API. */
import { expect, test } from 'vitest';
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
