import { type FailedRequest, OctaAuthenticationError, OctaConfigurationError } from '../errors/errors.ts';
import type { Call, KeySource } from './types.ts';

const headerSafe = /^[\x21-\x7e]*$/;

/**
 * The API key for a call, synchronously if it is known; undefined if the call is sent without a key. Throws or rejects
 * with an OctaError if the `apiKey` function fails or returns a wrong value, or if a required key is missing.
 */
export function keyFor(
  call: Call,
  request: () => FailedRequest,
  source: KeySource,
): string | undefined | Promise<string | undefined> {
  if (call.auth === 'none') return undefined;
  const fail = (cause: unknown): never => {
    const message = `${call.operation}: the apiKey function failed`;
    // Hidden: its text may contain the key, which is not known yet and so cannot be removed.
    throw new OctaAuthenticationError({ message, status: 401, hiddenCause: cause, request: request() });
  };
  const check = (key: unknown) => checkKey(key, call, request);
  let key: ReturnType<KeySource>;
  try {
    key = source();
  } catch (cause) {
    return fail(cause);
  }
  return isThenable(key) ? Promise.resolve(key).then(check, fail) : check(key);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value;
}

function checkKey(key: unknown, call: Call, request: () => FailedRequest): string | undefined {
  if (key !== undefined && (typeof key !== 'string' || !headerSafe.test(key))) {
    const what = typeof key === 'string' ? 'a string with characters other than visible ASCII' : `a ${typeof key}`;
    throw new OctaConfigurationError({
      message: `the apiKey function returned ${what}; it must return a string`,
      request: request(),
    });
  }
  if (key === undefined && call.auth === 'required') {
    const message = `${call.operation} needs an API key: set the apiKey option, or OCTA_API_KEY for fromEnv() (or apiKey: '' if your proxy adds the key)`;
    throw new OctaAuthenticationError({ message, status: 401, request: request() });
  }
  return key;
}
