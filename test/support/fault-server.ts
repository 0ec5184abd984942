/** Servers that do what goes wrong between a client and an API, one fault after the other, and count what reached them. */
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

/** A certificate for 127.0.0.1 and localhost that nobody has signed but itself, and its key. */
export const selfSigned = {
  cert: readFileSync(new URL('../fixtures/self-signed-certificate.pem', import.meta.url)),
  key: readFileSync(new URL('../fixtures/self-signed-key.pem', import.meta.url)),
};

/** One request that arrived whole. */
export interface FaultExchange {
  readonly socket: Socket;
  /** Method and path with query. */
  readonly line: string;
  /** How many requests arrived whole on this connection, this one included. */
  readonly nthOnSocket: number;
}

/** What happens to one connection or one request. */
export interface Fault {
  readonly name: string;
  /** What the client speaks. Default `http`. */
  readonly scheme?: 'http' | 'https';
  /** Whether the server speaks TLS too, instead of what comes over the bare connection. */
  readonly tls?: boolean;
  /** The URL of something that is no server at all. */
  readonly elsewhere?: () => string;
  /** Done with a new connection; no request is read from it then. */
  readonly connected?: (socket: Socket) => void;
  /** Done with a request that arrived whole. */
  readonly requested?: (exchange: FaultExchange) => void;
}

/** A running server; closes by itself at the end of an `await using` scope. */
export interface FaultServer extends AsyncDisposable {
  readonly url: string;
  /** Method and path of every request that arrived whole, in order. */
  readonly received: readonly string[];
  /** How many connections were made so far. */
  connections(): number;
  /** How many of those that carried a request are open; some runtimes open one more for later, which says nothing. */
  open(): number;
}

/** What connections and requests are told apart by. */
interface State {
  readonly received: string[];
  readonly sockets: Set<Socket>;
  /** Those that carried a request. */
  readonly used: Set<Socket>;
  connections: number;
  /** How many faults were met. */
  met: number;
}

const endOfHead = '\r\n\r\n';

/** Hands over each request of a connection once it is there to its last byte. */
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
  // The last fault stays.
  const current = (): Fault => faults[Math.min(state.met, faults.length - 1)] ?? faults[0];
  const connected = (socket: Socket): void => {
    // A client that goes away in the middle is what many of these tests are about.
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

/** Starts a server whose nth connection or request meets the nth fault; the last one stays. */
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
  // What a client thinks of the certificate is the client's to say.
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server that listens on a port has an address of this form.
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
