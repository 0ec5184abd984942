import { describe, expect, test } from 'vitest';
import { OctaConfigurationError, type UpdateNodePricesOptions } from '../../../src/index.ts';
import { failure } from '../../support/failure.ts';
import { jsonAnswer, recordingClient } from '../../support/recording.ts';
import { expectRequest, type Row } from './rows.ts';

const rows: readonly Row[] = [
  ['list reads all nodes', (client) => client.nodes.list(), 'GET /nodes'],
  [
    'list filters by country and app',
    (client) => client.nodes.list({ country: 'DE', app: 'a-1', retries: 0 }),
    'GET /nodes?country=DE&app=a-1',
  ],
  [
    'list omits filters without a value',
    (client) => client.nodes.list({ country: undefined, app: 'a 1&b' }),
    'GET /nodes?app=a+1%26b',
  ],
  [
    'list sends other filters from query',
    (client) => client.nodes.list({ country: 'DE', query: { state: 'idle', country: 'FR' } }),
    'GET /nodes?country=FR&state=idle',
  ],
  ['downloadIdent reads the identity file', (client) => client.nodes.downloadIdent(7), 'GET /nodes/7/ident'],
  ['downloadLogs reads the log archive', (client) => client.nodes.downloadLogs('7'), 'GET /nodes/7/logs'],
  ['reboot is a GET', (client) => client.nodes.reboot(7), 'GET /nodes/7/reboot'],
  [
    'updatePrices sends the given prices, digit for digit',
    (client) =>
      client.nodes.updatePrices(7, { base: 31428028938060847852n, storage: 900_000_000_000, traffic: '0012' }),
    'PATCH /nodes/7/prices {"base":31428028938060847852,"storage":900000000000,"traffic":12}',
  ],
  [
    'updatePrices sends a single price',
    (client) => client.nodes.updatePrices(7, { base: 0n }),
    'PATCH /nodes/7/prices {"base":0}',
  ],
  [
    'updatePrices sends additional fields and parameters',
    (client) => client.nodes.updatePrices(7, { base: 1n }, { query: { dry: true }, body: { currency: 'usd' } }),
    'PATCH /nodes/7/prices?dry=true {"base":1,"currency":"usd"}',
  ],
];

test.each(rows)('%s', (...row) => expectRequest(row, '[]'));

const detail: readonly Row[] = [
  ['get reads one node', (client) => client.nodes.get(7), 'GET /nodes/7'],
  [
    'get accepts a string as id, and keeps it within the path',
    (client) => client.nodes.get('7/../8?x#y'),
    'GET /nodes/7%2F..%2F8%3Fx%23y',
  ],
];

test.each(detail)('%s', (...row) => expectRequest(row, '{"id":7}'));

describe('nothing is sent', () => {
  test.each([[''], ['..'], [Number.NaN], [7.5], [undefined]])('for the node id %j', async (id) => {
    const { client, requests } = recordingClient(() => jsonAnswer('{}'));
    // Values that a caller without types may pass.
    const error = await failure(client.nodes.get(id as string), OctaConfigurationError);
    expect(error.message).toMatch(/^node_id is /);
    expect(requests).toEqual([]);
  });

  const prices: [given: object, problem: string][] = [
    [{ base: 0.5 }, 'base is 0.5'],
    [{ storage: -1n }, 'storage is -1'],
    [{ traffic: '1.5' }, 'traffic is "1.5"'],
    [{ base: null }, 'base is null'],
  ];
  test.each(prices)('for the prices %o', async (given, problem) => {
    const { client, requests } = recordingClient(() => jsonAnswer('{}'));
    const error = await failure(client.nodes.updatePrices(7, given as UpdateNodePricesOptions), OctaConfigurationError);
    expect(error.message.startsWith(`${problem}; `)).toBe(true);
    expect(requests).toEqual([]);
  });
});

describe('commands', () => {
  test.each(['', '{}', '{"status":"ok"}', 'not JSON'])('resolve to undefined for the response %j', async (answer) => {
    const { client } = recordingClient(() => jsonAnswer(answer));
    expect(await client.nodes.reboot(7)).toBeUndefined();
    expect(await client.nodes.updatePrices(7, { base: 1n })).toBeUndefined();
  });
});

test('Downloads are blobs with the bytes and the type of the response.', async () => {
  const bytes = new Uint8Array([0, 255, 128, 10]);
  const headers = { 'content-type': 'application/octet-stream' };
  const { client } = recordingClient(() => new Response(bytes, { headers }));
  const file = await client.nodes.downloadIdent(7);
  expect([file.type, new Uint8Array(await file.arrayBuffer())]).toEqual(['application/octet-stream', bytes]);
});
