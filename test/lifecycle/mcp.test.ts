/** `octaspace mcp` as a separate process: the official client over both transports, and all ways in which a client can vanish. */
import { mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OctaSimulator } from '../../src/testing/index.ts';
import { type Built, buildPrograms } from '../support/built.ts';
import { eventually, openMarket, processesOf, programKey, startProgram } from '../support/exits/run.ts';
import type { Marketplace } from '../support/marketplace/index.ts';
import { type McpUser, mcpUser } from '../support/mcp.ts';
import { callEveryTool } from '../support/mcp-story.ts';

const limits = ['--max-total-spend', '5', '--max-spend', '2', '--max-sessions', '2'];
let built: Built;
let state: string;
beforeAll(async () => {
  built = await buildPrograms();
  state = await mkdtemp(join(tmpdir(), 'octaspace-mcp-'));
  // In this folder the command finds the packages that it imports.
  await symlink(fileURLToPath(new URL('../../node_modules', import.meta.url)), join(built.folder, 'node_modules'));
});
afterAll(async () => {
  await eventually(() => processesOf(built).length === 0, 'the end of all processes');
  await built[Symbol.asyncDispose]();
  await rm(state, { recursive: true });
});

let folders = 0;
function newFolder(): string {
  return join(state, String(++folders));
}

interface Server extends McpUser, AsyncDisposable {
  readonly pid: number;
  readonly stderr: () => string;
  /** Closes standard input, and waits for the end of the process. */
  readonly leave: () => Promise<void>;
}

/** Starts the server over standard input and output, as clients do. */
async function startStdio(given: readonly string[], env: Record<string, string>): Promise<Server> {
  const all = { PATH: process.env.PATH ?? '', HOME: state, OCTA_LOG_LEVEL: 'silent', ...env };
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [built.path('cli'), 'mcp', ...given],
    env: all,
    stderr: 'pipe',
  });
  let stderr = '';
  transport.stderr?.on('data', (text) => {
    stderr += text;
  });
  const user = await mcpUser(transport);
  const { pid } = transport;
  if (pid === null) throw new Error('the server has no process');
  const leave = () => transport.close();
  return { ...user, pid, stderr: () => stderr, leave, [Symbol.asyncDispose]: leave };
}

function envOf({ url }: { readonly url: string }): Record<string, string> {
  return { OCTA_API_KEY: programKey, OCTA_BASE_URL: url };
}

/** Rents the first machine. Returns the session as the server shows it. */
async function rent({ call }: McpUser, given: Record<string, unknown> = {}) {
  const { machines } = (await call('find_machines')).data;
  const order = { kind: 'machine', node_id: machines[0].node_id, image: 'ubuntu:24.04' };
  const quote = (await call('quote', order)).data;
  const limited = { quote_id: quote.quote_id, max_spend_octa: '1.5', max_minutes: 30, ...given };
  return await call('rent', limited);
}

describe.concurrent('The official client calls every tool', { timeout: 180_000 }, () => {
  test('over standard input and output, on a simulator.', async ({ expect }) => {
    await using server = await startStdio(['--simulate', '1', '--allow', 'operator', ...limits], {});
    const called = await callEveryTool(server);
    expect([...called].sort()).toEqual((await server.client.listTools()).tools.map(({ name }) => name).sort());
    expect(server.stderr()).toBe('octaspace: simulated: rents nothing and costs nothing\n');
  });

  test('over standard input and output, on a served API.', async ({ expect }) => {
    const simulator = new OctaSimulator({ speed: 20 });
    await using api = await simulator.listen();
    const given = ['--ledger', newFolder(), '--allow', 'operator', ...limits];
    await using server = await startStdio(given, envOf(api));
    await callEveryTool(server);
    expect(simulator.running).toEqual([]);
    expect(server.stderr()).not.toContain(programKey);
  });

  test('over HTTP, on a served API.', async ({ expect }) => {
    const simulator = new OctaSimulator({ speed: 20 });
    await using api = await simulator.listen();
    const token = 'a-token-for-this-test';
    const given = ['mcp', '--http', '0', '--ledger', newFolder(), '--allow', 'operator', ...limits];
    const program = startProgram(built.path('cli'), given, { ...envOf(api), OCTA_MCP_TOKEN: token });
    await eventually(() => program.stderr().includes('/mcp'), 'the server to listen');
    const url = new URL(/http:\S+/.exec(program.stderr())?.[0] ?? '');
    const requestInit = { headers: { authorization: `Bearer ${token}` } };
    const user = await mcpUser(new StreamableHTTPClientTransport(url, { requestInit }));
    await callEveryTool(user);
    await user.client.close();
    program.child.kill('SIGTERM');
    expect(await program.closed).toMatchObject({ code: 0, stdout: '' });
    expect(simulator.running).toEqual([]);
  });
});

/** Ways in which a client vanishes. */
const ends: [how: string, end: (server: Server) => unknown][] = [
  ['standard input is closed', ({ leave }) => leave()],
  ['SIGTERM', ({ pid }) => process.kill(pid, 'SIGTERM')],
  ['SIGINT', ({ pid }) => process.kill(pid, 'SIGINT')],
  ['SIGHUP', ({ pid }) => process.kill(pid, 'SIGHUP')],
  ['kill -9', ({ pid }) => process.kill(pid, 'SIGKILL')],
];

async function expectNothingRuns(market: Marketplace): Promise<void> {
  await eventually(() => market.running().length === 0, 'the end of the session', 60_000);
  expect(market.sessions.length).toBe(1);
}

describe.concurrent('Nothing runs within a minute of', { timeout: 120_000 }, () => {
  test.each(ends)('%s, with a session that is ready.', async (_, end) => {
    await using market = await openMarket();
    await using server = await startStdio(['--ledger', newFolder(), ...limits], envOf(market));
    expect((await rent(server)).data.session.state).toBe('running');
    await end(server);
    await expectNothingRuns(market);
  });

  test.each(ends)('%s, with a session that starts.', async (_, end) => {
    await using market = await openMarket({ switches: { readyAfterMs: 3_600_000 } });
    await using server = await startStdio(['--ledger', newFolder(), ...limits], envOf(market));
    const renting = rent(server).catch(() => undefined);
    await eventually(() => market.asked('info').length > 0, 'the wait for the session');
    await end(server);
    await expectNothingRuns(market);
    await server.leave();
    await renting;
  });
});

describe.concurrent('After the end of the server', { timeout: 180_000 }, () => {
  test('by kill -9, the possible cost of a session still counts; the next server ends the lease, and settles it.', async () => {
    await using market = await openMarket();
    const folder = newFolder();
    const server = await startStdio(['--ledger', folder, ...limits], envOf(market));
    await rent(server);
    process.kill(server.pid, 'SIGKILL');
    await eventually(() => market.running().length === 0, 'the end of the session', 60_000);
    await using next = await startStdio(['--ledger', folder, '--max-total-spend', '2'], envOf(market));
    const { data } = await rent(next);
    expect(data.error.figures).toMatchObject({ reserved_octa: '1.5', left_octa: '0.5', limit_octa: '2' });
    const recordsOf = async (kind: string) => (await readdir(folder)).filter((name) => name.startsWith(kind)).length;
    expect([await recordsOf('lease.'), await recordsOf('spent.')]).toEqual([1, 0]);
    const budget = async () => (await next.call('session_status')).data.budget;
    for (const until = performance.now() + 120_000; performance.now() < until; ) {
      if ((await budget()).reserved.octa === '0') break;
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
    const { reserved, spent } = await budget();
    expect(reserved.octa).toBe('0');
    expect(Number(spent.octa)).toBeGreaterThan(0);
    expect([await recordsOf('lease.'), await recordsOf('spent.')]).toEqual([0, 1]);
    await server.leave();
  });

  test('with --keep the session keeps running, and the next server can stop it.', async () => {
    await using market = await openMarket();
    const folder = newFolder();
    const first = await startStdio(['--ledger', folder, '--keep', ...limits], envOf(market));
    const { session } = (await rent(first)).data;
    await first.leave();
    expect(market.running()).toEqual([session.session_uuid]);
    await using next = await startStdio(['--ledger', folder, ...limits], envOf(market));
    const { data } = await next.call('stop_session', { session: session.session_uuid });
    expect(data.stopped).toMatchObject({ rental_id: session.rental_id, state: 'over' });
    expect(market.running()).toEqual([]);
  });
});

test('Without its packages, the command says how to install them.', async () => {
  await using bare = await buildPrograms();
  const { code, stderr, stdout } = await startProgram(bare.path('cli'), ['mcp', '--simulate', '1'], {}).closed;
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toBe(
    'octaspace: octaspace mcp needs the packages @modelcontextprotocol/sdk and zod; install them beside @octaspace/sdk: npm install @modelcontextprotocol/sdk zod\n',
  );
  // Every other command works without them.
  expect((await startProgram(bare.path('cli'), ['--version'], {}).closed).code).toBe(0);
});
