/** What a bundle holds of the queries. */
import { expect, test } from 'vitest';
import { bundleOf } from '../support/bundle.ts';

test('All queries cost less than 2.5 kB, and bring neither the client nor TanStack Query along.', async () => {
  const { bytes, inputs } = await bundleOf("export * from './src/query/index.ts';");
  expect(bytes).toBeLessThan(2_500);
  const foreign = /^src\/(?!query\/|errors\/|resources\/services\/state\.ts$)|^generated\/|node_modules/;
  expect(inputs.filter((name) => foreign.test(name))).toEqual([]);
  expect(inputs).toContain('src/query/queries.ts');
});
