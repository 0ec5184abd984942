/** Servers and clients for HTTP/2, which the built-in fetch does not support by default on every version of Node. */
import { constants, createSecureServer, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { Agent, fetch as undiciFetch } from 'undici';
import type { FetchLike } from '../../src/index.ts';
import { goodText } from './fault-list.ts';
import { selfSigned } from './fault-server.ts';

/** Handles the nth request that arrived completely. */
export type StreamAct = (stream: ServerHttp2Stream, nth: number) => void;

/** A running server; closes by itself at the end of an `await using` scope. */
export interface Http2Server extends AsyncDisposable {
  readonly url: string;
  /** Method and path of every request that arrived completely, in order. */
  readonly received: readonly string[];
}

/** Sends a good response. */
export function answerStream(stream: ServerHttp2Stream): void {
  stream.respond({ ':status': 200, 'content-type': 'application/json' });
  stream.end(goodText);
}

/** Refuses the request as not processed. */
export function refuseStream(stream: ServerHttp2Stream): void {
  stream.close(constants.NGHTTP2_REFUSED_STREAM);
}

/** Announces that this is the last request of the connection, and then drops the connection within the response. */
export function leaveWithin(stream: ServerHttp2Stream): void {
  stream.respond({ ':status': 200, 'content-type': 'application/json' });
  stream.write('{"uuid":');
  setTimeout(() => {
    stream.session?.goaway(constants.NGHTTP2_NO_ERROR, stream.id);
    setTimeout(() => stream.session?.destroy(), 20);
  }, 20);
}

/** Starts a server that calls `act` with every request. */
export async function serveHttp2(act: StreamAct): Promise<Http2Server> {
  const received: string[] = [];
  const sessions = new Set<ServerHttp2Session>();
  const server = createSecureServer(selfSigned);
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => undefined).on('close', () => sessions.delete(session));
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    stream.resume().on('end', () => {
      received.push(`${headers[':method']} ${headers[':path']}`);
      act(stream, received.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // The address of a server that listens on a port has this type.
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}`,
    received,
    async [Symbol.asyncDispose]() {
      for (const session of sessions) session.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A fetch that uses HTTP/2 with these servers. */
export function http2Fetch(): { readonly fetch: FetchLike } & AsyncDisposable {
  const dispatcher = new Agent({ allowH2: true, connect: { ca: selfSigned.cert } });
  return {
    // The same types, declared by both undici and the DOM library.
    fetch: (url, init) => undiciFetch(url, { ...init, dispatcher } as never) as Promise<unknown> as Promise<Response>,
    [Symbol.asyncDispose]: () => dispatcher.destroy(),
  };
}
