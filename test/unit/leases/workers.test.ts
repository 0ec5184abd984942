/** Restrictions of Workers while a module loads. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { market } from '../../support/market.ts';

test('Creating a session from a UUID uses no random values.', () => {
  const drawn = vi.spyOn(globalThis.crypto, 'randomUUID');
  onTestFinished(() => void drawn.mockRestore());
  const { client } = market();
  expect(client.services.session('5dd2d308-0000-4000-8000-000000000000').leaseId).toBeUndefined();
  expect(drawn).not.toHaveBeenCalled();
});
