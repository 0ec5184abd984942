/** Aborts by the caller. */
import { expect, test } from 'vitest';
import { OctaAbortError } from '../../../src/index.ts';
import { failure } from '../../support/failure.ts';
import { image, market } from '../../support/market.ts';

test('A stop that waits for the proof rejects with OctaAbortError at once.', async () => {
  const { simulator, client } = market({ lies: { ignoredStops: 1, ignoredForMs: 90_000 } });
  const session = await client.services.mr.start({ node_id: 1, ...image });
  const controller = new AbortController();
  const stopping = failure(session.stop({ verify: true, signal: controller.signal }), OctaAbortError);
  await simulator.advance(30_000);
  controller.abort();
  await stopping;
});

test('A wait rejects at once, even while a probe has no response.', async () => {
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
