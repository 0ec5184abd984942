import { expect, test } from 'vitest';
import { OctaProvisionRejectedError } from '../../../../src/index.ts';
import { failure } from '../../../support/failure.ts';
import { jsonAnswer, recordingClient } from '../../../support/recording.ts';
import { expectRequest, type Row } from '../rows.ts';

const order = { node_id: 9010, disk_size: 100 };

test.each<Row>([
  ['available reads the catalogue', (client) => client.services.render.available(), 'GET /services/render'],
  [
    'available sends additional parameters',
    (client) => client.services.render.available({ query: { gpu: '4090' } }),
    'GET /services/render?gpu=4090',
  ],
])('%s', (...row) => expectRequest(row, '[]'));

test.each<Row>([
  [
    'start posts one object',
    (client) => client.services.render.start(order),
    'POST /services/render {"node_id":9010,"disk_size":100}',
  ],
  [
    'start sends all given fields',
    (client) => client.services.render.start({ ...order, envs: { A: 'b' }, 'multi-gpu-worker': true }),
    'POST /services/render {"node_id":9010,"disk_size":100,"envs":{"A":"b"},"multi-gpu-worker":true}',
  ],
  [
    'start sends additional fields and parameters',
    (client) => client.services.render.start(order, { query: { dry: true }, body: { farm: 'f-1' } }),
    'POST /services/render?dry=true {"node_id":9010,"disk_size":100,"farm":"f-1"}',
  ],
])('%s', (...row) => expectRequest(row, '{"uuid":"u-1"}'));

test('start returns its session, whether the response is one result or a batch.', async () => {
  for (const answer of ['{"uuid":"u-1","status":"queued"}', '[{"uuid":"u-1"}]']) {
    const { client } = recordingClient(() => jsonAnswer(answer, 201));
    expect((await client.services.render.start(order)).uuid).toBe('u-1');
  }
});

test('A refusal with HTTP status 200 throws.', async () => {
  const { client } = recordingClient(() => jsonAnswer('{"message":"Busy"}'));
  const error = await failure(client.services.render.start(order), OctaProvisionRejectedError);
  expect(error.message).toBe('startRender: refused: Busy');
});

test('A start has its lease id in its variables, also with additional fields.', async () => {
  const answers = [jsonAnswer('{"uuid":"u-1"}'), jsonAnswer('{"uuid":"u-2"}')];
  const { client, requests } = recordingClient(() => answers.shift() ?? jsonAnswer('{}'));
  const given = { ...order, envs: { OCTA_LEASE_ID: 'old', A: 'b' } };
  const sent: string[] = [];
  for (const options of [{}, { body: { envs: { OCTA_LEASE_ID: 'old' } } }]) {
    const { leaseId } = await client.services.render.start(given, options);
    sent.push(String(leaseId));
  }
  expect(new Set(sent).size).toBe(2);
  expect(requests).toEqual([
    `POST /services/render {"node_id":9010,"disk_size":100,"envs":{"OCTA_LEASE_ID":"${sent[0]}","A":"b"}}`,
    `POST /services/render {"node_id":9010,"disk_size":100,"envs":{"OCTA_LEASE_ID":"${sent[1]}"}}`,
  ]);
});
