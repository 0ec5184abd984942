import { describe, expect, test } from 'vitest';
import { OctaConfigurationError, OctaProvisionRejectedError, type StartVpnOptions } from '../../../../src/index.ts';
import { failure } from '../../../support/failure.ts';
import { jsonAnswer, recordingClient } from '../../../support/recording.ts';
import { expectRequest, type Row } from '../rows.ts';

test.each<Row>([
  ['available reads the relays', (client) => client.services.vpn.available(), 'GET /services/vpn'],
  [
    'available sends additional parameters',
    (client) => client.services.vpn.available({ query: { country: 'PL' } }),
    'GET /services/vpn?country=PL',
  ],
])('%s', (...row) => expectRequest(row, '[]'));

test.each<Row>([
  [
    'start requests WireGuard by default',
    (client) => client.services.vpn.start({ node_id: 9539 }),
    'POST /services/vpn {"subkind":"wg","node_id":9539}',
  ],
  [
    'start sends another subkind',
    (client) => client.services.vpn.start({ node_id: 9539, subkind: 'http_proxy', organization_id: 'o-1' }),
    'POST /services/vpn {"subkind":"http_proxy","node_id":9539,"organization_id":"o-1"}',
  ],
  [
    'start always sends a protocol for v2ray',
    (client) => client.services.vpn.start({ node_id: 9539, subkind: 'v2ray' }),
    'POST /services/vpn {"protocol":"trojan","node_id":9539,"subkind":"v2ray"}',
  ],
  [
    'start sends the given protocol',
    (client) => client.services.vpn.start({ node_id: 9539, subkind: 'v2ray', protocol: 'vless', project_id: 88 }),
    'POST /services/vpn {"protocol":"vless","node_id":9539,"subkind":"v2ray","project_id":88}',
  ],
  [
    'start sends additional fields and parameters',
    (client) => client.services.vpn.start({ node_id: 9539 }, { query: { dry: true }, body: { mtu: 1280 } }),
    'POST /services/vpn?dry=true {"subkind":"wg","node_id":9539,"mtu":1280}',
  ],
])('%s', (...row) => expectRequest(row, '{"uuid":"u-1"}'));

describe('an option that is undefined has its default', () => {
  const table: [given: object, body: string][] = [
    [{ node_id: 1, subkind: undefined }, '{"subkind":"wg","node_id":1}'],
    [{ node_id: 1, subkind: 'v2ray', protocol: undefined }, '{"protocol":"trojan","node_id":1,"subkind":"v2ray"}'],
  ];
  test.each(table)('%o', async (given, body) => {
    const { client, requests } = recordingClient(() => jsonAnswer('{"uuid":"u-1"}'));
    // Values that a caller without exact optional types may pass.
    await client.services.vpn.start(given as StartVpnOptions);
    expect(requests).toEqual([`POST /services/vpn ${body}`]);
  });
});

describe('start sends nothing', () => {
  const wrong: [title: string, given: unknown, message: string][] = [
    [
      'for a protocol without a subkind',
      { node_id: 1, protocol: 'trojan' },
      `protocol is only supported for subkind "v2ray", but subkind is "wg"`,
    ],
    [
      'for a protocol with another subkind',
      { node_id: 1, subkind: 'ss', protocol: 'vmess' },
      `protocol is only supported for subkind "v2ray", but subkind is "ss"`,
    ],
    ['without a node', { subkind: 'wg' }, 'node_id is missing'],
    ['without anything', undefined, 'node_id is missing'],
  ];
  test.each(wrong)('%s', async (_, given, message) => {
    const { client, requests } = recordingClient(() => jsonAnswer('{"uuid":"u-1"}'));
    const error = await failure(client.services.vpn.start(given as StartVpnOptions), OctaConfigurationError);
    expect(error.message).toBe(message);
    expect(requests).toEqual([]);
  });
});

test('start returns its session.', async () => {
  const { client } = recordingClient(() => jsonAnswer('{"uuid":"u-1","status":"starting"}', 201));
  expect((await client.services.vpn.start({ node_id: 1 })).uuid).toBe('u-1');
});

test('A refusal with HTTP status 200 throws.', async () => {
  const { client } = recordingClient(() => jsonAnswer('{"status":1,"reason":"No relay"}'));
  const error = await failure(client.services.vpn.start({ node_id: 1 }), OctaProvisionRejectedError);
  expect(error.rejections).toEqual([{ id: undefined, reason: 'No relay', status: 1 }]);
});
