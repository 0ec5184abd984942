/** Every ledger does what the SDK relies on. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { memoryLedger } from '../../src/testing/index.ts';
import { empty, type OpenedLedger, openRecipe, type Store } from '../support/ledger-clients.ts';
import { testLedger } from '../support/ledger-conformance.ts';
import { recipeOf, type ServedRecipe, serveRecipe } from '../support/ledger-recipes.ts';

const stores = ['redis', 'postgres'] as const satisfies readonly Store[];

describe('memoryLedger', () => testLedger(async () => memoryLedger()));

test.each(stores)('The recipe for %s has at most 25 lines.', (store) => {
  expect(recipeOf(store).trimEnd().split('\n').length).toBeLessThanOrEqual(25);
});

for (const store of stores) {
  describe.skipIf(inject('skippedServers').includes(store))(`The recipe for ${store}`, () => {
    let served: ServedRecipe | undefined;
    let opened: OpenedLedger | undefined;

    beforeAll(async () => {
      served = await serveRecipe(store);
      opened = await openRecipe(store, served);
    });
    afterAll(async () => {
      await opened?.[Symbol.asyncDispose]();
      await served?.[Symbol.asyncDispose]();
    });

    testLedger(async () => {
      if (opened === undefined) throw new Error('the server did not start');
      await empty(opened);
      return opened.ledger;
    });
  });
}
