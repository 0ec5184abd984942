import { expect, test } from 'vitest';
import { OctaClient } from '../../../src/index.ts';
import { jsonAnswer } from '../../support/recording.ts';
import { expectRequest, type Row } from './rows.ts';

const rows: readonly Row[] = [
  ['get reads the figures', (client) => client.network.get(), 'GET /network'],
  [
    'get sends additional fields and parameters',
    (client) => client.network.get({ query: { since: new Date(0) } }),
    'GET /network?since=1970-01-01T00%3A00%3A00.000Z',
  ],
];

test.each(rows)('%s', (...row) => expectRequest(row, '{}'));

test('No key is sent or required.', async () => {
  const names: string[] = [];
  const fetch = async (_: string, { headers }: RequestInit) => {
    names.push(...new Headers(headers).keys());
    return jsonAnswer('{"market_price":0.1}');
  };
  const [withKey, without] = [new OctaClient({ apiKey: 'test-key', fetch }), new OctaClient({ fetch })];
  const figures = await Promise.all([withKey.network.get(), without.network.get()]);
  expect(figures).toEqual([{ market_price: 0.1 }, { market_price: 0.1 }]);
  expect(names).toContain('accept');
  expect(names).not.toContain('authorization');
});
