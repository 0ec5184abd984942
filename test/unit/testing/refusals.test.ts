import { describe, expect, test } from 'vitest';
import { OctaBadRequestError, OctaProvisionRejectedError } from '../../../src/index.ts';
import { OctaSimulator } from '../../../src/testing/index.ts';
import { failure } from '../../support/failure.ts';
import { ask, aWorld, rental, smallWorld } from './ask.ts';

describe('a batch of machines', () => {
  test('gets a response for each item with HTTP status 200', async () => {
    const simulator = new OctaSimulator(smallWorld);
    const body = [1, 99, 1, 2].map((node_id, index) => ({ id: 10 + index, ...rental(node_id) }));
    const { status, value } = await ask(simulator, 'POST /services/mr', { body });
    expect(status).toBe(200);
    expect(value).toEqual([
      { id: 10, uuid: simulator.sessions[0]?.uuid },
      { id: 11, reason: 'Node not found', status: 1 },
      { id: 12, reason: 'Node is busy', status: 1 },
      { id: 13, uuid: simulator.sessions[1]?.uuid },
    ]);
  });

  test('may be a single object, which gets a single response', async () => {
    const simulator = new OctaSimulator(smallWorld);
    const started = await ask(simulator, 'POST /services/mr', { body: rental(1) });
    expect([started.status, started.value]).toEqual([201, { uuid: simulator.running[0], status: 'starting' }]);
    const refused = await ask(simulator, 'POST /services/mr', { body: rental(1) });
    expect([refused.status, refused.value]).toEqual([400, { message: 'Node is busy' }]);
  });
});

test('Render machines and relays start with 201, and are refused with 400.', async () => {
  const { simulator, client } = aWorld(smallWorld);
  const render = await ask(simulator, 'POST /services/render', { body: { node_id: 3, disk_size: 10 } });
  const relay = await ask(simulator, 'POST /services/vpn', { body: { node_id: 4 } });
  expect([render.status, relay.status]).toEqual([201, 201]);
  expect([render.value, relay.value]).toMatchObject([{ status: 'queued' }, { status: 'starting' }]);
  await failure(client.services.render.start({ node_id: 3, disk_size: 10 }), OctaBadRequestError);
  const error = await failure(client.services.vpn.start({ node_id: 5 }), OctaBadRequestError);
  expect(error.body).toEqual({ message: 'Node not found' });
});

test('A node refuses with the given reason, as often as requested, and then no more.', async () => {
  const { simulator, client } = aWorld(smallWorld);
  simulator.machine(1).refuse('Node is in maintenance', 2);
  simulator.machine(4).refuse();
  for (let time = 0; time < 2; time++) {
    const error = await failure(client.services.mr.start(rental(1)), OctaProvisionRejectedError);
    expect(error.rejections).toEqual([{ id: 0, reason: 'Node is in maintenance', status: 1 }]);
  }
  await client.services.mr.start(rental(1));
  const error = await failure(client.services.vpn.start({ node_id: 4 }), OctaBadRequestError);
  expect(error.body).toEqual({ message: 'Node is unavailable' });
  await client.services.vpn.start({ node_id: 4 });
});

describe('an invalid body is refused with 422, and starts nothing', () => {
  const item = { id: 0, ...rental(1) };
  test.each([
    ['POST /services/mr', undefined, 'a body is required'],
    ['POST /services/mr', [], 'an object is required'],
    ['POST /services/mr', [5], 'an object is required'],
    ['POST /services/mr', [{ ...item, id: undefined }], 'id is missing'],
    ['POST /services/mr', [item, { ...item, node_id: '2' }], 'node_id is invalid'],
    ['POST /services/mr', [{ ...item, node_id: 1.5 }], 'node_id is invalid'],
    ['POST /services/mr', [{ ...item, image: undefined }], 'image is missing'],
    ['POST /services/mr', [{ ...item, image: null }], 'image is invalid'],
    ['POST /services/mr', [{ ...item, disk_size: 0 }], 'disk_size is invalid'],
    ['POST /services/mr', [{ ...item, envs: { A: 1 } }], 'envs is invalid'],
    ['POST /services/mr', [{ ...item, ports: [0] }], 'ports is invalid'],
    ['POST /services/mr', [{ ...item, http_ports: '[80]' }], 'http_ports is invalid'],
    ['POST /services/render', { node_id: 3 }, 'disk_size is missing'],
    ['POST /services/render', { node_id: 3, disk_size: 1, 'multi-gpu-worker': 'yes' }, 'multi-gpu-worker is invalid'],
    ['POST /services/vpn', {}, 'node_id is missing'],
    ['POST /services/vpn', [{ node_id: 4 }], 'an object is required'],
    ['POST /services/vpn', { node_id: 4, subkind: 'ipsec' }, 'subkind is invalid'],
    ['POST /services/vpn', { node_id: 4, subkind: 'v2ray', protocol: 'x' }, 'protocol is invalid'],
  ])('%s %j', async (line, body, problem) => {
    const simulator = new OctaSimulator(smallWorld);
    const { status, value } = await ask(simulator, line, { body });
    expect([status, value]).toEqual([422, { error: `Invalid params: ${problem}` }]);
    expect(simulator.sessions).toEqual([]);
  });

  test.each([[0], [6], [1.5], ['5']])('a score of %j', async (score) => {
    const { simulator, client } = aWorld(smallWorld);
    const { uuid } = await client.services.mr.start(rental(1));
    expect((await ask(simulator, `POST /services/${uuid}/stop`, { body: { score } })).status).toBe(422);
    expect(simulator.running).toEqual([uuid]);
  });

  test.each([[{}], [{ base: -1 }], [{ base: 1.5 }], [{ base: '5' }], [undefined]])('prices %j', async (body) => {
    const simulator = new OctaSimulator({ nodes: [{ id: 1 }] });
    expect((await ask(simulator, 'PATCH /nodes/1/prices', { body })).status).toBe(422);
  });

  test('and a body that is not JSON with 400', async () => {
    const { status, value } = await ask(new OctaSimulator(), 'POST /services/mr', { body: '[{' });
    expect([status, value]).toEqual([400, { message: 'Invalid JSON' }]);
  });
});

describe('stopping', () => {
  test('a second time returns 404, and so does an unknown session', async () => {
    const { simulator, client } = aWorld(smallWorld);
    const { uuid } = await client.services.mr.start(rental(1));
    expect((await ask(simulator, `POST /services/${uuid}/stop`)).status).toBe(200);
    for (const each of [uuid, 'never-was']) {
      const { status, value } = await ask(simulator, `POST /services/${each}/stop`);
      expect([status, value]).toEqual([404, { error: 'Session not found' }]);
    }
  });

  test('with GET does the same, for older clients', async () => {
    const { simulator, client } = aWorld(smallWorld);
    const { uuid } = await client.services.mr.start(rental(1));
    expect((await ask(simulator, `GET /services/${uuid}/stop`)).status).toBe(200);
    expect(simulator.running).toEqual([]);
    expect(simulator.requests.at(-1)).toMatchObject({ operation: 'stopSession', method: 'GET' });
  });
});

test.each([
  ['GET /nope'],
  ['DELETE /sessions'],
  ['GET /services/mr/'],
  ['GET /services//info'],
  ['GET /services/%ZZ/info'],
  ['POST /nodes/1/reboot'],
])('%s returns 404, with or without a key.', async (line) => {
  for (const key of ['any', '']) {
    const { status, value } = await ask(new OctaSimulator({ nodes: [{ id: 1 }] }), line, { key });
    expect([status, value]).toEqual([404, { error: 'Not found' }]);
  }
});

test.each([
  ['GET /nodes/77', 'Node not found'],
  ['GET /nodes/77/reboot', 'Node not found'],
  ['GET /idle_jobs/1/101', 'Job not found'],
  ['GET /idle_jobs/1/x/logs', 'Job not found'],
])('%s returns 404: %s', async (line, error) => {
  const { status, value } = await ask(new OctaSimulator({ nodes: [{ id: 1 }] }), line);
  expect([status, value]).toEqual([404, { error }]);
});

test('A key is required if the operation requires one.', async () => {
  const simulator = new OctaSimulator({ apiKey: 'the-key' });
  const statuses = async (line: string) => {
    const answers = [];
    for (const key of ['', 'wrong', 'the-key']) answers.push((await ask(simulator, line, { key })).status);
    return answers;
  };
  expect(await statuses('GET /accounts')).toEqual([401, 401, 200]);
  expect(await statuses('GET /apps')).toEqual([200, 401, 200]);
  expect(await statuses('GET /network')).toEqual([200, 200, 200]);
  expect((await ask(simulator, 'GET /accounts', { key: '' })).value).toEqual({ error: 'Unauthorized' });
  expect((await ask(new OctaSimulator(), 'GET /accounts', { key: 'whatever' })).status).toBe(200);
});
