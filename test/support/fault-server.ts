/** Servers that cause faults between a client and an API, one after the other, and count the requests that arrived. */
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

/** A self-signed certificate for 127.0.0.1 and localhost, and its key. */
export const selfSigned = {
  cert: readFileSync(new URL('../fixtures/self-signed-certificate.pem', import.meta.url)),
  key: readFileSync(new URL('../fixtures/self-signed-key.pem', import.meta.url)),
};

/** One request that arrived completely. */
export interface FaultExchange {
  readonly socket: Socket;
  /** Method and path with query. */
  readonly line: string;
  /** How many requests arrived completely on this connection, including this one. */
  readonly nthOnSocket: number;
}

/** What happens to one connection or one request. */
export interface Fault {
  readonly name: string;
  /** The protocol of the client. Default `http`. */
  readonly scheme?: 'http' | 'https';
  /** Whether the server uses TLS, too, and not the raw connection. */
  readonly tls?: boolean;
  /** The URL of something that is not a server. */
  readonly elsewhere?: () => string;
  /** Called with a new connection; no request is read from it then. */
  readonly connected?: (socket: Socket) => void;
  /** Called with a request that arrived completely. */
  readonly requested?: (exchange: FaultExchange) => void;
}

/** A running server; closes by itself at the end of an `await using` scope. */
export interface FaultServer extends AsyncDisposable {
  readonly url: string;
  /** Method and path of every request that arrived completely, in order. */
  readonly received: readonly string[];
  /** Number of connections so far. */
  connections(): number;
  /** Number of open connections that carried a request. Some runtimes open an additional one for later, which does not count. */
  open(): number;
}

/** The state of connections and requests. */
interface State {
  readonly received: string[];
  readonly sockets: Set<Socket>;
  /** Connections that carried a request. */
  readonly used: Set<Socket>;
  connections: number;
  /** Number of faults so far. */
  met: number;
}

const endOfHead = '\r\n\r\n';

/** Passes on each request of a connection once its last byte has arrived. */
function readRequests(socket: Socket, arrived: (line: string, nthOnSocket: number) => void): void {
  let text = '';
  let count = 0;
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
    const end = text.indexOf(endOfHead);
    if (end === -1) return;
    const head = text.slice(0, end);
    const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0);
    if (text.length < end + endOfHead.length + length) return;
    text = text.slice(end + endOfHead.length + length);
    count++;
    arrived(head.slice(0, head.indexOf(' HTTP/1.1')), count);
  });
}

function serverFor(faults: readonly [Fault, ...Fault[]], state: State): Server {
  // The last fault applies to all later ones.
  const current = (): Fault => faults[Math.min(state.met, faults.length - 1)] ?? faults[0];
  const connected = (socket: Socket): void => {
    // In many of these tests the client disconnects early.
    socket.on('error', () => undefined);
    const fault = current();
    if (fault.connected !== undefined) {
      state.met++;
      fault.connected(socket);
      return;
    }
    readRequests(socket, (line, nthOnSocket) => {
      const { requested } = current();
      state.received.push(line);
      if (nthOnSocket === 1) socket.once('close', () => state.used.delete(socket));
      state.used.add(socket);
      state.met++;
      requested?.({ socket, line, nthOnSocket });
    });
  };
  return faults[0].tls === true ? createTlsServer(selfSigned, connected) : createServer(connected);
}

function nothingAt(url: string): FaultServer {
  return { url, received: [], connections: () => 0, open: () => 0, [Symbol.asyncDispose]: async () => undefined };
}

/** Starts a server whose nth connection or request gets the nth fault; the last fault applies to all later ones. */
export async function serveFaults(...faults: readonly [Fault, ...Fault[]]): Promise<FaultServer> {
  const [{ elsewhere, scheme = 'http' }] = faults;
  if (elsewhere !== undefined) return nothingAt(elsewhere());
  const state: State = { received: [], sockets: new Set(), used: new Set(), connections: 0, met: 0 };
  const { received, sockets, used } = state;
  const server = serverFor(faults, state);
  server.on('connection', (socket: Socket) => {
    state.connections++;
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  // The client reports problems with the certificate.
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // The address of a server that listens on a port has this type.
  const { port } = server.address() as AddressInfo;
  return {
    url: `${scheme}://127.0.0.1:${port}`,
    received,
    connections: () => state.connections,
    open: () => used.size,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
