/** The server of `octaspace mcp` inside a test, and the official client. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { apiBackend, type Backend, type SimulatedWorld, simulatedBackend } from '../../src/cli/mcp/backend.ts';
import type { Party } from '../../src/cli/mcp/rentals.ts';
import { loadSdk } from '../../src/cli/mcp/sdk.ts';
import { serverFor } from '../../src/cli/mcp/server.ts';
import type { Settings } from '../../src/cli/mcp/settings.ts';
import { known } from '../../src/cli/mcp/values.ts';
import { OctaSimulator, type OctaSimulatorOptions } from '../../src/testing/index.ts';

export const octa = 1_000_000_000_000_000_000n;

/** Settings of a server that may rent. */
export function mcpSettings(given: Partial<Settings> = {}): Settings {
  const limits = { maxSpend: 2n * octa, maxTotalSpend: 5n * octa, maxMinutes: 60, maxSessions: 2 };
  const rest = { isOperator: false, keep: false, idleMs: 600_000, port: undefined, ledger: undefined, seed: '1' };
  return { limits, ...rest, ...given };
}

/** The response of a tool. */
export interface Answer {
  readonly isError: boolean;
  /** The structured result, or the error. */
  // Tests look at any field of it.
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects
  readonly data: any;
}

/** A client of a server. */
export interface McpUser {
  readonly client: Client;
  call(name: string, args?: Record<string, unknown>, options?: Parameters<Client['callTool']>[2]): Promise<Answer>;
}

/** Options of a client. */
export interface UserOptions {
  /** Whether it checks every result against the schema of its tool. Default true. */
  readonly validates?: boolean;
}

/** The official client over a transport. */
export async function mcpUser(transport: Transport, { validates = true }: UserOptions = {}): Promise<McpUser> {
  const client = new Client({ name: 'test', version: '1.0.0' });
  await client.connect(transport);
  // The client checks results by the schemas that it has listed.
  if (validates) await client.listTools();
  return {
    client,
    async call(name, args = {}, options) {
      const { isError, content, structuredContent } = await client.callTool(
        { name, arguments: args },
        undefined,
        options,
      );
      const [block] = content as { type: string; text: string }[];
      const text = block?.text ?? '';
      if (isError !== true) return { isError: false, data: structuredContent };
      return { isError: true, data: text.startsWith('{') ? JSON.parse(text) : text };
    },
  };
}

/** How a server on a simulator is made. */
export interface McpOptions extends UserOptions, Pick<SimulatedWorld, 'ledger' | 'newId'> {
  /** Folder of a ledger in files, in place of one in memory. */
  readonly folder?: string;
}

/** A server on a simulator, and one client. */
export interface SimulatedMcp extends McpUser, AsyncDisposable {
  readonly simulator: OctaSimulator;
  readonly backend: Backend;
  readonly party: Party;
  readonly stderr: () => string;
  /** Connects another client. */
  connect(): Promise<McpUser & { readonly party: Party }>;
}

/** Opens a server on a simulator whose time passes only while code waits. */
export async function openMcp(
  settings: Partial<Settings> = {},
  given: OctaSimulatorOptions | OctaSimulator = {},
  { folder, ledger, newId, ...options }: McpOptions = {},
): Promise<SimulatedMcp> {
  const simulator = given instanceof OctaSimulator ? given : new OctaSimulator(given);
  let stderr = '';
  const io = {
    env: { OCTA_LOG_LEVEL: 'silent' },
    stdout: { write: () => undefined },
    stderr: {
      write: (text: string) => {
        stderr += text;
      },
    },
    signal: new AbortController().signal,
    json: false,
  };
  const world = { simulator, ...known({ ledger, newId }) };
  const backend =
    folder === undefined
      ? simulatedBackend(mcpSettings(settings), io, world)
      : apiBackend(mcpSettings({ ...settings, ledger: folder, seed: undefined }), {
          ...io,
          env: { ...io.env, OCTA_API_KEY: 'key' },
          fetch: simulator.fetch,
        });
  const sdk = await loadSdk();
  let count = 0;
  const connect = async () => {
    const party: Party = { id: `party-${++count}`, notices: [] };
    const [here, there] = InMemoryTransport.createLinkedPair();
    const server = serverFor(sdk, backend, party);
    // Like the transports when their client is gone.
    server.server.onclose = () => void backend.rentals.leave(party);
    await server.connect(there);
    return { ...(await mcpUser(here, options)), party };
  };
  const first = await connect();
  return {
    ...first,
    simulator,
    backend,
    connect,
    stderr: () => stderr,
    [Symbol.asyncDispose]: async () => {
      await backend.rentals.leaveAll();
      await first.client.close();
      await backend.client.close({ stopSessions: true });
    },
  };
}
