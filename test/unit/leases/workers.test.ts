/** What Workers do not allow while a module is loaded. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { market } from '../../support/market.ts';

test('A session of a UUID is made without drawing random values.', () => {
  const drawn = vi.spyOn(globalThis.crypto, 'randomUUID');
  onTestFinished(() => void drawn.mockRestore());
  const { client } = market();
  expect(client.services.session('5dd2d308-0000-4000-8000-000000000000').leaseId).toBeUndefined();
  expect(drawn).not.toHaveBeenCalled();
});
