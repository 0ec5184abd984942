import { describe, expect, test } from 'vitest';
import { type OctaClient, OctaConfigurationError, OctaNotFoundError } from '../../src/index.ts';
import { clientFor } from '../support/calls.ts';
import { failure, rejection } from '../support/failure.ts';
import { serve } from '../support/server.ts';

/** What a caller without types may pass. */
type Anything = never;

const methods: [name: string, send: (client: OctaClient, id: Anything) => PromiseLike<unknown>, path: string][] = [
  ['nodes.get', (client, id) => client.nodes.get(id), 'GET /nodes/{}'],
  ['nodes.downloadIdent', (client, id) => client.nodes.downloadIdent(id), 'GET /nodes/{}/ident'],
  ['nodes.downloadLogs', (client, id) => client.nodes.downloadLogs(id), 'GET /nodes/{}/logs'],
  ['nodes.updatePrices', (client, id) => client.nodes.updatePrices(id, { base: 1 }), 'PATCH /nodes/{}/prices'],
  ['nodes.reboot', (client, id) => client.nodes.reboot(id), 'GET /nodes/{}/reboot'],
  ['session.info', (client, id) => client.services.session(id).info(), 'GET /services/{}/info'],
  [
    'session.logs',
    (client, id) => client.services.session(id).logs({ recent: true }),
    'GET /services/{}/logs?recent=true',
  ],
  ['session.stop', (client, id) => client.services.session(id).stop(), 'POST /services/{}/stop'],
  ['idleJobs.get of a node', (client, id) => client.idleJobs.get(id, 2), 'GET /idle_jobs/{}/2'],
  ['idleJobs.get of a job', (client, id) => client.idleJobs.get(1, id), 'GET /idle_jobs/1/{}'],
  ['idleJobs.logs of a node', (client, id) => client.idleJobs.logs(id, 2), 'GET /idle_jobs/{}/2/logs'],
  ['idleJobs.logs of a job', (client, id) => client.idleJobs.logs(1, id), 'GET /idle_jobs/1/{}/logs'],
  [
    'api.GET',
    async (client, id) => {
      const params = { path: { node_id: id } };
      const { response } = await client.api.GET('/nodes/{node_id}', { params });
      if (response.status === 404) throw new OctaNotFoundError({ message: 'as by every other method', status: 404 });
    },
    'GET /nodes/{}',
  ],
];

const uuid = '5dd2d308-db91';

const sent: [id: unknown, segment: string][] = [
  [42, '42'],
  [0, '0'],
  [-1, '-1'],
  [18446744073709551617n, '18446744073709551617'],
  [uuid, uuid],
  ['../accounts', '..%2Faccounts'],
  ['..\\accounts', '..%5Caccounts'],
  ['a?x=1', 'a%3Fx%3D1'],
  ['a#b', 'a%23b'],
  ['a/b', 'a%2Fb'],
  ['%2e%2e', '%252e%252e'],
  ['.%2E', '.%252E'],
  ['%2F', '%252F'],
  ['...', '...'],
  ['7/reboot', '7%2Freboot'],
  ['a b\r\nx: y', 'a%20b%0D%0Ax%3A%20y'],
  ['{uuid}', '%7Buuid%7D'],
  ['//evil.test', '%2F%2Fevil.test'],
  ['@evil.test', '%40evil.test'],
];

const refused: unknown[] = [
  '',
  ' ',
  '.',
  '..',
  null,
  undefined,
  Number.NaN,
  1.5,
  true,
  {},
  ['..'],
  '\ud800',
  () => '..',
];

describe.each(methods)('%s', (_, send, path) => {
  test('reaches its own endpoint with any id.', async () => {
    await using server = await serve((__, response) => response.writeHead(404).end());
    const client = clientFor(server);
    for (const [id] of sent) await failure(send(client, id as Anything), OctaNotFoundError);
    // A session that the API does not know is asked for in the other letter case, too.
    const segments = sent.flatMap(([, segment]) =>
      segment === uuid && path.includes('/services/') ? [uuid, uuid.toUpperCase()] : [segment],
    );
    const want = segments.map((segment) => path.replace('{}', segment));
    expect(server.received.map((request) => `${request.method} ${request.path}`)).toEqual(want);
  });

  test('rejects an invalid id before anything is sent, and never throws synchronously.', async () => {
    await using server = await serve((__, response) => response.writeHead(404).end());
    const client = clientFor(server);
    for (const id of refused) {
      const error = await rejection(send(client, id as Anything));
      expect(error).toBeInstanceOf(OctaConfigurationError);
      expect(error).toMatchObject({
        message: expect.stringMatching(/^(node_id|job_id|uuid) is /),
        outcome: 'not-sent',
      });
    }
    expect(server.received).toEqual([]);
  });
});

test('The uuid of an app is looked up in the list, and is not part of a path.', async () => {
  await using server = await serve((_, response) => response.end('[]'));
  const error = await failure(clientFor(server).apps.get('../accounts'), OctaNotFoundError);
  expect(error.message).toBe('listApps: none of the 0 apps has the uuid "../accounts"');
  expect(server.received.map(({ path }) => path)).toEqual(['/apps']);
});

test.each([[''], [null], [undefined], [7]])('%j is not a uuid of an app: nothing is sent.', async (uuid) => {
  await using server = await serve((_, response) => response.end('[]'));
  await failure(clientFor(server).apps.get(uuid as Anything), OctaConfigurationError);
  expect(server.received).toEqual([]);
});
