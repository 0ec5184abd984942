import { expect, test } from 'vitest';
import { jsonAnswer, recordingClient } from '../../support/recording.ts';
import { expectRequest, type Row } from './rows.ts';

const rows: readonly Row[] = [
  ['list reads the active sessions', (client) => client.sessions.list(), 'GET /sessions'],
  ['list reads recent sessions', (client) => client.sessions.list({ recent: true }), 'GET /sessions?recent=true'],
  ['list leaves out a false filter', (client) => client.sessions.list({ recent: false }), 'GET /sessions'],
  [
    'list sends what the caller adds',
    (client) => client.sessions.list({ recent: true, query: { limit: 5n } }),
    'GET /sessions?recent=true&limit=5',
  ],
];

test.each(rows)('%s', (...row) => expectRequest(row, '[]'));

test('Numbers of recent sessions are numbers, although the API sends text.', async () => {
  const { client } = recordingClient(() =>
    jsonAnswer('[{"uuid":"u-1","duration":"28","rx":"0","tx":"","charge_amount":31428028938060847852}]'),
  );
  expect(await client.sessions.list({ recent: true })).toEqual([
    { uuid: 'u-1', duration: 28, rx: 0, charge_amount: 31428028938060847852n },
  ]);
});
