import { afterEach, describe, expect, test, vi } from 'vitest';
import { OctaConfigurationError } from '../../../src/errors/errors.ts';
import { nodeFetch } from '../../../src/node/index.ts';
import { rejection } from '../../support/failure.ts';
import { serveRaw } from '../../support/raw-server.ts';

afterEach(() => vi.unstubAllEnvs());

/** The time limit of a request by a transport with these options. */
async function limitOf(overrides?: Parameters<typeof nodeFetch.fromEnv>[0]): Promise<unknown> {
  await using server = await serveRaw(() => undefined);
  await using send = nodeFetch.fromEnv(overrides);
  return rejection(send(server.url));
}

describe('A transport from the environment', () => {
  test('has the options of variables.', async () => {
    vi.stubEnv('OCTA_READ_TIMEOUT', '0.011');
    expect(await limitOf()).toMatchObject({ message: 'the server sent nothing for 11 ms (readTimeoutMs)' });
  });

  test('prefers given options to variables.', async () => {
    vi.stubEnv('OCTA_READ_TIMEOUT', '0.011');
    const message = 'the server sent nothing for 12 ms (readTimeoutMs)';
    expect(await limitOf({ readTimeoutMs: 12, poolSize: undefined })).toMatchObject({ message });
  });

  test('uses the variable if an option is undefined.', async () => {
    vi.stubEnv('OCTA_READ_TIMEOUT', '0.011');
    const message = 'the server sent nothing for 11 ms (readTimeoutMs)';
    expect(await limitOf({ readTimeoutMs: undefined })).toMatchObject({ message });
  });

  test.each<[string, string, object, RegExp]>([
    ['a variable that cannot be read', 'many', {}, /^OCTA_POOL_SIZE is the string "many"/],
    ['a wrong option before a wrong variable', 'many', { poolSize: -1 }, /^poolSize is -1/],
    ['an unknown option', '3', { size: 1 }, /^unknown option "size" for nodeFetch\(\)/],
  ])('names %s.', (_, variable, overrides, message) => {
    vi.stubEnv('OCTA_POOL_SIZE', variable);
    expect(() => nodeFetch.fromEnv(overrides)).toThrow(OctaConfigurationError);
    expect(() => nodeFetch.fromEnv(overrides)).toThrow(message);
  });
});
