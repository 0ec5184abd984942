/** Converts the arguments of `fetch` to a request for undici. */
import { OctaConfigurationError } from '../errors/errors.ts';
import type { OwnInit } from '../transport/own-transport.ts';
import { proxyAuthorization } from './connect.ts';
import { acceptEncoding } from './decode.ts';

/** A request that can be sent several times. */
export interface Outgoing {
  readonly origin: string;
  /** Full URL, without fragment. */
  readonly url: string;
  /** Path and query. */
  readonly path: string;
  readonly method: string;
  /** Names and values alternate. */
  readonly headers: string[];
  readonly body: Buffer | undefined;
}

function targetOf(url: string): URL {
  const target = new URL(url);
  const { protocol, username, password } = target;
  if (protocol !== 'http:' && protocol !== 'https:') {
    const message = `nodeFetch() supports only http: and https: URLs, not ${protocol}`;
    throw new OctaConfigurationError({ message });
  }
  if (username !== '' || password !== '') {
    throw new OctaConfigurationError({ message: 'nodeFetch() does not support URLs with a user name or a password' });
  }
  return target;
}

function entriesOf(headers: OwnInit['headers']): Iterable<readonly string[]> {
  if (headers === undefined) return [];
  // The SDK passes a plain object, which needs no conversion to Headers.
  return Symbol.iterator in headers ? headers : Object.entries(headers);
}

/** Headers in undici's format, with the defaults of fetch. Without content-length, which undici sets. */
function headersOf(given: OwnInit['headers'], bodyType: string | undefined): string[] {
  const list: string[] = [];
  let [hasType, hasEncoding] = [false, false];
  for (const [name = '', value = ''] of entriesOf(given)) {
    const lower = name.toLowerCase();
    if (lower === 'content-length') continue;
    if (lower === 'content-type') hasType = true;
    if (lower === 'accept-encoding') hasEncoding = true;
    list.push(name, value);
  }
  if (!hasType && bodyType !== undefined) list.push('content-type', bodyType);
  if (!hasEncoding) list.push('accept-encoding', acceptEncoding);
  return list;
}

interface BodyParts {
  readonly bytes: Buffer | undefined;
  /** The default content type of this body. */
  readonly type: string | undefined;
}

/** Reads forms, blobs and streams, using Response to convert them to bytes. */
async function readWhole(body: BodyInit): Promise<BodyParts> {
  const response = new Response(body);
  const type = response.headers.get('content-type') ?? undefined;
  return { bytes: Buffer.from(await response.arrayBuffer()), type };
}

/** A body as bytes, so that it can be sent again. */
function bodyOf(body: OwnInit['body']): BodyParts | Promise<BodyParts> {
  if (body === undefined || body === null) return { bytes: undefined, type: undefined };
  return typeof body === 'string' ? { bytes: Buffer.from(body), type: 'text/plain;charset=UTF-8' } : readWhole(body);
}

function assemble(target: URL, init: OwnInit, { bytes, type }: BodyParts): Outgoing {
  const { origin, pathname, search } = target;
  const path = pathname + search;
  const method = (init.method ?? 'GET').toUpperCase();
  if (bytes !== undefined && (method === 'GET' || method === 'HEAD')) {
    throw new TypeError(`a ${method} request cannot have a body`);
  }
  return { origin, url: origin + path, path, method, headers: headersOf(init.headers, type), body: bytes };
}

/** Converts the arguments of `fetch` to a request; synchronously if possible. Throws for URLs and bodies that cannot be sent. */
export function outgoing(url: string, init: OwnInit): Outgoing | Promise<Outgoing> {
  const target = targetOf(url);
  const body = bodyOf(init.body);
  return body instanceof Promise ? body.then((parts) => assemble(target, init, parts)) : assemble(target, init, body);
}

/** The request for a proxy that forwards it without a tunnel. */
export function throughProxy(request: Outgoing, proxy: URL): Outgoing {
  const authorization = proxyAuthorization(proxy);
  const added = authorization === undefined ? [] : ['proxy-authorization', authorization];
  return { ...request, path: request.url, headers: [...request.headers, ...added] };
}
