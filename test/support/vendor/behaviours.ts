/** Behaviour of this SDK that differs from the vendor's at run time, by the rows of docs/migration.md. */
import { readFileSync } from 'node:fs';
import { expect, vi } from 'vitest';
import {
  OctaAbortError,
  OctaApiError,
  OctaClient,
  type OctaClientOptions,
  OctaConfigurationError,
  OctaNetworkError,
  OctaProvisionRejectedError,
  OctaRateLimitError,
  OctaResponseError,
  OctaServerError,
  OctaTimeoutError,
  type RequestContext,
  type StartVpnOptions,
} from '../../../src/index.ts';
import { OctaSimulator } from '../../../src/testing/index.ts';
import { failure, rejection } from '../failure.ts';
import { jsonAnswer, recordingClient } from '../recording.ts';
import { instantClock } from '../transport.ts';

const order = { node_id: 1, disk_size: 20, image: 'ubuntu:24.04' };
const apiKey = 'key-of-the-behaviours';

interface World {
  readonly simulator: OctaSimulator;
  readonly client: OctaClient;
}

function world(options: OctaClientOptions = {}): World {
  const simulator = new OctaSimulator({ machines: [{ node_id: 1 }], nodes: [{ id: 42 }] });
  return { simulator, client: new OctaClient({ apiKey, fetch: simulator.fetch, logLevel: 'silent', ...options }) };
}

/** How often an operation that fails with 503 is sent. */
async function attemptsOf(operation: 'rebootNode' | 'stopSession'): Promise<number> {
  const { simulator, client } = world();
  simulator.fail(operation, { status: 503 }, 3);
  const call = operation === 'rebootNode' ? client.nodes.reboot(42) : client.services.session('a-uuid').stop();
  await rejection(call);
  return simulator.requests.filter((each) => each.operation === operation).length;
}

/** The headers that `fetch` receives for one read. */
async function headersSent(options: OctaClientOptions): Promise<unknown> {
  let sent: unknown;
  const fetch: OctaClientOptions['fetch'] = async (_, init) => {
    sent = init.headers;
    return jsonAnswer('[]');
  };
  await new OctaClient({ fetch, ...options }).nodes.list();
  return sent;
}

function answering(text: string, status = 200, options: OctaClientOptions = {}): OctaClient {
  return recordingClient(() => jsonAnswer(text, status), options).client;
}

/** The check of each row. */
export const behaviours: Readonly<Record<string, () => Promise<void>>> = {
  Bandwidth: async () => {
    const [machine] = await answering('[{"node_id":1,"gpus":[],"net_down_mbits":125000000}]').services.mr.available();
    expect(machine?.net_down_mbits).toBe(1_000);
  },
  'Result of a start': async () => {
    const session = await world().client.services.mr.start(order);
    const { uuid } = session;
    expect((await session.info()).uuid).toBe(uuid);
  },
  'Protocol of a relay': async () => {
    const { vpn } = answering('{"uuid":"u-1"}').services;
    await failure(vpn.start({ node_id: 1, protocol: 'vless' } as object as StartVpnOptions), OctaConfigurationError);
    expect((await vpn.start({ node_id: 1, subkind: 'v2ray', protocol: 'vless' })).uuid).toBe('u-1');
  },
  'Kind of service': async () => {
    const [session] = await answering('[{"uuid":"u-1","service":"storage"}]').sessions.list();
    expect(session?.service).toBe('storage');
  },
  'Config of a relay': async () => {
    const simulator = new OctaSimulator({ relays: [{ node_id: 1 }] });
    const client = new OctaClient({ apiKey, fetch: simulator.fetch });
    const session = await client.services.vpn.start({ node_id: 1 });
    const { config } = await session.waitUntilReady();
    const [listed] = await client.sessions.list();
    expect(config).toContain('PrivateKey');
    expect(listed).not.toHaveProperty('config');
  },
  Era: async () => {
    for (const era of [3, 'Vega']) {
      const { blockchain } = await answering(JSON.stringify({ blockchain: { era } })).network.get();
      expect(blockchain?.era).toBe(era);
    }
  },
  'Refused starts': async () => {
    const { simulator, client } = world();
    simulator.machine(1).refuse('Node is busy');
    const { rejections } = await failure(client.services.mr.start(order), OctaProvisionRejectedError);
    expect(rejections.map(({ reason }) => reason)).toEqual(['Node is busy']);
  },
  'Variables of a start': async () => {
    const bodies = async (options: OctaClientOptions) => {
      const { simulator, client } = world(options);
      await client.services.mr.start(order);
      return JSON.stringify(simulator.requests);
    };
    expect(await bodies({})).toContain('OCTA_LEASE_ID');
    expect(await bodies({ leaseVariable: false })).not.toContain('OCTA_LEASE_ID');
  },
  Arguments: async () => {
    const list = world().client.nodes.list as (...given: unknown[]) => PromiseLike<unknown>;
    const { message } = await failure(list({}, { retries: 0 }), OctaConfigurationError);
    expect(message).toContain('nodes.list takes 1 argument, but got 2');
  },
  'Misspelt options': async () => {
    const misspelt: object = { timeout: 1 };
    expect(() => new OctaClient(misspelt)).toThrow(OctaConfigurationError);
    await failure(world().client.nodes.list(misspelt), OctaConfigurationError);
  },
  'Aborted calls': async () => {
    const error = await failure(world().client.nodes.list({ signal: AbortSignal.abort() }), OctaAbortError);
    expect(error).toBeInstanceOf(OctaNetworkError);
  },
  'Time limits': async () => {
    const { simulator, client } = world({ retries: 0 });
    simulator.fail('listNodes', { stall: 'body' }, 2);
    expect((await failure(client.nodes.list(), OctaTimeoutError)).timeout).toBe('timeoutMs');
    const whole = client.nodes.list({ timeoutMs: 0 });
    expect((await failure(whole, OctaTimeoutError)).timeout).toBe('totalTimeoutMs');
  },
  Retries: async () => {
    expect(await attemptsOf('rebootNode')).toBe(1);
    expect(await attemptsOf('stopSession')).toBe(3);
  },
  'Waits for Retry-After': async () => {
    const { simulator, client } = world();
    simulator.fail('listNodes', { status: 429, headers: { 'retry-after': '61' } });
    const { stoppedBy, retryAfter } = await failure(client.nodes.list(), OctaRateLimitError);
    expect([stoppedBy, retryAfter]).toEqual(['maxRetryAfterMs', 61]);
  },
  Redirects: async () => {
    const answer = () => new Response(null, { status: 302, headers: { location: '/elsewhere' } });
    const { status } = await failure(recordingClient(answer).client.nodes.list(), OctaApiError);
    expect(status).toBe(302);
  },
  'Contexts of hooks': async () => {
    const contexts: RequestContext[] = [];
    const { client } = world({ onRequest: (context) => void contexts.push(context) });
    await client.nodes.updatePrices(42, { base: 5n });
    expect(contexts.map(({ body, headers }) => [body, headers.get('authorization')])).toEqual([['{"base":5}', null]]);
  },
  'Errors in hooks': async () => {
    const onResponse = () => {
      throw new Error('a mistake');
    };
    expect(await answering('[]', 200, { onResponse }).nodes.list()).toEqual([]);
  },
  'Mocks of fetch': async () => {
    await failure(answering('').nodes.list(), OctaResponseError);
    expect(await answering('{"balance":1.5}').accounts.balance()).toEqual({});
    expect(await answering('{"balance":1e18}').accounts.balance()).toEqual({ balance: 10n ** 18n });
  },
  'Body of an error': async () => {
    const text = await failure(answering('<p>busy</p>', 500).nodes.list(), OctaServerError);
    expect(text.body).toBe('<p>busy</p>');
  },
  'Empty key': async () => {
    expect(await headersSent({ apiKey: '' })).not.toHaveProperty('authorization');
    expect(await headersSent({ apiKey })).toHaveProperty('authorization', apiKey);
  },
  Browsers: async () => {
    vi.stubGlobal('document', {});
    try {
      const { client } = recordingClient(() => jsonAnswer('[]'), { clock: instantClock() });
      const { message } = await failure(client.services.mr.start(order), OctaConfigurationError);
      expect(message).toContain('allowBillableInBrowser');
    } finally {
      vi.unstubAllGlobals();
    }
  },
  'User-Agent': async () => {
    expect(await headersSent({ apiKey })).toHaveProperty('user-agent', expect.stringMatching(/^octaspace-sdk-js\/\d/));
    expect(await headersSent({ apiKey, userAgent: 'mine/1' })).toHaveProperty('user-agent', 'mine/1');
  },
  Runtimes: async () => {
    const manifest = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
    expect(manifest.engines.node).toBe('>=20.19');
  },
};
