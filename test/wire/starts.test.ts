import { describe, expect, test } from 'vitest';
import {
  type OctaClient,
  OctaConfigurationError,
  OctaProvisionRejectedError,
  OctaResponseError,
  type StartVpnOptions,
} from '../../src/index.ts';
import { clientFor, order } from '../support/calls.ts';
import { failure } from '../support/failure.ts';
import { json, serve } from '../support/server.ts';

const answering = (text: string, status = 200) => serve((_, response) => json(response, text, status));

const starts: [
  name: string,
  operation: string,
  start: (client: OctaClient) => PromiseLike<{ readonly uuid: string }>,
][] = [
  ['A machine', 'startMr', (client) => client.services.mr.start(order)],
  ['A render node', 'startRender', (client) => client.services.render.start({ node_id: 1, disk_size: 5 })],
  ['A relay', 'startVpn', (client) => client.services.vpn.start({ node_id: 1 })],
];

describe('The body of the start of a machine', () => {
  test('is a batch of one, with id 0 and every default.', async () => {
    await using server = await answering('[{"uuid":"u-1"}]');
    await clientFor(server).services.mr.start(order);
    expect(server.received.map(({ method, path, body }) => `${method} ${path} ${body}`)).toEqual([
      'POST /services/mr [{"id":0,"app":"","envs":{},"ports":[],"http_ports":[],"start_command":"","entrypoint":"","node_id":9010,"disk_size":50,"image":"ubuntu:24.04"}]',
    ]);
  });

  test("has the caller's values.", async () => {
    await using server = await answering('[{"uuid":"u-1"}]');
    const more = {
      app: 'a-1',
      envs: { A: 'b' },
      ports: [22],
      http_ports: [80],
      start_command: 'run',
      entrypoint: 'sh',
    };
    await clientFor(server).services.mr.start({ ...order, ...more });
    expect(server.received.map(({ body }) => body)).toEqual([
      '[{"id":0,"app":"a-1","envs":{"A":"b"},"ports":[22],"http_ports":[80],"start_command":"run","entrypoint":"sh","node_id":9010,"disk_size":50,"image":"ubuntu:24.04"}]',
    ]);
  });

  test('has the defaults for what is undefined.', async () => {
    await using server = await answering('[{"uuid":"u-1"}]');
    // What a caller without exact optional types may pass.
    await clientFor(server).services.mr.start({ ...order, app: undefined, ports: undefined } as never);
    expect(server.received[0]?.body).toContain('"app":"","envs":{},"ports":[]');
  });

  test.each(['node_id', 'disk_size', 'image'])('requires %s: nothing is sent.', async (name) => {
    await using server = await answering('[{"uuid":"u-1"}]');
    const start = clientFor(server).services.mr.start({ ...order, [name]: undefined });
    expect((await failure(start, OctaConfigurationError)).message).toBe(`${name} is missing`);
    expect(server.received).toEqual([]);
  });
});

test("The body of the start of a render node has the caller's values.", async () => {
  await using server = await answering('{"uuid":"u-1"}');
  await clientFor(server).services.render.start({ node_id: 1, disk_size: 5 });
  expect(server.received.map(({ method, path, body }) => `${method} ${path} ${body}`)).toEqual([
    'POST /services/render {"node_id":1,"disk_size":5}',
  ]);
});

test('The start of a machine has a new id in its variables, whatever the caller sends.', async () => {
  await using server = await answering('[{"uuid":"u-1"}]');
  const client = clientFor(server, { leaseVariable: 'MY_LEASE' });
  const envs = { MY_LEASE: 'of another session', A: 'b' };
  await client.services.mr.start({ ...order, envs });
  await client.services.mr.start(order, { body: { envs } });
  const sent = server.received.map(({ body }) => JSON.parse(body)[0].envs);
  expect(sent).toEqual([
    { MY_LEASE: expect.stringMatching(/^[0-9a-f-]{36}$/), A: 'b' },
    { MY_LEASE: expect.stringMatching(/^[0-9a-f-]{36}$/), A: 'b' },
  ]);
  expect(sent[0].MY_LEASE).not.toBe(sent[1].MY_LEASE);
});

describe('The body of the start of a relay', () => {
  test.each<[string, StartVpnOptions, string]>([
    ['speaks WireGuard when nothing is said', { node_id: 1 }, '{"subkind":"wg","node_id":1}'],
    ['has no protocol outside V2Ray', { node_id: 1, subkind: 'openvpn' }, '{"subkind":"openvpn","node_id":1}'],
    [
      'always has a protocol within V2Ray',
      { node_id: 1, subkind: 'v2ray' },
      '{"protocol":"trojan","node_id":1,"subkind":"v2ray"}',
    ],
    [
      'has the protocol that is asked for',
      { node_id: 1, subkind: 'v2ray', protocol: 'vless' },
      '{"protocol":"vless","node_id":1,"subkind":"v2ray"}',
    ],
    [
      'has a protocol even when it is undefined',
      { node_id: 1, subkind: 'v2ray', protocol: undefined as never },
      '{"protocol":"trojan","node_id":1,"subkind":"v2ray"}',
    ],
    [
      'speaks WireGuard even when the subkind is undefined',
      { node_id: 1, subkind: undefined as never },
      '{"subkind":"wg","node_id":1}',
    ],
  ])('%s.', async (_, options, body) => {
    await using server = await answering('{"uuid":"u-1"}');
    await clientFor(server).services.vpn.start(options);
    expect(server.received.map((request) => request.body)).toEqual([body]);
  });

  test.each([['wg'], ['openvpn'], [undefined]])('cannot have a protocol with %j: nothing is sent.', async (subkind) => {
    await using server = await answering('{"uuid":"u-1"}');
    // What a caller without types may pass.
    const options = { node_id: 1, subkind, protocol: 'vless' } as never;
    const error = await failure(clientFor(server).services.vpn.start(options), OctaConfigurationError);
    expect(error.message).toBe(`protocol is only supported for subkind "v2ray", but subkind is "${subkind ?? 'wg'}"`);
    expect(server.received).toEqual([]);
  });
});

describe.each(starts)('%s', (_, operation, start) => {
  test.each([
    ['an item of a list', '[{"id":0,"uuid":"u-1","status":0}]', 200],
    ['an object', '{"uuid":"u-1","status":"starting"}', 201],
    ['one of several items', '[{"id":0,"status":1,"reason":"no"},{"id":1,"uuid":"u-1"}]', 200],
  ])('is started when %s has a uuid.', async (__, text, status) => {
    await using server = await answering(text, status);
    expect(await start(clientFor(server))).toMatchObject({ uuid: 'u-1' });
  });

  test.each<[string, string, { id?: number | undefined; reason: string; status?: unknown }[]]>([
    ['with a reason', '[{"id":0,"status":1,"reason":"no funds"}]', [{ id: 0, reason: 'no funds', status: 1 }]],
    ['with a message', '{"message":"node is busy"}', [{ id: undefined, reason: 'node is busy', status: undefined }]],
    ['with an error', '[{"error":"no funds"}]', [{ id: undefined, reason: 'no funds', status: undefined }]],
    ['with a status alone', '[{"id":0,"status":3}]', [{ id: 0, reason: 'status 3', status: 3 }]],
    [
      'with an empty uuid',
      '[{"uuid":"","reason":"no funds","status":"refused"}]',
      [{ id: undefined, reason: 'no funds', status: 'refused' }],
    ],
    [
      'with several reasons',
      '[{"id":0,"reason":"no funds"},{"id":1,"message":"too late"}]',
      [
        { id: 0, reason: 'no funds', status: undefined },
        { id: 1, reason: 'too late', status: undefined },
      ],
    ],
  ])('is refused within a success %s.', async (__, text, rejections) => {
    await using server = await answering(text);
    const error = await failure(start(clientFor(server)), OctaProvisionRejectedError);
    expect(error.rejections).toEqual(rejections);
    expect(error.message).toBe(`${operation}: refused: ${rejections.map(({ reason }) => reason).join('; ')}`);
    expect(error).toMatchObject({ outcome: 'rejected', request: { operation, method: 'POST' } });
    expect(server.received).toHaveLength(1);
  });

  test.each([
    ['[]'],
    ['{}'],
    ['[{}]'],
    ['[{"id":0}]'],
    ['{"status":"starting"}'],
    ['{"status":0}'],
    ['[{"uuid":{}}]'],
    ['[null]'],
    ['null'],
  ])('may have been started if the response is %s.', async (text) => {
    await using server = await answering(text);
    const error = await failure(start(clientFor(server)), OctaResponseError);
    expect(error.message).toMatch(
      `${operation}: the response has neither a uuid nor a refusal; check the active sessions`,
    );
    expect(error).toMatchObject({ outcome: 'unknown', request: { operation, method: 'POST' } });
    expect(server.received).toHaveLength(1);
  });

  test.each([['""'], ['7'], ['"u-1"']])(
    'may have been started if the response is %s, which is unknown.',
    async (text) => {
      await using server = await answering(text);
      expect((await failure(start(clientFor(server)), OctaResponseError)).outcome).toBe('unknown');
      expect(server.received).toHaveLength(1);
    },
  );
});

test('A started session can be read and stopped immediately.', async () => {
  await using server = await answering('[{"uuid":"u-1"}]');
  const session = await clientFor(server).services.mr.start(order);
  await session.stop({ score: 4 });
  expect(server.received.map(({ method, path, body }) => [method, path, body]).at(-1)).toEqual([
    'POST',
    '/services/u-1/stop',
    '{"score":4}',
  ]);
});
