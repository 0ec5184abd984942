/** Codes of errors created by this transport. Other errors come unchanged from Node and undici. */
export type ErrorCode =
  /** No connection became free in time. Nothing was sent. */
  | 'OCTA_POOL_TIMEOUT'
  /** The proxy refused to connect to the server. Nothing was sent. */
  | 'OCTA_PROXY_REFUSED'
  /** An idle connection had closed before any part of the request was sent. */
  | 'OCTA_CONNECTION_GONE'
  /** The server stopped accepting request data. */
  | 'OCTA_WRITE_TIMEOUT'
  /** The response has too many content encodings. */
  | 'OCTA_UNKNOWN_ENCODING'
  /** The response consists mostly of chunk framing. */
  | 'OCTA_FRAMING'
  /** The transport was closed, and the body was not read. */
  | 'OCTA_CLOSED';

/** Creates an error with a code. The SDK's core converts it to an OctaError. */
export function codedError(code: ErrorCode, message: string): Error {
  return Object.assign(new Error(message), { code });
}
