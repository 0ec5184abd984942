/** TCP servers that respond to HTTP requests with any bytes that a test sets. */

import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';

/** One request that arrived completely. */
export interface RawExchange {
  readonly socket: Socket;
  /** Request line and headers. */
  readonly head: string;
  /** How many requests arrived completely so far, including this one. */
  readonly nth: number;
}

/** A running server; closes by itself at the end of an `await using` scope. */
export interface RawServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Request line of every request that arrived completely, in order. */
  readonly received: readonly string[];
  /** Number of connections so far. */
  connections(): number;
}

const endOfHead = '\r\n\r\n';

/** A complete response. */
export function httpAnswer(body: string, head = 'HTTP/1.1 200 OK\r\ncontent-type: application/json'): string {
  return `${head}\r\ncontent-length: ${Buffer.byteLength(body)}${endOfHead}${body}`;
}

function portOf(server: Server): number {
  // The address of a server that listens on a port has this type.
  return (server.address() as AddressInfo).port;
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
}

/** Starts a server that passes every new connection to `connected`. */
export async function serveSockets(connected: (socket: Socket) => void): Promise<RawServer> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // In many of these tests the client disconnects early.
    socket.on('error', () => undefined);
    connected(socket);
  });
  await listen(server);
  const port = portOf(server);
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    received: [],
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Starts a server that calls `act` with the socket of every request that arrived completely. */
export async function serveRaw(act: (exchange: RawExchange) => void): Promise<RawServer> {
  const received: string[] = [];
  const server = await serveSockets((socket) => {
    let text = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk;
      const end = text.indexOf(endOfHead);
      if (end === -1) return;
      const head = text.slice(0, end);
      const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0);
      if (text.length < end + endOfHead.length + length) return;
      text = text.slice(end + endOfHead.length + length);
      received.push(head.slice(0, head.indexOf(' HTTP/1.1')));
      act({ socket, head, nth: received.length });
    });
  });
  return { ...server, received, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** A port on which no server listens. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await listen(server);
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
