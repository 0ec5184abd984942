import { describe, expect, test } from 'vitest';
import {
  OctaConfigurationError,
  OctaProvisionRejectedError,
  OctaResponseError,
  OctaSessionError,
  type StartMrOptions,
} from '../../../../src/index.ts';
import { SessionResource } from '../../../../src/resources/services/session.ts';
import { failure } from '../../../support/failure.ts';
import { jsonAnswer, recordingClient } from '../../../support/recording.ts';
import { expectRequest, type Row } from '../rows.ts';

const order = { node_id: 9010, disk_size: 50, image: 'ubuntu:24.04' };

const lists: readonly Row[] = [
  ['available reads the catalogue', (client) => client.services.mr.available(), 'GET /services/mr'],
  [
    'available sends what the caller adds',
    (client) => client.services.mr.available({ query: { gpu: '4090' } }),
    'GET /services/mr?gpu=4090',
  ],
];

test.each(lists)('%s', (...row) => expectRequest(row, '[]'));

const rows: readonly Row[] = [
  [
    'start posts a batch of one, and says what is left out',
    (client) => client.services.mr.start(order),
    'POST /services/mr [{"id":0,"app":"","envs":{},"ports":[],"http_ports":[],"start_command":"","entrypoint":"","node_id":9010,"disk_size":50,"image":"ubuntu:24.04"}]',
  ],
  [
    'start sends everything that is given',
    (client) =>
      client.services.mr.start({
        ...order,
        app: 'a-1',
        envs: { A: 'b' },
        ports: [22],
        http_ports: [80],
        start_command: 'run',
        entrypoint: '/init',
        organization_id: 77,
        project_id: 'p-1',
      }),
    'POST /services/mr [{"id":0,"app":"a-1","envs":{"A":"b"},"ports":[22],"http_ports":[80],"start_command":"run","entrypoint":"/init","node_id":9010,"disk_size":50,"image":"ubuntu:24.04","organization_id":77,"project_id":"p-1"}]',
  ],
  [
    'start sends what the caller adds, in the item of the batch',
    (client) => client.services.mr.start(order, { query: { dry: true }, body: { id: 3, priority: 'high' } }),
    'POST /services/mr?dry=true [{"id":3,"app":"","envs":{},"ports":[],"http_ports":[],"start_command":"","entrypoint":"","node_id":9010,"disk_size":50,"image":"ubuntu:24.04","priority":"high"}]',
  ],
];

test.each(rows)('%s', (...row) => expectRequest(row, '[{"uuid":"u-1"}]'));

test('An option that is given as undefined is left to its default.', async () => {
  const { client, requests } = recordingClient(() => jsonAnswer('[{"uuid":"u-1"}]'));
  // What a caller without exact optional types may pass.
  const start = { ...order, app: undefined, envs: undefined, ports: undefined } as unknown as StartMrOptions;
  await client.services.mr.start(start);
  expect(requests).toEqual([
    'POST /services/mr [{"id":0,"app":"","envs":{},"ports":[],"http_ports":[],"start_command":"","entrypoint":"","node_id":9010,"disk_size":50,"image":"ubuntu:24.04"}]',
  ]);
});

describe('start gives the session that was started', () => {
  const answers: [title: string, answer: string][] = [
    ['in a batch', '[{"uuid":"u-1"}]'],
    ['in the older form of one object', '{"uuid":"u-1","status":"starting"}'],
    ['among refusals', '[{"id":0,"reason":"busy","status":1},{"id":1,"uuid":"u-1"}]'],
    ['with a status that means nothing', '[{"id":0,"uuid":"u-1","status":0}]'],
  ];
  test.each(answers)('%s', async (_, answer) => {
    const { client, requests } = recordingClient(() => jsonAnswer(answer));
    const session = await client.services.mr.start(order);
    expect(session).toBeInstanceOf(SessionResource);
    expect(session.uuid).toBe('u-1');
    await session.stop();
    expect(requests.at(-1)).toBe('POST /services/u-1/stop');
  });
});

describe('start says why nothing was started', () => {
  const answers: [answer: string, rejections: object[]][] = [
    ['[{"id":0,"reason":"Node not found","status":1}]', [{ id: 0, reason: 'Node not found', status: 1 }]],
    ['[{"id":0,"uuid":"","message":"Busy"}]', [{ id: 0, reason: 'Busy', status: undefined }]],
    ['[{"id":0,"error":"Unavailable"}]', [{ id: 0, reason: 'Unavailable', status: undefined }]],
    ['[{"id":0,"reason":"no test-key here"}]', [{ id: 0, reason: 'no [API key] here', status: undefined }]],
    ['{"reason":"Full","status":"refused"}', [{ id: undefined, reason: 'Full', status: 'refused' }]],
    ['[{"id":0,"status":2}]', [{ id: 0, reason: 'status 2', status: 2 }]],
    [
      '[{"id":0,"reason":"a"},{"id":1,"reason":"b"}]',
      [
        { id: 0, reason: 'a', status: undefined },
        { id: 1, reason: 'b', status: undefined },
      ],
    ],
  ];
  test.each(answers)('%s', async (answer, rejections) => {
    const { client } = recordingClient(() => jsonAnswer(answer));
    const error = await failure(client.services.mr.start(order), OctaProvisionRejectedError);
    expect(error.rejections).toEqual(rejections);
    expect(error.message).toBe(`startMr: refused: ${rejections.map((each) => Object(each).reason).join('; ')}`);
    expect(error.outcome).toBe('rejected');
    expect(error.request).toEqual({ operation: 'startMr', method: 'POST', url: 'https://api.test/services/mr' });
  });
});

describe('start does not claim to know what an answer without uuid and reason means', () => {
  test.each(['[]', '[{}]', '{}', '[{"id":0,"status":0}]', '[{"status":"queued"}]', '[{"uuid":null}]'])(
    '%s',
    async (answer) => {
      const { client } = recordingClient(() => jsonAnswer(answer));
      const error = await failure(client.services.mr.start(order), OctaResponseError);
      expect(error.outcome).toBe('unknown');
      expect(error.message).toContain('look among the active sessions');
    },
  );
});

describe('start sends nothing', () => {
  const wrong: [title: string, given: unknown, message: RegExp][] = [
    ['without an image', { node_id: 1, disk_size: 5 }, /^image is missing$/],
    ['without a node', { disk_size: 5, image: 'ubuntu' }, /^node_id is missing$/],
    ['without a disk size', { node_id: 1, image: 'ubuntu', disk_size: null }, /^disk_size is missing$/],
    ['without anything', undefined, /^node_id is missing$/],
  ];
  test.each(wrong)('%s', async (_, given, message) => {
    const { client, requests } = recordingClient(() => jsonAnswer('[{"uuid":"u-1"}]'));
    const error = await failure(client.services.mr.start(given as StartMrOptions), OctaConfigurationError);
    expect(error.message).toMatch(message);
    expect(requests).toEqual([]);
  });
});

test('One start that began several sessions drops none of them.', async () => {
  const { client } = recordingClient(() => jsonAnswer('[{"uuid":"u-1"},{"uuid":"u-2"},{"uuid":"u-1"}]'));
  const error = await failure(client.services.mr.start(order), OctaSessionError);
  expect(error).toMatchObject({ reason: 'ambiguous', running: ['u-1', 'u-2'], outcome: 'unknown' });
  expect(error.message).toBe('startMr: one start began 2 sessions: u-1, u-2; stop those that are not needed');
});
