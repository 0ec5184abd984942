import * as undici from 'undici';
import { describe, expect, test, vi } from 'vitest';
import { OctaConfigurationError } from '../../../src/errors/errors.ts';
import { installedUndici, loadUndici, type UndiciSource } from '../../../src/node/load.ts';
import { resolveNodeOptions } from '../../../src/node/options.ts';
import { Transport } from '../../../src/node/transport.ts';
import { failure, rejection } from '../../support/failure.ts';
import { freePort } from '../../support/raw-server.ts';

const missing = Object.assign(new Error("Cannot find package 'undici'"), { code: 'ERR_MODULE_NOT_FOUND' });
const notThere: UndiciSource = { load: () => Promise.reject(missing), version: () => undefined };
const { cacheStores: _, ...before7 } = { ...undici };

function source(found: unknown, version: string | undefined): UndiciSource {
  return { load: async () => found, version: () => version };
}

test('The installed package is loaded, and its version is known.', async () => {
  expect((await loadUndici(installedUndici)).Client).toBe(undici.Client);
  expect(installedUndici.version()).toMatch(/^7\.\d+\.\d+$/);
});

describe('When undici', () => {
  test('is missing, the error says so, with the reason and what to do.', async () => {
    const error = await failure(loadUndici(notThere), OctaConfigurationError);
    expect(error.message).toBe('nodeFetch() needs the package undici 7: npm install undici@7');
    expect(error.cause).toBe(missing);
  });

  test.each([
    [
      'was bundled',
      'Dynamic require of "node:assert" is not supported',
      '; leave undici out of the bundle: mark it as external',
    ],
    ['cannot be read', 'Unexpected token', ''],
  ])('%s, the error gives the reason, and does not say that it is missing.', async (_title, reason, advice) => {
    const error = await failure(
      loadUndici({ ...notThere, load: () => Promise.reject(new Error(reason)) }),
      OctaConfigurationError,
    );
    expect(error.message).toBe(`nodeFetch() could not load the package undici: ${reason}${advice}`);
  });

  test.each([
    ['is older', source(before7, '6.29.1'), '6.29.1'],
    ['is newer', source(undici, '8.12.4'), '8.12.4'],
    ['only begins with the same digit', source(undici, '70.0.0'), '70.0.0'],
    ['is older and has no version', source(before7, undefined), 'another version'],
    ['is something else', source({ default: () => undefined }, '7.0.0'), 'another version'],
    ['is nothing', source(undefined, undefined), 'another version'],
  ])('%s, it is refused.', async (_title, given, what) => {
    const error = await failure(loadUndici(given), OctaConfigurationError);
    expect(error.message).toBe(`nodeFetch() needs the package undici 7, but found ${what}: npm install undici@7`);
  });

  test('is a module of Bun itself, the error says so, and what to do.', async () => {
    vi.stubGlobal('Bun', {});
    const given = source(undici, '7.0.0');
    const error = await failure(loadUndici(given), OctaConfigurationError).finally(() => vi.unstubAllGlobals());
    expect(error.message).toMatch(/^nodeFetch\(\) does not support Bun, .*; omit the fetch option$/);
  });

  test('has no known version, its exports decide.', async () => {
    expect(await loadUndici(source(undici, undefined))).toBe(undici);
  });
});

describe('A transport without undici', () => {
  const transport = () => new Transport(resolveNodeOptions(), notThere);
  const send = (to: Transport, init: RequestInit = {}) => to.send('http://api.test/', init, { repeatable: true });

  test('rejects every request, before and after loading fails.', async () => {
    const one = transport();
    for (let request = 0; request < 2; request++) await failure(send(one), OctaConfigurationError);
    expect(one.stats()).toEqual({ origins: [], totals: { requests: 0, connectionsOpened: 0, resent: 0 } });
  });

  test('causes no unhandled rejection as long as it is not used.', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    transport();
    // Node looks for them a turn later.
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  test('can be closed.', async () => {
    const one = transport();
    await one.close();
    expect(await rejection(send(one))).toMatchObject({ message: 'this nodeFetch() is closed; create a new one' });
  });
});

test('An abort ends a request immediately, even while undici is being loaded.', async () => {
  const transport = new Transport(resolveNodeOptions(), {
    load: () => new Promise(() => undefined),
    version: () => '7.0.0',
  });
  const controller = new AbortController();
  const sent = transport.send('http://api.test/', { signal: controller.signal }, { repeatable: true });
  controller.abort('enough');
  expect(await rejection(sent)).toBe('enough');
});

test('Requests made before undici is loaded are sent afterwards.', async () => {
  let arrive = (_found: unknown): void => undefined;
  const load = () =>
    new Promise<unknown>((resolve) => {
      arrive = resolve;
    });
  const transport = new Transport(resolveNodeOptions(), { load, version: () => '7.0.0' });
  const sent = transport.send(`http://127.0.0.1:${await freePort()}/`, {}, { repeatable: true });
  expect(transport.stats().totals.requests).toBe(0);
  arrive(undici);
  expect(await rejection(sent)).toMatchObject({ code: 'ECONNREFUSED' });
  expect(transport.stats().totals.requests).toBe(1);
});
