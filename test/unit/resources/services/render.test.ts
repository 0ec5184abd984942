import { expect, test } from 'vitest';
import { OctaProvisionRejectedError } from '../../../../src/index.ts';
import { failure } from '../../../support/failure.ts';
import { jsonAnswer, recordingClient } from '../../../support/recording.ts';
import { expectRequest, type Row } from '../rows.ts';

const order = { node_id: 9010, disk_size: 100 };

test.each<Row>([
  ['available reads the catalogue', (client) => client.services.render.available(), 'GET /services/render'],
  [
    'available sends what the caller adds',
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
    'start sends everything that is given',
    (client) => client.services.render.start({ ...order, envs: { A: 'b' }, 'multi-gpu-worker': true }),
    'POST /services/render {"node_id":9010,"disk_size":100,"envs":{"A":"b"},"multi-gpu-worker":true}',
  ],
  [
    'start sends what the caller adds',
    (client) => client.services.render.start(order, { query: { dry: true }, body: { farm: 'f-1' } }),
    'POST /services/render?dry=true {"node_id":9010,"disk_size":100,"farm":"f-1"}',
  ],
])('%s', (...row) => expectRequest(row, '{"uuid":"u-1"}'));

test('A start gives its session, whether the answer is one result or a batch.', async () => {
  for (const answer of ['{"uuid":"u-1","status":"queued"}', '[{"uuid":"u-1"}]']) {
    const { client } = recordingClient(() => jsonAnswer(answer, 201));
    expect((await client.services.render.start(order)).uuid).toBe('u-1');
  }
});

test('A refusal within a success throws.', async () => {
  const { client } = recordingClient(() => jsonAnswer('{"message":"Busy"}'));
  const error = await failure(client.services.render.start(order), OctaProvisionRejectedError);
  expect(error.message).toBe('startRender: refused: Busy');
});

test('A start carries its id among its variables, whatever is added.', async () => {
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
