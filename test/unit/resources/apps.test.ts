import { describe, expect, test } from 'vitest';
import { OctaConfigurationError, OctaNotFoundError } from '../../../src/index.ts';
import { failure } from '../../support/failure.ts';
import { jsonAnswer, recordingClient } from '../../support/recording.ts';
import { expectRequest, type Row } from './rows.ts';

const apps = '[{"uuid":"a-1","name":"One","image":"one"},{"uuid":"a-2","name":"Two","image":"two"}]';

const rows: readonly Row[] = [
  ['list reads the list', (client) => client.apps.list(), 'GET /apps'],
  ['get reads the list, too', (client) => client.apps.get('a-2'), 'GET /apps'],
  [
    'list sends additional parameters',
    (client) => client.apps.list({ query: { category: 'AI' } }),
    'GET /apps?category=AI',
  ],
  [
    'get sends additional parameters',
    (client) => client.apps.get('a-2', { query: { category: 'AI' } }),
    'GET /apps?category=AI',
  ],
];

test.each(rows)('%s', (...row) => expectRequest(row, apps));

describe('get', () => {
  test('returns the app with this UUID', async () => {
    const { client } = recordingClient(() => jsonAnswer(apps));
    expect((await client.apps.get('a-2')).name).toBe('Two');
  });

  test('throws with the size of the list if there is no such app', async () => {
    const { client } = recordingClient(() => jsonAnswer(apps));
    const error = await failure(client.apps.get('a-"3"'), OctaNotFoundError);
    expect(error.message).toBe('listApps: none of the 2 apps has the uuid "a-\\"3\\""');
    expect(error).toMatchObject({
      status: 404,
      outcome: 'rejected',
      request: { operation: 'listApps', method: 'GET', url: 'https://api.test/apps' },
    });
  });

  test.each([[''], [undefined], [7]])('sends nothing for the UUID %j', async (uuid) => {
    const { client, requests } = recordingClient(() => jsonAnswer(apps));
    // Values that a caller without types may pass.
    const error = await failure(client.apps.get(uuid as string), OctaConfigurationError);
    expect(error.message).toBe('the UUID of an app must be a non-empty string');
    expect(requests).toEqual([]);
  });
});
