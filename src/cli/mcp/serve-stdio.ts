/** The server over standard input and output. It has one client, which disconnects when standard input ends. */
import type { CommandIo } from '../io.ts';
import { stopSessions } from './leave.ts';
import type { Rental } from './rental.ts';
import type { McpSdk } from './sdk.ts';
import { serverFor } from './server.ts';
import type { Shared } from './tool.ts';

/** Serves until the client disconnects, or the signal. Returns the sessions that may still run. */
export async function serveStdio(sdk: McpSdk, shared: Shared, io: CommandIo): Promise<readonly Rental[]> {
  const server = serverFor(sdk, shared, { id: 'stdio', notices: [] });
  const transport = new sdk.StdioServerTransport();
  await server.connect(transport);
  const { stdin } = process;
  const { signal } = io;
  await new Promise<void>((resolve) => {
    const end = () => resolve();
    if (signal.aborted) end();
    signal.addEventListener('abort', end, { once: true });
    stdin.once('end', end).once('close', end).once('error', end);
  });
  const left = await stopSessions(shared, io);
  await server.close();
  // An open pipe would keep the process alive.
  stdin.destroy();
  return left;
}
