/** Schemas of options, compared with what methods accept and refuse. */
import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import {
  OctaConfigurationError,
  type StartMrOptions,
  type StartRenderOptions,
  type StartVpnOptions,
} from '../../../src/index.ts';
import {
  StartAppOptionsSchema,
  StartImageOptionsSchema,
  StartMrOptionsSchema,
  StartRenderOptionsSchema,
  StartVpnOptionsSchema,
} from '../../../src/zod/index.ts';
import { failure } from '../../support/failure.ts';
import { jsonAnswer, recordingClient } from '../../support/recording.ts';

const image = { node_id: 9010, disk_size: 50, image: 'ubuntu:24.04' };
const app = { uuid: 'a-1', name: 'Notebook', image: 'jupyter', ports: [22], http_ports: [8888] };
const sized = { ...app, extra: { min_disk_size: 12.5 } };

/** Where a schema finds something wrong; undefined when nothing is. */
function placesOf(schema: z.ZodMiniType, value: unknown): string[] | undefined {
  return schema.safeParse(value).error?.issues.map(({ path }) => path.join('.'));
}

/** Options, and where they are wrong; nothing for those that are right. */
type Table = [title: string, value: Record<string, unknown>, places?: string[]][];

const machines: Table = [
  ['an image', image],
  [
    'an image with everything else',
    { ...image, app: 'a-1', envs: { A: 'b' }, ports: [22], http_ports: [80], start_command: 'x' },
  ],
  ['an app that says how much it needs', { node_id: 9010, app: sized }],
  ['an app and a disk size', { node_id: 9010, app, disk_size: 20 }],
  ['an app and an image of its own', { ...image, app }],
  ['fields that are not known yet', { ...image, beta: [1] }],
  ['undefined for what may be absent', { ...image, envs: undefined }],
  ['an app that does not say how much it needs', { node_id: 9010, app }, ['disk_size']],
  ['an app that needs nothing', { node_id: 9010, app: { ...app, extra: { min_disk_size: 0 } } }, ['disk_size']],
  ['no disk space', { ...image, disk_size: 0 }, ['disk_size']],
  ['a port that is none', { node_id: 9010, app: sized, ports: [70_000] }, ['ports.0']],
  ['neither', { node_id: 9010 }, ['']],
  ['the UUID of an app alone', { node_id: 9010, disk_size: 20, app: 'a-1' }, ['']],
  ['no node', { disk_size: 50, image: 'ubuntu' }, ['']],
];

const relays: Table = [
  ['nothing but the node', { node_id: 9539 }],
  ['WireGuard', { node_id: 9539, subkind: 'wg' }],
  ['undefined', { node_id: 9539, subkind: undefined, protocol: undefined }],
  ['V2Ray', { node_id: 9539, subkind: 'v2ray' }],
  ['V2Ray and its protocol', { node_id: 9539, subkind: 'v2ray', protocol: 'vmess' }],
  ['a protocol with WireGuard', { node_id: 9539, subkind: 'wg', protocol: 'vmess' }, ['protocol']],
  ['a protocol alone', { node_id: 9539, protocol: 'vmess' }, ['protocol']],
  ['an unknown protocol', { node_id: 9539, subkind: 'v2ray', protocol: 'x' }, ['protocol']],
  ['an unknown kind', { node_id: 9539, subkind: 'telnet' }, ['subkind']],
  ['no node', { subkind: 'wg' }, ['node_id']],
];

const renders: Table = [
  ['a node and disk space', { node_id: 1, disk_size: 10, 'multi-gpu-worker': true }],
  ['no disk space', { node_id: 1 }, ['disk_size']],
];

describe.each([
  ['a machine', StartMrOptionsSchema, machines],
  ['a relay', StartVpnOptionsSchema, relays],
  ['a render node', StartRenderOptionsSchema, renders],
] as const)('options of %s', (_, schema, table) => {
  test.each(table)('%s', (__, value, places) => {
    expect(placesOf(schema, value)).toEqual(places);
    if (places === undefined) expect(schema.parse(value)).toStrictEqual(value);
  });
});

describe('the method sends what a schema accepts', () => {
  const started = () => recordingClient(() => jsonAnswer('[{"uuid":"u-1"}]'));
  const right = (table: Table) => table.filter(([, , places]) => places === undefined);

  test.each(right(machines))('a machine: %s', async (_, value) => {
    const { client } = started();
    const options: StartMrOptions = StartMrOptionsSchema.parse(value);
    expect((await client.services.mr.start(options)).uuid).toBe('u-1');
  });

  test.each(right(relays))('a relay: %s', async (_, value) => {
    const { client } = started();
    const options: StartVpnOptions = StartVpnOptionsSchema.parse(value);
    expect((await client.services.vpn.start(options)).uuid).toBe('u-1');
  });

  test.each(right(renders))('a render node: %s', async (_, value) => {
    const { client } = started();
    const options: StartRenderOptions = StartRenderOptionsSchema.parse(value);
    expect((await client.services.render.start(options)).uuid).toBe('u-1');
  });
});

test.each([
  ['an app without a disk size', 'mr', { node_id: 9010, app }],
  ['a protocol with WireGuard', 'vpn', { node_id: 9539, subkind: 'wg', protocol: 'vmess' }],
  ['no image', 'mr', { node_id: 9010, disk_size: 20 }],
] as const)('What a schema refuses, the method refuses before it is sent: %s', async (_, service, value) => {
  const { client, requests } = recordingClient(() => jsonAnswer('[{"uuid":"u-1"}]'));
  // No type allows these options.
  const options = value as never;
  const { start } = client.services[service];
  await failure(Reflect.apply(start, client.services[service], [options]), OctaConfigurationError);
  expect(requests).toEqual([]);
});

test('A value that matches neither form gets a message; the schema of one form names the fields.', () => {
  const order = { node_id: 9010 };
  const [issue] = StartMrOptionsSchema.safeParse(order).error?.issues ?? [];
  expect(issue?.message).toBe('Must be a machine with an image or with an app');
  expect(placesOf(StartImageOptionsSchema, order)).toEqual(['disk_size', 'image']);
  expect(placesOf(StartAppOptionsSchema, order)).toEqual(['app']);
});

test('A form can be extended.', () => {
  const withoutNode = z.omit(StartAppOptionsSchema, { node_id: true });
  expect(placesOf(withoutNode, { app: sized })).toBeUndefined();
});
