/** What each option of `octaspace mcp` changes. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { OctaSimulator } from '../../../src/testing/index.ts';
import { type McpUser, mcpUser } from '../../support/mcp.ts';
import { until } from '../../support/until.ts';
import { start } from '../cli/console.ts';
import type { Behaviours } from './behaviour.ts';

/** Options of a command as they are written, with a text, or none for a switch. */
type Given<Name extends string> = { readonly [Each in Name]?: string };

type McpOption =
  | '--http'
  | '--ledger'
  | '--max-spend'
  | '--max-total-spend'
  | '--max-minutes'
  | '--max-sessions'
  | '--idle-minutes'
  | '--allow'
  | '--keep'
  | '--simulate'
  | '--json';

function argumentsOf(given: Given<string>): string[] {
  return Object.entries(given).flatMap(([name, text = '']) => (text === '' ? [name] : [name, text]));
}

const token = 'token-of-the-options';

/** What a client sees of a server over HTTP, and what runs once the server has ended. */
async function server<Seen>(
  given: Given<string>,
  look: (user: McpUser) => Promise<Seen>,
  before = ['--max-total-spend', '5'],
) {
  const simulator = new OctaSimulator({ speed: 50 });
  await using api = await simulator.listen();
  const state = await mkdtemp(join(tmpdir(), 'octaspace-options-'));
  const ending = new AbortController();
  let stderr = '';
  const { ended } = start(['mcp', '--http', '0', ...before, ...argumentsOf(given)], {
    env: { OCTA_API_KEY: 'key', OCTA_BASE_URL: api.url, OCTA_MCP_TOKEN: token, XDG_STATE_HOME: state, HOME: state },
    // With a fetch of its own, it starts no reaper.
    fetch: (...request) => fetch(...request),
    signal: ending.signal,
    stderr: {
      write: (text) => {
        stderr += text;
      },
    },
  });
  await until(() => stderr.includes('/mcp'));
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  const url = new URL(/http:[^\s"]+/.exec(stderr)?.[0] ?? '');
  const seen = await look(await mcpUser(new StreamableHTTPClientTransport(url, { requestInit }), { validates: false }));
  ending.abort();
  const { code } = await ended;
  await rm(state, { recursive: true, force: true });
  return { seen, code, stderr, running: simulator.running.length };
}

async function toolsOf({ client }: McpUser): Promise<string[]> {
  return (await client.listTools()).tools.map(({ name }) => name);
}

async function budgetOf({ call }: McpUser) {
  return (await call('session_status')).data.budget;
}

async function rent({ call }: McpUser, given: Record<string, unknown> = {}): Promise<void> {
  const { machines } = (await call('find_machines', { limit: 1 })).data;
  const { quote_id } = (await call('quote', { kind: 'machine', node_id: machines[0].node_id, image: 'a' })).data;
  await call('rent', { quote_id, max_spend_octa: '1', max_minutes: 10, ...given });
}

/** How a server ends that is told to do so at once. */
function endAtOnce(given: Given<string>, env: Record<string, string>) {
  return start(['mcp', ...argumentsOf(given)], { env, signal: AbortSignal.abort() }).ended;
}

const folder = join(tmpdir(), `octaspace-ledger-${process.pid}-${Date.now()}`);

export const mcpBehaviours: Behaviours<Given<McpOption>> = {
  '--http': {
    given: '0',
    see: async (given) => (await endAtOnce({ '--simulate': '1', ...given }, {})).stderr.includes('listening at http'),
    without: false,
    with: true,
  },
  '--ledger': {
    given: folder,
    see: async (given) => {
      await server(given, (user) => rent(user, { wait_seconds: 0 }));
      const isThere = existsSync(folder);
      await rm(folder, { recursive: true, force: true });
      return isThere;
    },
    without: false,
    with: true,
  },
  '--max-spend': {
    given: '1.5',
    see: async (given) => (await server(given, budgetOf)).seen.max_spend_per_session.octa,
    without: '5',
    with: '1.5',
  },
  '--max-total-spend': {
    given: '3',
    see: async (given) => (await server(given, toolsOf, [])).seen.includes('rent'),
    without: false,
    with: true,
  },
  '--max-minutes': {
    given: '7',
    see: async (given) => (await server(given, budgetOf)).seen.max_minutes_per_session,
    without: 60,
    with: 7,
  },
  '--max-sessions': {
    given: '4',
    see: async (given) => (await server(given, budgetOf)).seen.max_sessions,
    without: 1,
    with: 4,
  },
  '--idle-minutes': {
    // 60 ms.
    given: '0.001',
    see: async (given) => {
      const look = async ({ call }: McpUser) => {
        await sleep(400);
        return await call('get_market').then(
          () => true,
          () => false,
        );
      };
      return (await server(given, look)).seen;
    },
    without: true,
    with: false,
  },
  '--allow': {
    given: 'operator',
    see: async (given) => (await server(given, toolsOf)).seen.includes('reboot_node'),
    without: false,
    with: true,
  },
  '--keep': {
    given: '',
    see: async (given) => (await server(given, rent)).running,
    without: 0,
    with: 1,
  },
  '--simulate': {
    given: '1',
    see: async (given) => (await endAtOnce({ '--http': '0', ...given }, {})).code,
    // There is no key.
    without: 2,
    with: 0,
  },
  '--json': {
    given: '',
    see: async (given) =>
      (await endAtOnce({ '--simulate': '1', '--http': '0', ...given }, {})).stderr.startsWith('{"level"'),
    without: false,
    with: true,
  },
};
