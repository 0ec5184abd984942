import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  type LateSession,
  type OctaClientOptions,
  OctaConfigurationError,
  OctaProvisionRejectedError,
  OctaResponseError,
  type RequestOptions,
  type StartMrOptions,
} from '../../../../src/index.ts';
import { SessionResource } from '../../../../src/resources/services/session.ts';
import { OctaSimulator } from '../../../../src/testing/index.ts';
import { failure } from '../../../support/failure.ts';
import { jsonAnswer, recordingClient } from '../../../support/recording.ts';
import { expectRequest, type Row } from '../rows.ts';

const order = { node_id: 9010, disk_size: 50, image: 'ubuntu:24.04' };

const lists: readonly Row[] = [
  ['available reads the catalogue', (client) => client.services.mr.available(), 'GET /services/mr'],
  [
    'available sends additional parameters',
    (client) => client.services.mr.available({ query: { gpu: '4090' } }),
    'GET /services/mr?gpu=4090',
  ],
];

test.each(lists)('%s', (...row) => expectRequest(row, '[]'));

const rows: readonly Row[] = [
  [
    'start posts a batch of one, with defaults for missing fields',
    (client) => client.services.mr.start(order),
    'POST /services/mr [{"id":0,"app":"","envs":{},"ports":[],"http_ports":[],"start_command":"","entrypoint":"","node_id":9010,"disk_size":50,"image":"ubuntu:24.04"}]',
  ],
  [
    'start sends all given fields',
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
    'start sends additional fields in the item of the batch',
    (client) => client.services.mr.start(order, { query: { dry: true }, body: { id: 3, priority: 'high' } }),
    'POST /services/mr?dry=true [{"id":3,"app":"","envs":{},"ports":[],"http_ports":[],"start_command":"","entrypoint":"","node_id":9010,"disk_size":50,"image":"ubuntu:24.04","priority":"high"}]',
  ],
];

test.each(rows)('%s', (...row) => expectRequest(row, '[{"uuid":"u-1"}]'));

test('An option that is undefined has its default.', async () => {
  const answer = jsonAnswer('[{"uuid":"u-1"}]');
  const { client, requests } = recordingClient(() => answer, { leaseVariable: false });
  // Values that a caller without exact optional types may pass.
  const start = { ...order, app: undefined, envs: undefined, ports: undefined } as unknown as StartMrOptions;
  await client.services.mr.start(start);
  expect(requests).toEqual([
    'POST /services/mr [{"id":0,"app":"","envs":{},"ports":[],"http_ports":[],"start_command":"","entrypoint":"","node_id":9010,"disk_size":50,"image":"ubuntu:24.04"}]',
  ]);
});

describe('start returns the session that was started', () => {
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

describe('start throws with the reason if nothing was started', () => {
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

describe('start throws with an unknown outcome for a response without uuid and reason', () => {
  test.each(['[]', '[{}]', '{}', '[{"id":0,"status":0}]', '[{"status":"queued"}]', '[{"uuid":null}]'])(
    '%s',
    async (answer) => {
      const { client, requests } = recordingClient(() => jsonAnswer(answer));
      const error = await failure(client.services.mr.start(order), OctaResponseError);
      const [{ envs }] = JSON.parse(requests[0]?.slice('POST /services/mr '.length) ?? '');
      expect(error.message).toMatch(
        /^startMr: the response has neither a uuid nor a refusal; check the active sessions/,
      );
      expect([error.outcome, error.leaseId]).toEqual(['unknown', envs.OCTA_LEASE_ID]);
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

test('A start that began several sessions returns the first, and reports each of the others once.', async () => {
  const late: LateSession[] = [];
  const { client } = recordingClient(
    () => jsonAnswer('[{"uuid":"u-1"},{"uuid":"u-2"},{"uuid":"u-1"},{"uuid":"u-3"}]'),
    {
      onLateSession: (each) => void late.push(each),
    },
  );
  const { uuid, leaseId } = await client.services.mr.start(order);
  expect(uuid).toBe('u-1');
  expect(late).toEqual(['u-2', 'u-3'].map((session) => ({ session, leaseId, node_id: 9010, action: 'running' })));
});

/** The variables of each sent item. */
function variablesIn(request: string | undefined): Record<string, string>[] {
  const items: { envs: Record<string, string> }[] = JSON.parse(request?.slice('POST /services/mr '.length) ?? '');
  return items.map(({ envs }) => envs);
}

const aUuid = expect.stringMatching(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);

describe('A start has its lease id in its variables', () => {
  const mark = { OCTA_LEASE_ID: aUuid };
  const table: [title: string, given: Partial<StartMrOptions>, options: RequestOptions, envs: object][] = [
    ['without other variables', {}, {}, mark],
    ['besides other variables', { envs: { A: 'b' } }, {}, { A: 'b', ...mark }],
    ['instead of an inherited one', { envs: { A: 'b', OCTA_LEASE_ID: 'old' } }, {}, { A: 'b', ...mark }],
    ['instead of one in additional fields', {}, { body: { envs: { OCTA_LEASE_ID: 'old' } } }, mark],
    [
      'if additional fields replace the others',
      { envs: { A: 'b' } },
      { body: { envs: { C: 'd' } } },
      { C: 'd', ...mark },
    ],
    ['if additional fields remove the others', { envs: { A: 'b' } }, { body: { envs: null } }, mark],
    ['if additional fields are empty', { envs: { A: 'b' } }, { body: { envs: {} } }, mark],
  ];
  test.each(table)('%s.', async (_, given, options, envs) => {
    const { client, requests } = recordingClient(() => jsonAnswer('[{"uuid":"u-1"}]'));
    const { leaseId } = await client.services.mr.start({ ...order, ...given } as StartMrOptions, options);
    expect(variablesIn(requests[0])).toEqual([envs]);
    expect(variablesIn(requests[0])[0]?.OCTA_LEASE_ID).toBe(leaseId);
  });

  test('under the name in leaseVariable.', async () => {
    const { client, requests } = recordingClient(() => jsonAnswer('[{"uuid":"u-1"}]'), { leaseVariable: 'OWNER' });
    const { leaseId } = await client.services.mr.start(order);
    expect(variablesIn(requests[0])).toEqual([{ OWNER: leaseId }]);
  });

  test('but not if leaseVariable is false; the lease still has an id.', async () => {
    const { client, requests } = recordingClient(() => jsonAnswer('[{"uuid":"u-1"}]'), { leaseVariable: false });
    const { leaseId } = await client.services.mr.start({ ...order, envs: { OCTA_LEASE_ID: 'old' } });
    expect([leaseId, variablesIn(requests[0])]).toEqual([aUuid, [{ OCTA_LEASE_ID: 'old' }]]);
  });

  test('a different one in each item of a batch, although they share their variables.', async () => {
    const { client, requests } = recordingClient(() => jsonAnswer('[{"uuid":"u-1"},{"uuid":"u-2"}]'));
    const envs = Object.freeze({ A: 'b', OCTA_LEASE_ID: 'old' });
    const items = Array.from({ length: 2 }, () => ({ ...order, envs }));
    const results = await client.services.mr.startMany(items, { body: { envs } });
    const ids = results.map((result) => (result.status === 'started' ? result.session.leaseId : undefined));
    expect(new Set(ids).size).toBe(2);
    expect(variablesIn(requests[0])).toEqual(ids.map((id) => ({ A: 'b', OCTA_LEASE_ID: id })));
  });

  test('a different one each time, and the same ones in each simulator with the same seed.', async () => {
    const idsOf = async (options: OctaClientOptions) => {
      const { client, requests } = recordingClient(() => jsonAnswer('[{"uuid":"u-1"}]'), options);
      for (let time = 0; time < 2; time++) await client.services.mr.start(order);
      return requests.flatMap(variablesIn).map(({ OCTA_LEASE_ID }) => OCTA_LEASE_ID);
    };
    const inVirtualWorld = () => idsOf({ clock: new OctaSimulator({ seed: 7 }).clock });
    const [one, two] = [await inVirtualWorld(), await inVirtualWorld()];
    expect([one, one]).toEqual([two, [aUuid, aUuid]]);
    const all = [...one, ...(await idsOf({})), ...(await idsOf({}))];
    expect(new Set(all).size).toBe(6);
  });

  test('even without crypto, as on pages served over plain HTTP.', async () => {
    vi.stubGlobal('crypto', { randomUUID: undefined });
    onTestFinished(() => void vi.unstubAllGlobals());
    const { client, requests } = recordingClient(() => jsonAnswer('[{"uuid":"u-1"}]'));
    await client.services.mr.start(order);
    expect(variablesIn(requests[0])).toEqual([mark]);
  });
});

test.each([
  ['A=b', 'envs is a string; allowed: a plain object'],
  [['A=b'], 'envs is an array; allowed: a plain object'],
  [5, 'envs is a number; allowed: a plain object'],
  [new Map([['A', 'b']]), 'envs is an object; allowed: a plain object'],
  [{ A: 5 }, 'envs.A is a number; allowed: a string'],
])('Wrong variables are refused before anything is sent: %j', async (envs, message) => {
  const { client, requests } = recordingClient(() => jsonAnswer('[{"uuid":"u-1"}]'));
  // Values that a caller without types may pass.
  const wrong = { ...order, envs: envs as never };
  await expect(client.services.mr.start(wrong)).rejects.toThrow(message);
  await expect(client.services.mr.rent(wrong)).rejects.toThrow(message);
  const app = { uuid: 'a-1', name: 'App', image: 'app:1', ports: [], http_ports: [], envs: { B: 'c' } };
  await expect(client.services.mr.start({ ...wrong, app })).rejects.toThrow(message);
  const job = { ...wrong, command: 'true' };
  expect(() => client.services.mr.run(job, { maxDurationMs: 60_000 })).toThrow(message);
  expect(requests).toEqual([]);
});

test('Text in the option body is sent unchanged, but variables in it are checked.', async () => {
  const { client, requests } = recordingClient(() => jsonAnswer('[{"uuid":"u-1"}]'));
  await client.services.mr.start(order, { body: { disk_size: 'large', image: true } });
  expect(requests[0]).toContain('"disk_size":"large"');
  expect(requests[0]).toContain('"image":true');
  const wrong: readonly [body: Record<string, unknown>, message: string][] = [
    [{ envs: 'A=b' }, 'envs is a string; allowed: a plain object'],
    [{ disk_size: Number.NaN }, 'disk_size is NaN; allowed: a finite number'],
    [{ image: null }, 'image is missing'],
  ];
  for (const [body, message] of wrong) await expect(client.services.mr.start(order, { body })).rejects.toThrow(message);
  expect(requests).toHaveLength(1);
});
