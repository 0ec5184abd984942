/** A real HTTP server on a free port of 127.0.0.1. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** One request as the server received it. */
export interface Received {
  readonly method: string;
  /** Path and query, unchanged. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export type Answer = (request: Received, response: ServerResponse, raw: IncomingMessage) => void;

/** A running server; closes by itself at the end of an `await using` scope. */
export interface TestServer extends AsyncDisposable {
  readonly url: string;
  /** Every request that arrived completely, in order. */
  readonly received: readonly Received[];
  /** Closes the connections that wait for a request. */
  closeIdle(): void;
}

/** Responds with JSON text unchanged, with all digits. */
export function json(response: ServerResponse, text: string, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(text);
}

/** Starts a server that handles every request with `answer`, by default on a free port. */
export async function serve(answer: Answer, wantedPort = 0): Promise<TestServer> {
  const received: Received[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      const whole = { method, path, headers, body: Buffer.concat(chunks).toString() };
      received.push(whole);
      answer(whole, response, request);
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(wantedPort, '127.0.0.1', resolve));
  // The address of a server that listens on a port has this type.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    closeIdle: () => server.closeIdleConnections(),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
