import { request } from 'node:http';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { describe, expect, test } from 'vitest';
import { simulatedBackend } from '../../../../src/cli/mcp/backend.ts';
import { loadSdk } from '../../../../src/cli/mcp/sdk.ts';
import { serveHttp } from '../../../../src/cli/mcp/serve-http.ts';
import { OctaSimulator } from '../../../../src/testing/index.ts';
import { mcpSettings, mcpUser } from '../../../support/mcp.ts';
import { callEveryTool } from '../../../support/mcp-story.ts';
import { until } from '../../../support/until.ts';
import { runCli } from '../console.ts';

const token = 'token-of-this-test-0001';

/** A server over HTTP on a simulator, in this process. */
async function openHttp(given: Parameters<typeof mcpSettings>[0] = {}, env: Record<string, string> = {}) {
  const simulator = new OctaSimulator();
  const ending = new AbortController();
  let stderr = '';
  const io = {
    env: { OCTA_LOG_LEVEL: 'silent', OCTA_MCP_TOKEN: token, ...env },
    stdout: { write: () => undefined },
    stderr: {
      write: (text: string) => {
        stderr += text;
      },
    },
    signal: ending.signal,
    json: false,
  };
  const settings = mcpSettings({ port: 0, isOperator: true, ...given });
  const backend = simulatedBackend(settings, io, { simulator });
  const served = serveHttp(await loadSdk(), backend, io);
  await until(() => stderr.includes('/mcp'));
  const url = new URL(/http:\S+/.exec(stderr)?.[0] ?? '');
  const connect = async (headers: Record<string, string> = {}) => {
    const init = { headers: { authorization: `Bearer ${token}`, ...headers } };
    const transport = new StreamableHTTPClientTransport(url, { requestInit: init });
    return { transport, ...(await mcpUser(transport)) };
  };
  const close = async () => {
    ending.abort();
    const left = await served;
    await backend.client.close({ stopSessions: true });
    return left;
  };
  return {
    simulator,
    url,
    connect,
    close,
    backend,
    stderr: () => stderr,
    [Symbol.asyncDispose]: async () => void (await close()),
  };
}

const hello = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
};

/** Sends a raw request; headers such as Host cannot be set by fetch. */
function raw(url: URL, headers: Record<string, string>, body: string = JSON.stringify(hello), method = 'POST') {
  const all = {
    accept: 'application/json, text/event-stream',
    'content-type': 'application/json',
    authorization: `Bearer ${token}`,
    ...headers,
  };
  return new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
    const sent = request(url, { method, headers: all }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode, text }));
    });
    sent.on('error', reject).end(body);
  });
}

test('The official client calls every tool over HTTP.', async () => {
  await using http = await openHttp();
  const user = await http.connect();
  const called = await callEveryTool(user);
  expect([...called].sort()).toEqual((await user.client.listTools()).tools.map(({ name }) => name).sort());
  expect(http.simulator.running).toEqual([]);
});

describe('A request over HTTP', () => {
  const own = (port: string, name = '127.0.0.1') => `${name}:${port}`;
  const cases: [what: string, (port: string) => Record<string, string>, status: number][] = [
    ['as clients send it', () => ({}), 200],
    ['to localhost', (port) => ({ host: own(port, 'localhost') }), 200],
    ['with the origin of the server', (port) => ({ origin: `http://${own(port)}` }), 200],
    ['with another token', () => ({ authorization: 'Bearer token-of-this-test-0002' }), 401],
    ['with a part of the token', () => ({ authorization: `Bearer ${token.slice(0, -1)}` }), 401],
    ['without a token', () => ({ authorization: '' }), 401],
    ['with another scheme', () => ({ authorization: `Basic ${token}` }), 401],
    ['to a name that leads here', (port) => ({ host: `evil.example:${port}` }), 403],
    ['to another port', () => ({ host: '127.0.0.1:1' }), 403],
    ['without a port', () => ({ host: 'localhost' }), 403],
    ['of a web page', () => ({ origin: 'https://evil.example' }), 403],
    ['of a page of this computer', () => ({ origin: 'http://localhost:3000' }), 403],
    ['of a sandboxed page', () => ({ origin: 'null' }), 403],
    ['of an origin that begins alike', (port) => ({ origin: `http://${own(port)}.evil.example` }), 403],
  ];
  test.each(cases)('%s', async (_, headersOf, status) => {
    await using http = await openHttp();
    const answer = await raw(http.url, headersOf(http.url.port));
    expect(answer.status).toBe(status);
    expect(answer.text).not.toContain(token);
    if (status !== 200) expect(http.simulator.requests).toEqual([]);
  });

  test('is refused for another path, a body that is too large or not JSON, and a session that is unknown.', async () => {
    await using http = await openHttp();
    expect((await raw(new URL('/other', http.url), {})).status).toBe(404);
    expect((await raw(http.url, {}, 'x')).status).toBe(400);
    expect((await raw(http.url, {}, 'x'.repeat(2_000_001))).status).toBe(413);
    expect((await raw(http.url, { 'mcp-session-id': 'none' })).status).toBe(404);
    expect((await raw(http.url, {}, '', 'PUT')).status).toBe(405);
  });
});

/** A client that rents, and the id of its session. */
async function renting(http: Awaited<ReturnType<typeof openHttp>>, index = 0) {
  const user = await http.connect();
  const { machines } = (await user.call('find_machines')).data;
  const quote = await user.call('quote', { kind: 'machine', node_id: machines[index].node_id, image: 'a' });
  const limits = { max_spend_octa: '1', max_minutes: 60 };
  const { session } = (await user.call('rent', { quote_id: quote.data.quote_id, ...limits })).data;
  return { user, uuid: session.session_uuid as string };
}

describe('A client over HTTP', () => {
  test('that sends nothing for --idle-minutes is gone, and its session ends; that of another client runs on.', async () => {
    await using http = await openHttp({ idleMs: 600_000 });
    const silent = await renting(http, 0);
    await http.simulator.advance(300_000);
    const active = await renting(http, 1);
    await http.simulator.advance(240_000);
    expect(http.simulator.running.length).toBe(2);
    await http.simulator.advance(60_001 + 60_000);
    expect(http.simulator.running).toEqual([active.uuid]);
    await expect(silent.user.call('get_market')).rejects.toThrow('initialize again');
    expect((await active.user.call('get_market')).isError).toBe(false);
  });

  test('that ends its session of the protocol leaves nothing running.', async () => {
    await using http = await openHttp();
    const { user } = await renting(http);
    await user.transport.terminateSession();
    await until(() => http.simulator.running.length === 0);
  });

  test('loses its sessions when the server ends, which says what it stopped.', async () => {
    const http = await openHttp();
    const { uuid } = await renting(http);
    expect(await http.close()).toEqual([]);
    expect(http.simulator.running).toEqual([]);
    const said = http.stderr().split('\n').slice(-3, -1);
    expect(said).toEqual([`octaspace: stopping 1 session: ${uuid}`, `octaspace: stopped 1 session: ${uuid}`]);
  });

  test('keeps its sessions with --keep when the server ends, which names them.', async () => {
    const http = await openHttp({ keep: true });
    const { uuid } = await renting(http);
    await http.close();
    expect(http.stderr()).toMatch(new RegExp(`/mcp\\noctaspace: kept 1 session: ${uuid}\\n$`));
  });

  test('may have no sessions when the server ends, which says so.', async () => {
    const http = await openHttp();
    await http.connect();
    await http.close();
    expect(http.stderr()).toMatch(/\/mcp\noctaspace: no sessions are running\n$/);
  });

  test('that starts a session when the server ends leaves nothing running.', async () => {
    const http = await openHttp();
    const user = await http.connect();
    const { machines } = (await user.call('find_machines')).data;
    const { node_id } = machines[0];
    http.simulator.machine(node_id).readyAfter(300_000);
    const { quote_id } = (await user.call('quote', { kind: 'machine', node_id, image: 'a' })).data;
    await user.call('rent', { quote_id, max_spend_octa: '1', max_minutes: 60, wait_seconds: 1 });
    const [session] = http.simulator.running;
    expect(await http.close()).toEqual([]);
    expect(http.simulator.running).toEqual([]);
    expect(http.stderr()).toMatch(new RegExp(`stopped 1 session: ${session}\\n$`));
  });

  test('shares the sessions and quotes of all clients.', async () => {
    await using http = await openHttp();
    const { uuid } = await renting(http);
    const other = await http.connect();
    const { sessions } = (await other.call('session_status')).data;
    expect(sessions).toMatchObject([{ session_uuid: uuid }]);
    expect((await other.call('stop_session', { session: uuid })).data.stopped).toMatchObject({ state: 'over' });
    const user = await http.connect();
    const { machines } = (await user.call('find_machines')).data;
    const order = { kind: 'machine', node_id: machines[0].node_id, image: 'a' };
    const { quote_id } = (await user.call('quote', order)).data;
    const { data } = await other.call('rent', { quote_id, max_spend_octa: '1', max_minutes: 60 });
    expect(data.session.state).toBe('running');
  });
});

test('Without OCTA_MCP_TOKEN a token is made and printed; one from the environment is not.', async () => {
  await using given = await openHttp();
  expect(given.stderr()).not.toContain(token);
  await using made = await openHttp({}, { OCTA_MCP_TOKEN: '' });
  const [, own = ''] = /Authorization: Bearer (\S+)/.exec(made.stderr()) ?? [];
  expect(own).toMatch(/^[\w-]{43}$/);
  const client = new Client({ name: 'test', version: '1' });
  const requestInit = { headers: { authorization: `Bearer ${own}` } };
  await client.connect(new StreamableHTTPClientTransport(made.url, { requestInit }));
  await client.close();
});

test('A token that is too short, and a port that is taken, are refused.', async () => {
  const short = await runCli(['mcp', '--simulate', '1', '--http', '0'], { env: { OCTA_MCP_TOKEN: 'short' } });
  expect(short).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('OCTA_MCP_TOKEN must have 16 or more letters'),
  });
  await using http = await openHttp();
  const taken = await runCli(['mcp', '--simulate', '1', '--http', http.url.port]);
  expect(taken).toMatchObject({ code: 2, stderr: expect.stringContaining(`cannot listen on port ${http.url.port}`) });
});
