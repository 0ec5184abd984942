/** Opens connections: TCP or TLS, directly or through a proxy. */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type Socket, connect as tcpConnect } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { codedError } from './coded-error.ts';

/** The route to an origin. One per origin. */
export interface Route {
  readonly origin: URL;
  readonly proxy: URL | undefined;
  readonly tlsVerify: boolean;
  /** TLS session of the last connection, which shortens the next handshake. */
  session?: Buffer;
}

interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Options for opening a connection. */
export interface OpenOptions {
  /** TLS server name, if the caller set its own `host` header. */
  readonly servername: string | undefined;
  /** Aborts opening; also destroys the connection if it fires later. */
  readonly signal: AbortSignal;
}

interface TlsOptions extends OpenOptions {
  readonly tunnel?: Socket;
}

const keepAliveProbeMs = 60_000;
/** The same as in undici, for fewer and larger reads. Unit: bytes. */
const readBufferBytes = 64 * 1024;

/** Host and port of a URL, for sockets. */
export function endpointOf({ hostname, port, protocol }: URL): Endpoint {
  // URLs contain IPv6 addresses in brackets, which sockets do not accept.
  const host = hostname.replace(/^\[|\]$/g, '');
  return { host, port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port) };
}

/** Settles when the socket has connected or failed. If the signal fires, even later, the socket is destroyed with its reason. */
function connected(socket: Socket, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const stop = () => socket.destroy(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    // The error listener stays, because an error without a listener ends the process.
    socket.on('error', reject).once(event, () => resolve(socket));
    socket.once('close', () => signal.removeEventListener('abort', stop));
  });
}

function openTcp(to: Endpoint, signal: AbortSignal): Promise<Socket> {
  const options = { ...to, highWaterMark: readBufferBytes };
  const socket = tcpConnect(options);
  socket.setNoDelay(true).setKeepAlive(true, keepAliveProbeMs);
  return connected(socket, 'connect', signal);
}

/** Opens TLS to a target, within a tunnel if there is one. */
function openTls(target: URL, route: Route, { servername, tunnel, signal }: TlsOptions): Promise<Socket> {
  const to = endpointOf(target);
  // IP addresses are not allowed as server names.
  const name = servername ?? (isIP(to.host) === 0 ? to.host : undefined);
  const socket = tlsConnect({
    ...to,
    ...(tunnel === undefined ? {} : { socket: tunnel }),
    ...(name === undefined ? {} : { servername: name }),
    ...(route.session === undefined ? {} : { session: route.session }),
    rejectUnauthorized: route.tlsVerify,
    ALPNProtocols: ['http/1.1'],
  });
  socket.on('session', (session) => {
    route.session = session;
  });
  socket.setNoDelay(true).setKeepAlive(true, keepAliveProbeMs);
  return connected(socket, 'secureConnect', signal);
}

/** Decodes a part of a URL; returns it unchanged if its escapes are not valid. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The authorization header for the proxy; undefined if its URL has no user name and password. */
export function proxyAuthorization({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  const user = `${unescaped(username)}:${unescaped(password)}`;
  return `Basic ${Buffer.from(user).toString('base64')}`;
}

/** Opens a tunnel to the origin through the proxy. */
function openTunnel(route: Route, proxy: URL, signal: AbortSignal): Promise<Socket> {
  const { host, port } = endpointOf(route.origin);
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const authorization = proxyAuthorization(proxy);
  return new Promise((resolve, reject) => {
    const open = proxy.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = open({
      ...endpointOf(proxy),
      method: 'CONNECT',
      path: authority,
      headers: {
        host: authority,
        connection: 'keep-alive',
        'proxy-connection': 'keep-alive',
        ...(authorization === undefined ? {} : { 'proxy-authorization': authorization }),
      },
      agent: false,
      rejectUnauthorized: route.tlsVerify,
    });
    const stop = () => request.destroy(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    request.once('close', () => signal.removeEventListener('abort', stop));
    request.on('error', reject).once('connect', ({ statusCode }, socket: Socket, head) => {
      if (head.length > 0) socket.unshift(head);
      if (statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(codedError('OCTA_PROXY_REFUSED', `the proxy refused to connect to ${authority} (status ${statusCode})`));
    });
    request.end();
  });
}

/** Opens the connection of a route. Rejects with Node's error, or with the signal's reason. */
export async function openSocket(route: Route, options: OpenOptions): Promise<Socket> {
  const { origin, proxy } = route;
  if (origin.protocol === 'https:') {
    if (proxy === undefined) return openTls(origin, route, options);
    return openTls(origin, route, { ...options, tunnel: await openTunnel(route, proxy, options.signal) });
  }
  const next = proxy ?? origin;
  const ownName = { ...options, servername: undefined };
  return next.protocol === 'https:' ? openTls(next, route, ownName) : openTcp(endpointOf(next), options.signal);
}
