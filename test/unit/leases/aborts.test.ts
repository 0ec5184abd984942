/** Callers that give up. */
import { expect, test } from 'vitest';
import { OctaAbortError } from '../../../src/index.ts';
import { failure } from '../../support/failure.ts';
import { image, market } from '../../support/market.ts';

test('A wait is over at once while a probe has no answer.', async () => {
  const { simulator, client } = market();
  const session = await client.services.mr.start({ node_id: 1, ...image });
  await simulator.advance(60_000);
  const controller = new AbortController();
  const probe = () => {
    controller.abort();
    return new Promise<boolean>(() => undefined);
  };
  await failure(session.waitUntilReady({ probe, signal: controller.signal }), OctaAbortError);
  expect(simulator.running).toEqual([session.uuid]);
});
