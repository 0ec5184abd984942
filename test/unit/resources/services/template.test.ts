import { describe, expect, test } from 'vitest';
import { type App, OctaConfigurationError, type StartMrOptions } from '../../../../src/index.ts';
import { failure } from '../../../support/failure.ts';
import { jsonAnswer, recordingClient } from '../../../support/recording.ts';
import { expectRequest, type Row } from '../rows.ts';

/** Starts without a mark, which would be different each time. */
const unmarked = { leaseVariable: false } as const;

const app: App = {
  uuid: 'a-1',
  name: 'Comfy "UI"',
  image: 'comfy:1',
  ports: [22],
  http_ports: [8188],
  start_command: 'run',
  envs: { MODEL: 'xl', TOKEN: '' },
  extra: { min_disk_size: 20.1 },
};
const bare: App = { uuid: 'a-2', name: 'Bare', image: 'bare:1', ports: [], http_ports: [] };

const rows: readonly Row[] = [
  [
    'start adds the settings of the app, with its disk size rounded up',
    (client) => client.services.mr.start({ node_id: 9010, app }),
    'POST /services/mr [{"id":0,"app":"a-1","envs":{"MODEL":"xl","TOKEN":""},"ports":[22],"http_ports":[8188],"start_command":"run","entrypoint":"","image":"comfy:1","node_id":9010,"disk_size":21}]',
  ],
  [
    'start prefers given fields to those of the app, and merges the variables',
    (client) =>
      client.services.mr.start({
        node_id: 9010,
        app,
        image: 'comfy:2',
        disk_size: 5,
        ports: [],
        http_ports: [80],
        start_command: '',
        entrypoint: '/init',
        envs: { TOKEN: 't', MORE: 'm' },
        project_id: 'p-1',
      }),
    'POST /services/mr [{"id":0,"app":"a-1","envs":{"MODEL":"xl","TOKEN":"t","MORE":"m"},"ports":[],"http_ports":[80],"start_command":"","entrypoint":"/init","image":"comfy:2","node_id":9010,"disk_size":5,"project_id":"p-1"}]',
  ],
  [
    'start sends defaults for fields that the app does not have',
    (client) => client.services.mr.start({ node_id: 9010, app: bare, disk_size: 5 }),
    'POST /services/mr [{"id":0,"app":"a-2","envs":{},"ports":[],"http_ports":[],"start_command":"","entrypoint":"","image":"bare:1","node_id":9010,"disk_size":5}]',
  ],
  [
    'start sends the UUID of an app unchanged',
    (client) => client.services.mr.start({ node_id: 9010, app: 'a-1', image: 'comfy:1', disk_size: 5 }),
    'POST /services/mr [{"id":0,"app":"a-1","envs":{},"ports":[],"http_ports":[],"start_command":"","entrypoint":"","node_id":9010,"image":"comfy:1","disk_size":5}]',
  ],
  [
    'startMany adds the settings of the app of each item',
    (client) =>
      client.services.mr.startMany([
        { node_id: 1, app },
        { node_id: 2, app: bare, disk_size: 3 },
      ]),
    'POST /services/mr [{"id":0,"app":"a-1","envs":{"MODEL":"xl","TOKEN":""},"ports":[22],"http_ports":[8188],"start_command":"run","entrypoint":"","image":"comfy:1","node_id":1,"disk_size":21},{"id":1,"app":"a-2","envs":{},"ports":[],"http_ports":[],"start_command":"","entrypoint":"","image":"bare:1","node_id":2,"disk_size":3}]',
  ],
];

test.each(rows)('%s', (...row) => expectRequest(row, '[{"uuid":"u-1"}]'));

const filled =
  'POST /services/mr [{"id":0,"app":"a-1","envs":{"MODEL":"xl","TOKEN":""},"ports":[22],"http_ports":[8188],"start_command":"run","entrypoint":"","image":"comfy:1","node_id":9010,"disk_size":21}]';

describe('an undefined field does not replace the one of the app', () => {
  const table: [title: string, given: object][] = [
    ['image', { image: undefined }],
    ['disk size', { disk_size: undefined }],
    ['ports', { ports: undefined, http_ports: undefined }],
    ['commands', { start_command: undefined, entrypoint: undefined }],
    ['variables', { envs: undefined }],
    ['a variable', { envs: { MODEL: undefined } }],
  ];
  test.each(table)('%s', async (_, given) => {
    const { client, requests } = recordingClient(() => jsonAnswer('[{"uuid":"u-1"}]'), unmarked);
    // Values that a caller without exact optional types may pass.
    await client.services.mr.start({ node_id: 9010, app, ...given } as StartMrOptions);
    expect(requests).toEqual([filled]);
  });
});

describe('the disk size of an app is', () => {
  const table: [title: string, least: number, disk: number][] = [
    ['unchanged', 20, 20],
    ['rounded up to whole GB', 0.2, 1],
    ['rounded up from any fraction', 20.000_001, 21],
  ];
  test.each(table)('%s', async (_, min_disk_size, disk) => {
    const { client, requests } = recordingClient(() => jsonAnswer('[{"uuid":"u-1"}]'), unmarked);
    await client.services.mr.start({ node_id: 9010, app: { ...bare, extra: { min_disk_size } } });
    expect(requests).toEqual([
      `POST /services/mr [{"id":0,"app":"a-2","envs":{},"ports":[],"http_ports":[],"start_command":"","entrypoint":"","image":"bare:1","node_id":9010,"disk_size":${disk}}]`,
    ]);
  });
});

test('Neither the app nor the options are changed.', async () => {
  const { client } = recordingClient(() => jsonAnswer('[{"uuid":"u-1"}]'), unmarked);
  const envs = Object.freeze({ TOKEN: 't' });
  const frozen = Object.freeze({ ...app, envs: Object.freeze({ ...app.envs }) });
  await client.services.mr.start(Object.freeze({ node_id: 9010, app: frozen, envs }));
  expect([frozen, envs]).toEqual([app, { TOKEN: 't' }]);
});

test('An app of the list can be started unchanged.', async () => {
  const list =
    '[{"uuid":"a-1","name":"One","image":"one","ports":"[22]","http_ports":"","extra":{"min_disk_size":10}}]';
  const { client, requests } = recordingClient(
    (method) => jsonAnswer(method === 'GET' ? list : '[{"uuid":"u-1"}]'),
    unmarked,
  );
  await client.services.mr.start({ node_id: 9010, app: await client.apps.get('a-1') });
  expect(requests.at(-1)).toBe(
    'POST /services/mr [{"id":0,"app":"a-1","envs":{},"ports":[22],"http_ports":[],"start_command":"","entrypoint":"","image":"one","node_id":9010,"disk_size":10}]',
  );
});

describe('start sends nothing', () => {
  const noSize = 'disk_size is required, because the app "Bare" does not state its minimum disk size';
  const wrong: [title: string, given: object, message: string][] = [
    ['if the app has no extra fields', { app: bare }, noSize],
    [
      'if the extra fields of the app have no disk size',
      { app: { ...bare, extra: { guide: 'https://a.test' } } },
      noSize,
    ],
    ['if the disk size of the app is 0', { app: { ...bare, extra: { min_disk_size: 0 } } }, noSize],
    ['if the disk size of the app is negative', { app: { ...bare, extra: { min_disk_size: -1 } } }, noSize],
    ['if the disk size is null', { app, disk_size: null }, 'disk_size is missing'],
    ['if the app has no image', { app: { ...app, image: undefined } }, 'image is missing'],
    ['if there is no node', { app, node_id: undefined }, 'node_id is missing'],
    ['if the app is null', { app: null, disk_size: 5 }, 'image is missing'],
  ];
  test.each(wrong)('%s', async (_, given, message) => {
    const { client, requests } = recordingClient(() => jsonAnswer('[{"uuid":"u-1"}]'), unmarked);
    // Values that a caller without types may pass.
    const start = { node_id: 9010, ...given } as StartMrOptions;
    const error = await failure(client.services.mr.start(start), OctaConfigurationError);
    expect(error.message).toBe(message);
    expect(requests).toEqual([]);
  });
});
