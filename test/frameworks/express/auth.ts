import type { IncomingMessage } from 'node:http';

/** Lets in who says so. */
export function mayRent({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return headers['x-visitor'] === 'known';
}
