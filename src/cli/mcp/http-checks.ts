/** Checks which requests the HTTP server accepts: those of programs on this computer with the token, and none of web pages. */
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Why a request is refused. */
export interface Refusal {
  readonly status: 401 | 403;
  readonly message: string;
}

const ownNames = ['127.0.0.1', 'localhost'];

/** Whether text is an address of this server. A web page that points its own name at this computer sends that name. */
function isOwn(host: string | undefined, port: number): boolean {
  return ownNames.some(
    (name) => host?.toLowerCase() === `${name}:${port}` || (port === 80 && host?.toLowerCase() === name),
  );
}

function isOwnOrigin(origin: string, port: number): boolean {
  const [, host] = /^http:\/\/([^/]+)$/i.exec(origin) ?? [];
  return isOwn(host, port);
}

function hasToken({ authorization = '' }: IncomingMessage['headers'], token: string): boolean {
  const [, given = ''] = /^bearer +(\S+)$/i.exec(authorization) ?? [];
  const [own, other] = [Buffer.from(token), Buffer.from(given)];
  return own.length === other.length && timingSafeEqual(own, other);
}

/** Why a request is refused; undefined if it is not. */
export function refusalOf({ headers }: IncomingMessage, port: number, token: string): Refusal | undefined {
  const { host, origin } = headers;
  if (!isOwn(host, port))
    return { status: 403, message: `the Host header must be 127.0.0.1:${port} or localhost:${port}` };
  if (origin !== undefined && !isOwnOrigin(origin, port)) {
    return { status: 403, message: 'requests from web pages are refused: the Origin header does not name this server' };
  }
  if (!hasToken(headers, token))
    return { status: 401, message: 'missing or wrong token; send the header "Authorization: Bearer TOKEN"' };
  return undefined;
}
