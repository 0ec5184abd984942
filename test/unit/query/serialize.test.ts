/** Converts caches to text and back. */

import { dehydrate, hydrate, QueryClient } from '@tanstack/query-core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deserialize, octaQueries, serialize } from '../../../src/query/index.ts';
import { jsonAnswer, recordingClient } from '../../support/recording.ts';

const balance = 31428028938060847852n;

test('A cache keeps every digit from a server to a browser.', async () => {
  const { client, requests } = recordingClient(() => jsonAnswer(`{"balance":${balance}}`));
  const query = octaQueries(client, { scope: 'account-7' }).accounts.balance();
  const server = new QueryClient();
  await server.fetchQuery(query);
  const browser = new QueryClient();
  hydrate(browser, deserialize(serialize(dehydrate(server))));
  expect(browser.getQueryData(query.queryKey)).toEqual({ balance });
  expect(await browser.ensureQueryData(query)).toEqual({ balance });
  expect(requests).toHaveLength(1);
});

const values: [title: string, value: unknown][] = [
  ['amounts of any sign and size', [0n, -1n, 2n ** 300n, { deep: [{ wei: balance }] }]],
  ['text that looks like one', ['$bigint', { text: '1n' }]],
  ['fields named like the mark that hold no number', [{ $bigint: 'many' }, { $bigint: 1 }, { $bigint: null }]],
  ['everything else of JSON', { a: [1, 0.5, 'x', true, null], b: {} }],
];
test.each(values)('A serialized value is restored: %s.', (_, value) => {
  expect(deserialize(serialize(value))).toEqual(value);
});

const names = fc.oneof(fc.string(), fc.constantFrom('$bigint', '$$bigint', '$$$bigint', '$', '__proto__', 'toJSON'));
const { value: anyData } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.bigInt(),
    fc.constantFrom('7', '-7', null, true, 0.5),
    fc.string(),
    fc.integer(),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(names, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
}));

test('Any serialized value is restored, even if it looks like a tag.', () => {
  fc.assert(
    fc.property(anyData, (value) => {
      expect(deserialize(serialize(value))).toStrictEqual(value);
    }),
    { seed: 1, numRuns: 1000 },
  );
});

test('A value that only looks like an amount does not change.', () => {
  const values = [{ $bigint: '7' }, { $bigint: '7', other: 'kept' }, { $$bigint: '7' }, { $bigint: { $bigint: 7n } }];
  for (const value of values) expect(deserialize(serialize(value))).toStrictEqual(value);
  expect(deserialize('{"$bigint":"7","other":1}')).toEqual({ $bigint: '7', other: 1 });
});

test('Dates become text, as in any JSON, and undefined fields are left out.', () => {
  expect(deserialize(serialize({ at: new Date(0), nothing: undefined }))).toEqual({ at: '1970-01-01T00:00:00.000Z' });
});

describe('a bigint with a toJSON', () => {
  test('stays a bigint.', () => {
    Object.assign(BigInt.prototype, { toJSON: (): string => 'many' });
    try {
      expect(deserialize(serialize({ balance }))).toEqual({ balance });
    } finally {
      Reflect.deleteProperty(BigInt.prototype, 'toJSON');
    }
  });
});

test('A file is refused, instead of becoming an empty object.', () => {
  expect(() => serialize({ data: new Blob(['x']) })).toThrow(/shouldDehydrateQuery/);
});
