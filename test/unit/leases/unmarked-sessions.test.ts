/** Sessions that nobody can tell from others by a mark. */
import { expect, test } from 'vitest';
import { OctaNetworkError } from '../../../src/index.ts';
import { failure } from '../../support/failure.ts';
import { image, market } from '../../support/market.ts';

test('One that is older than the start is not taken for its session, although it is alone and new in the list.', async () => {
  const { simulator, client } = market({ hideVariables: true });
  const { uuid } = simulator.startForeign({ node_id: 1, agoMs: 2 * 86_400_000 });
  simulator.fail('listSessions', { status: 200, body: [] });
  simulator.fail('startMr', { lost: 'before' });
  const renting = client.services.mr.rent({ node_id: 1, ...image }, { adoptUnmarked: true, retries: 0 });
  const error = await failure(renting, OctaNetworkError);
  expect(error.suspects).toEqual([uuid]);
  expect(simulator.running).toEqual([uuid]);
});
