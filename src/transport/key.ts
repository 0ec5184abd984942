import { type FailedRequest, OctaAuthenticationError, OctaConfigurationError } from '../errors/errors.ts';
import type { Call, KeySource } from './types.ts';

const headerSafe = /^[\x21-\x7e]*$/;

/** The API key for a call; undefined when it goes without. Throws OctaAuthenticationError when it cannot. */
export async function keyFor(call: Call, request: FailedRequest, source: KeySource): Promise<string | undefined> {
  if (call.auth === 'none') return undefined;
  let key: string | undefined;
  try {
    key = await source();
  } catch (cause) {
    throw new OctaAuthenticationError({
      message: `${call.operation}: the apiKey function failed`,
      status: 401,
      cause,
      request,
    });
  }
  if (key !== undefined && (typeof key !== 'string' || !headerSafe.test(key))) {
    const what = typeof key === 'string' ? 'text with characters that no header can carry' : `a ${typeof key}`;
    throw new OctaConfigurationError({ message: `the apiKey function gave ${what}; a string is needed`, request });
  }
  if (key === undefined && call.auth === 'required') {
    const message = `${call.operation} needs an API key: set the apiKey option (or apiKey: '' when a proxy of yours adds it)`;
    throw new OctaAuthenticationError({ message, status: 401, request });
  }
  return key;
}
