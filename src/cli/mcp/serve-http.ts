/** The server over HTTP. Each client has a session of the protocol, and counts as disconnected if it sends no request for a while. */
import { randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorText } from '../account.ts';
import { Misuse } from '../arguments.ts';
import { type CommandIo, tell } from '../io.ts';
import { refusalOf } from './http-checks.ts';
import { stopSessions } from './leave.ts';
import type { Rental } from './rental.ts';
import type { Party, Rentals } from './rentals.ts';
import type { McpSdk } from './sdk.ts';
import { serverFor } from './server.ts';
import type { Shared } from './tool.ts';

type Transport = InstanceType<McpSdk['StreamableHTTPServerTransport']>;

/** Largest body of a request: 256 kB of files, their quotes, and the rest. Unit: bytes. */
const mostBytes = 2_000_000;
/** Maximum number of clients at a time. */
const mostClients = 64;
const ownPath = '/mcp';

/** One client. */
interface Client {
  readonly party: Party;
  readonly transport: Transport;
  /** Requests in progress, not counting streams that only listen. */
  busy: number;
  timer: unknown;
}

class BadRequest extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request) {
    length += part.length;
    if (length > mostBytes) throw new BadRequest(413, `the body has more than ${mostBytes} bytes`);
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch {
    throw new BadRequest(400, 'the body is not JSON');
  }
}

function refuse(response: ServerResponse, status: number, message: string): void {
  if (response.headersSent) return void response.destroy();
  const error = { jsonrpc: '2.0', error: { code: -32_000, message }, id: null };
  const extra = status === 401 ? { 'www-authenticate': 'Bearer' } : {};
  // The connection closes, because the rest of a refused body is not read.
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close', ...extra });
  response.end(JSON.stringify(error));
}

/** What the server needs. */
export interface HttpInit {
  readonly sdk: McpSdk;
  readonly shared: Shared;
  readonly token: string;
}

/** Handles the requests of all clients. */
class HttpClients {
  readonly #init: HttpInit;
  readonly #rentals: Rentals;
  readonly #clients = new Map<string, Client>();
  readonly #leaving = new Set<Promise<unknown>>();
  port = 0;

  constructor(init: HttpInit) {
    this.#init = init;
    this.#rentals = init.shared.rentals;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refusal = refusalOf(request, this.port, this.#init.token);
    if (refusal !== undefined) return refuse(response, refusal.status, refusal.message);
    if (request.url?.split('?')[0] !== ownPath) return refuse(response, 404, `the path must be ${ownPath}`);
    try {
      const body = request.method === 'POST' ? await bodyOf(request) : undefined;
      const client = await this.#clientOf(request.headers['mcp-session-id']);
      this.#hear(client, request, response);
      await client.transport.handleRequest(request, response, body);
    } catch (error) {
      refuse(response, error instanceof BadRequest ? error.status : 500, errorText(error));
    }
  }

  /** Stops the sessions, and disconnects all clients. Returns the sessions that may still run. */
  async close(io: CommandIo): Promise<readonly Rental[]> {
    const left = await stopSessions(this.#init.shared, io);
    await Promise.all([...this.#clients.values()].map(({ transport }) => transport.close()));
    await Promise.allSettled(this.#leaving);
    return left;
  }

  async #clientOf(id: string | string[] | undefined): Promise<Client> {
    if (id === undefined) return this.#newClient();
    const client = this.#clients.get(String(id));
    if (client === undefined) throw new BadRequest(404, 'unknown Mcp-Session-Id; initialize again');
    return client;
  }

  /** Creates a client. It is registered once its first request, `initialize`, has been answered. */
  async #newClient(): Promise<Client> {
    if (this.#clients.size >= mostClients)
      throw new BadRequest(503, `the server already has ${mostClients} clients, its maximum`);
    const { sdk, shared } = this.#init;
    const id = randomUUID();
    const party: Party = { id, notices: [] };
    const transport = new sdk.StreamableHTTPServerTransport({
      sessionIdGenerator: () => id,
      onsessioninitialized: () => void this.#clients.set(id, client),
    });
    const client: Client = { party, transport, busy: 0, timer: undefined };
    const server = serverFor(sdk, shared, party);
    server.server.onclose = () => this.#forget(client);
    await server.connect(transport);
    return client;
  }

  /** Restarts the idle timer of a client: a client is connected during a request, and for a while after its response. */
  #hear(client: Client, { method }: IncomingMessage, response: ServerResponse): void {
    const { clock, settings } = this.#init.shared;
    const wait = () => {
      clock.clearTimer(client.timer);
      client.timer =
        client.busy > 0 ? undefined : clock.setTimer(() => void client.transport.close(), settings.idleMs, 'limit');
    };
    const isCall = method !== 'GET';
    if (isCall) client.busy++;
    wait();
    response.once('close', () => {
      if (!isCall) return;
      client.busy--;
      // A client whose first request failed is not registered, and needs no timer.
      if (this.#clients.has(client.party.id)) wait();
    });
  }

  #forget(client: Client): void {
    this.#init.shared.clock.clearTimer(client.timer);
    this.#clients.delete(client.party.id);
    const leaving = this.#rentals.leave(client.party);
    this.#leaving.add(leaving);
    void leaving.finally(() => this.#leaving.delete(leaving));
  }
}

/** The token of the clients: from the environment, or a new one. Throws Misuse if it is too short. */
function tokenOf({ env }: CommandIo): { readonly token: string; readonly isNew: boolean } {
  const given = env.OCTA_MCP_TOKEN?.trim();
  if (!given) return { token: randomBytes(32).toString('base64url'), isNew: true };
  if (/^[\w.~+/=-]{16,}$/.test(given)) return { token: given, isNew: false };
  throw new Misuse('OCTA_MCP_TOKEN must have 16 or more letters, digits or characters of -._~+/=');
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(new Misuse(`cannot listen on port ${port}: ${error.message}`)));
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

/** Serves until the signal. Returns the sessions that may still run. Throws Misuse if it cannot listen on the port. */
export async function serveHttp(sdk: McpSdk, shared: Shared, io: CommandIo): Promise<readonly Rental[]> {
  const { token, isNew } = tokenOf(io);
  const clients = new HttpClients({ sdk, shared, token });
  const server = createServer((request, response) => void clients.answer(request, response));
  clients.port = await listen(server, shared.settings.port ?? 0);
  tell(io, `listening at http://127.0.0.1:${clients.port}${ownPath}`);
  if (isNew) tell(io, `every request must have the header: Authorization: Bearer ${token}`);
  await new Promise<void>((resolve) => {
    if (io.signal.aborted) resolve();
    io.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const left = await clients.close(io);
  server.close();
  server.closeAllConnections();
  return left;
}
