/** Codes of the errors that are made here; everything else comes from Node and undici as it is. */
export type ErrorCode =
  /** No connection became free in time; nothing was sent. */
  | 'OCTA_POOL_TIMEOUT'
  /** The proxy refused to connect to the server; nothing was sent. */
  | 'OCTA_PROXY_REFUSED'
  /** A kept connection had closed before anything of the request was sent. */
  | 'OCTA_CONNECTION_GONE'
  /** The server did not take in the request. */
  | 'OCTA_WRITE_TIMEOUT'
  /** The answer is compressed more often than is sensible. */
  | 'OCTA_UNKNOWN_ENCODING'
  /** The answer is mostly framing. */
  | 'OCTA_FRAMING'
  /** The transport was closed while nobody read the body. */
  | 'OCTA_CLOSED';

/** An error that is told by its code; the SDK's core makes an OctaError of it. */
export function codedError(code: ErrorCode, message: string): Error {
  return Object.assign(new Error(message), { code });
}
