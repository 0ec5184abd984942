/** Whether a session can be used: by its state, its addresses, and a probe. */
import { describe, expect, test } from 'vitest';
import { callerOf } from '../../../src/core/octa-core.ts';
import { OctaClient, OctaConfigurationError, type ServiceInfo } from '../../../src/index.ts';
import type { LeaseFacts } from '../../../src/leases/lease.ts';
import { isConfigured, isUsable, isVpn, type Probe, tryProbe } from '../../../src/leases/readiness.ts';
import { failure } from '../../support/failure.ts';
import { image, market } from '../../support/market.ts';
import { instantClock } from '../../support/transport.ts';

type Fields = Omit<Partial<ServiceInfo>, 'uuid'>;
type Known = LeaseFacts['service'];

const proxy = { ip: '192.0.2.1', port: 3128 };

describe('a machine or a render node is ready by its state', () => {
  const table: [title: string, fields: Fields, ready: boolean][] = [
    ['if is_ready is true', { is_ready: true }, true],
    ['not if is_ready is false', { is_ready: false }, false],
    ['not without fields', {}, false],
    ['if its progress is "service configured"', { progress: 'service configured' }, true],
    [
      'if its progress says so in another letter case, with spaces around it',
      { progress: ' Service Configured\n' },
      true,
    ],
    ['if its progress is "configured"', { progress: 'configured' }, true],
    ['if its progress is "running"', { progress: 'running' }, true],
    ['if its progress is "READY"', { progress: 'READY' }, true],
    ['if its progress says so, although is_ready is false', { is_ready: false, progress: 'ready' }, true],
    ['if is_ready is true, whatever its progress', { is_ready: true, progress: 'pulling image' }, true],
    ['not if its progress is "not running"', { progress: 'not running' }, false],
    ['not if its progress is "almost ready"', { progress: 'almost ready' }, false],
    ['not if its progress is empty', { progress: '' }, false],
    ['not because it has a configuration', { config: '[Interface]' }, false],
  ];
  test.each(table)('%s', (_, fields, ready) => {
    const services: [Known, string | undefined][] = [
      ['mr', 'mr'],
      ['render', 'render'],
      ['mr', ''],
      ['render', 'vpn'],
      [undefined, 'mr'],
      [undefined, 'render'],
      [undefined, 'another'],
      [undefined, undefined],
    ];
    for (const [known, service] of services) {
      const info = { uuid: 'u-1', kind: 'base', ...fields, ...(service === undefined ? {} : { service }) };
      expect([known, service, isConfigured(info, { service: known })]).toEqual([known, service, ready]);
    }
  });
});

describe('a relay is ready', () => {
  const table: [title: string, fields: Fields, ready: boolean][] = [
    ['if it has a configuration', { config: '[Interface]' }, true],
    ['if its configuration is an address, as for an HTTP proxy', { config: proxy }, true],
    ['not without a configuration', {}, false],
    ['not with an empty one', { config: '' }, false],
    ['not with a blank one', { config: ' \n' }, false],
    ['not with an empty object', { config: {} as typeof proxy }, false],
    ['not because of its state', { is_ready: true, progress: 'service configured' }, false],
    ['with a configuration, whatever its state', { is_ready: false, progress: 'starting', config: 'trojan://x' }, true],
    // Values that the types exclude, but that a response may contain.
    ['not with null', { config: null as unknown as string }, false],
    ['not with a number', { config: 1 as unknown as string }, false],
    ['not with an empty list', { config: [] as unknown as string }, false],
  ];
  test.each(table)('%s', (_, fields, ready) => {
    const states: [Known, Fields][] = [
      ['vpn', { service: 'vpn', kind: 'wg' }],
      ['vpn', {}],
      ['vpn', { service: 'mr' }],
      [undefined, { service: 'vpn' }],
      ...['wg', 'openvpn', 'ss', 'v2ray', 'http_proxy'].map((kind): [Known, Fields] => [undefined, { kind }]),
      [undefined, { service: '', kind: 'ss' }],
    ];
    for (const [known, state] of states) {
      expect([known, state, isConfigured({ uuid: 'u-1', ...state, ...fields }, { service: known })]).toEqual([
        known,
        state,
        ready,
      ]);
    }
  });
});

test.each<[title: string, fields: Fields]>([
  ['another service', { service: 'mr', kind: 'wg' }],
  ['another kind', { service: '', kind: 'base' }],
  ['an unknown kind', { kind: 'pptp' }],
  ['no kind', {}],
])('A session of %s is not a relay, and does not need a configuration.', (_, fields) => {
  expect(isVpn(fields as ServiceInfo)).toBe(false);
  expect(isConfigured({ uuid: 'u-1', ...fields, is_ready: true }, {})).toBe(true);
});

test('A relay is recognized by its service or, if that is empty, by its kind.', () => {
  const kinds = ['wg', 'openvpn', 'ss', 'v2ray', 'http_proxy'];
  const relays: Fields[] = [{ service: 'vpn' }, ...kinds.flatMap((kind) => [{ kind }, { service: '', kind }])];
  expect(relays.filter((fields) => !isVpn(fields))).toEqual([]);
});

describe('a session that is ready can be used', () => {
  const there = { host: '192.0.2.1', port: 40_022 };
  const table: [title: string, facts: LeaseFacts, fields: Fields, usable: boolean][] = [
    ['if its order is unknown', {}, {}, true],
    ['if no ports were ordered', { ports: false, httpPorts: false }, {}, true],
    ['not without an address, if ports were ordered', { ports: true }, {}, false],
    ['with a direct address', { ports: true }, { ssh_direct: there }, true],
    ['with a proxy address', { ports: true }, { ssh_direct: { host: '', port: 0 }, ssh_proxy: there }, true],
    ['with a port in the matrix', { ports: true }, { ports_matrix: { '22': 40_022 } as never }, true],
    ['not with an empty matrix', { ports: true }, { ports_matrix: {} }, false],
    ['not with an address without a port', { ports: true }, { ssh_direct: { host: '192.0.2.1', port: 0 } }, false],
    ['not with an address without a host', { ports: true }, { ssh_proxy: { host: '', port: 40_022 } }, false],
    ['not without a URL, if HTTP ports were ordered', { httpPorts: true }, { ssh_direct: there }, false],
    ['not with empty urls', { httpPorts: true }, { urls: {} }, false],
    ['with a URL', { httpPorts: true }, { urls: { '8080': 'https://a.test' } }, true],
    [
      'not with only a URL, if both were ordered',
      { ports: true, httpPorts: true },
      { urls: { '80': 'https://a.test' } },
      false,
    ],
  ];
  test.each(table)('%s', (_, facts, fields, usable) => {
    const info = { uuid: 'u-1', is_ready: true, ...fields };
    expect(isUsable(info, facts, 'usable')).toBe(usable);
    expect(isUsable(info, facts, 'status')).toBe(true);
    expect(isUsable({ ...info, is_ready: false }, facts, 'usable')).toBe(false);
    expect(isUsable({ ...info, is_ready: false }, facts, 'status')).toBe(false);
  });
});

describe('a probe function', () => {
  const { client } = market();
  const caller = callerOf(client);
  const seenBy = (probe: Probe) => tryProbe(probe, { uuid: 'u-1' }, caller);

  test('receives the session, and succeeds by returning true.', async () => {
    const told: unknown[] = [];
    expect(await seenBy((info) => told.push(info) > 0)).toBeUndefined();
    expect(told).toEqual([{ uuid: 'u-1' }]);
  });

  test.each<[title: string, probe: Probe, seen: unknown]>([
    ['that returns false', () => false, new Error('the probe returned false: the session does not respond yet')],
    [
      'that resolves to false',
      async () => false,
      new Error('the probe returned false: the session does not respond yet'),
    ],
    [
      'that throws',
      () => {
        throw new TypeError('refused');
      },
      new TypeError('refused'),
    ],
    ['that rejects', () => Promise.reject(new TypeError('refused')), new TypeError('refused')],
    ['that rejects with nothing', () => Promise.reject(), new Error('the probe failed')],
  ])('%s is reported as a failure.', async (_, probe, seen) => {
    expect(await seenBy(probe)).toEqual(seen);
  });

  test('that does not settle is abandoned after 5 s, and its signal is aborted.', async () => {
    const { client: another, simulator } = market();
    let told: AbortSignal | undefined;
    const seeing = tryProbe(
      (_, { signal }) =>
        new Promise(() => {
          told = signal;
        }),
      { uuid: 'u-1' },
      callerOf(another),
    );
    await simulator.advance(4_999);
    expect(told?.aborted).toBe(false);
    await simulator.advance(1);
    expect(await seeing).toEqual(new Error('no response within 5000 ms'));
    expect(told?.aborted).toBe(true);
  });
});

describe('a probe of an HTTP port', () => {
  const info = { uuid: 'u-1', urls: { '8080': 'https://a.test/base/' } };
  const probed = async (http: { port: number; path?: string; status?: number }, status: number) => {
    const sent: [url: string, method: string | undefined, redirect: string | undefined, key: string | null][] = [];
    const fetch = async (url: string, { method, redirect, headers }: RequestInit) => {
      sent.push([url, method, redirect, new Headers(headers).get('authorization')]);
      return new Response('hello', { status });
    };
    const client = new OctaClient({ apiKey: 'a-key', fetch, clock: instantClock() });
    return { seen: await tryProbe({ http }, info, callerOf(client)), sent };
  };

  test.each([200, 302, 401, 404, 499])('succeeds with status %i, and sends no API key.', async (status) => {
    expect(await probed({ port: 8080 }, status)).toEqual({
      seen: undefined,
      sent: [['https://a.test/', 'GET', 'manual', null]],
    });
  });

  test.each([500, 502, 599])('fails with status %i.', async (status) => {
    expect((await probed({ port: 8080 }, status)).seen).toEqual(new Error(`port 8080 responded with status ${status}`));
  });

  test('requests a path, and expects a single status if that is set.', async () => {
    const http = { port: 8080, path: '/health?x=1', status: 503 };
    expect(await probed(http, 503)).toMatchObject({
      seen: undefined,
      sent: [['https://a.test/health?x=1', 'GET', 'manual', null]],
    });
    expect((await probed(http, 200)).seen).toEqual(new Error('port 8080 responded with status 200'));
  });

  test('sends nothing while there is no URL.', async () => {
    expect(await probed({ port: 80 }, 200)).toEqual({
      seen: new Error('the session has no URL for port 80 yet'),
      sent: [],
    });
  });
});

test('waitUntilReady waits until the probe succeeds, and reports its failures.', async () => {
  const { client, simulator } = market();
  const session = await client.services.mr.start({ node_id: 1, ...image });
  let tries = 0;
  const steps: unknown[] = [];
  await session.waitUntilReady({
    probe: () => ++tries === 3,
    onProgress: ({ step, error }) => void steps.push(error instanceof Error ? error.message : step),
  });
  const no = 'the probe returned false: the session does not respond yet';
  expect(steps.filter((step) => step !== 'waiting')).toEqual([no, no, 'ready']);
  expect(simulator.running).toEqual([session.uuid]);
});

test.each([{}, { http: {} }, { http: { port: '80' } }, { http: { port: 1.5 } }, 'http', null])(
  '%j is not a probe.',
  async (probe) => {
    const { client, simulator } = market();
    // Values that a caller without types may pass.
    const error = await failure(
      client.services.session('u-1').waitUntilReady({ probe: probe as never }),
      OctaConfigurationError,
    );
    expect(error.message).toMatch(/^probe is .*; allowed: a function, or an object such as \{ http/);
    expect(simulator.requests).toEqual([]);
  },
);
