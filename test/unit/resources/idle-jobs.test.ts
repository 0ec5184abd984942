import { expect, test } from 'vitest';
import { OctaConfigurationError, OctaResponseError } from '../../../src/index.ts';
import { failure } from '../../support/failure.ts';
import { jsonAnswer, recordingClient } from '../../support/recording.ts';
import { expectRequest, type Row } from './rows.ts';

const packed = '{"data":"H4sIAN6R2GkAA8tIzcnJVyjPL8pJAQCFEUoNCwAAAA=="}';

const rows: readonly Row[] = [
  ['get reads a job', (client) => client.idleJobs.get(42, 69), 'GET /idle_jobs/42/69'],
  ['get keeps a string within the path', (client) => client.idleJobs.get('4 2', 'a/b'), 'GET /idle_jobs/4%202/a%2Fb'],
  ['logs reads the log', (client) => client.idleJobs.logs(42, 69), 'GET /idle_jobs/42/69/logs'],
  [
    'logs sends additional parameters, but not maxBytes',
    (client) => client.idleJobs.logs(42, 69, { maxBytes: 1000, query: { tail: 10 } }),
    'GET /idle_jobs/42/69/logs?tail=10',
  ],
];

test.each(rows)('%s', (...row) => expectRequest(row, packed));

test('A compressed log is returned as text.', async () => {
  const { client } = recordingClient(() => jsonAnswer(packed));
  expect(await client.idleJobs.logs(42, 69)).toBe('hello world');
});

test('A log of exactly maxBytes is returned, and a larger one throws.', async () => {
  const { client } = recordingClient(() => jsonAnswer(packed));
  expect(await client.idleJobs.logs(42, 69, { maxBytes: 11 })).toBe('hello world');
  const error = await failure(client.idleJobs.logs(42, 69, { maxBytes: 10 }), OctaResponseError);
  expect(error.message).toContain('larger than 10 bytes');
  expect(error.request?.operation).toBe('getIdleJobLogs');
});

test('maxBytes also applies if the raw response was read first.', async () => {
  const { client } = recordingClient(() => jsonAnswer(packed));
  const call = client.idleJobs.logs(42, 69, { maxBytes: 10 });
  expect((await call.asResponse()).status).toBe(200);
  await failure(call, OctaResponseError);
});

test.each([[0], [-1], [1.5], [Number.NaN], ['10'], [null]])('Nothing is sent if maxBytes is %j.', async (maxBytes) => {
  const { client, requests } = recordingClient(() => jsonAnswer(packed));
  // Values that a caller without types may pass.
  const call = client.idleJobs.logs(42, 69, { maxBytes: maxBytes as number });
  const error = await failure(call, OctaConfigurationError);
  expect(error.message).toBe(`maxBytes is ${String(maxBytes)}; allowed: a whole number of bytes, 1 or more`);
  expect(requests).toEqual([]);
});
