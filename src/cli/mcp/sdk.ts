/** The packages that only `octaspace mcp` needs. They are optional, so they are imported when the command runs. */
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import type { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type * as zod from 'zod';
import { Misuse } from '../arguments.ts';

/** The module `zod`. */
export type Zod = typeof zod;

/** What the command needs of the packages. */
export interface McpSdk {
  readonly McpServer: typeof McpServer;
  readonly StdioServerTransport: typeof StdioServerTransport;
  readonly StreamableHTTPServerTransport: typeof StreamableHTTPServerTransport;
  readonly z: Zod;
}

const advice =
  'octaspace mcp needs the packages @modelcontextprotocol/sdk and zod; install them beside @octaspace/sdk: npm install @modelcontextprotocol/sdk zod';

/** Imports the packages. Throws Misuse if one of them is missing. */
export async function loadSdk(): Promise<McpSdk> {
  try {
    const [{ McpServer }, { StdioServerTransport }, { StreamableHTTPServerTransport }, z] = await Promise.all([
      import('@modelcontextprotocol/sdk/server/mcp.js'),
      import('@modelcontextprotocol/sdk/server/stdio.js'),
      import('@modelcontextprotocol/sdk/server/streamableHttp.js'),
      import('zod'),
    ]);
    return { McpServer, StdioServerTransport, StreamableHTTPServerTransport, z };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') throw new Misuse(advice);
    throw error;
  }
}
