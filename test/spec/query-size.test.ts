/** What a bundle holds of the queries. */
import { expect, test } from 'vitest';
import { bundleOf } from '../support/bundle.ts';

test('All queries and the cache serialisers are smaller than 3.6 kB, and include neither the client nor TanStack Query.', async () => {
  const { bytes, inputs } = await bundleOf("export * from './src/query/index.ts';");
  expect(bytes).toBeLessThan(3_600);
  const foreign =
    /^src\/(?!query\/|errors\/|leases\/(evidence|failures|identity|readiness)\.ts$)|^generated\/|node_modules/;
  expect(inputs.filter((name) => foreign.test(name))).toEqual([]);
  expect(inputs).toContain('src/query/queries.ts');
});
