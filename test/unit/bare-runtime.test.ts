/** Runtimes that have less than Node: the package can be imported, works with what it needs, and says what is missing. */

import { fileURLToPath } from 'node:url';
import vm from 'node:vm';
import { build } from 'esbuild';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { OctaClient } from '../../src/client.ts';
import { OctaConfigurationError, OctaTimeoutError } from '../../src/errors/errors.ts';
import { failure } from '../support/failure.ts';
import { json, serve } from '../support/server.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const entries = ['index', 'otel', 'query', 'testing', 'zod'] as const;
type Entry = (typeof entries)[number];

const scripts = new Map<Entry, string>();

async function scriptOf(entry: Entry): Promise<string> {
  const from = entry === 'index' ? './src/index.ts' : `./src/${entry}/index.ts`;
  const { outputFiles } = await build({
    stdin: { contents: `export * from '${from}';`, resolveDir: root, loader: 'ts' },
    bundle: true,
    format: 'iife',
    globalName: 'sdk',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}

beforeAll(async () => {
  for (const entry of entries) scripts.set(entry, await scriptOf(entry));
});

/** Loads an entry where there are no globals but those given and JavaScript's own; gives what runs code there. */
function loaded(entry: Entry, globals: Readonly<Record<string, unknown>> = {}): (code: string) => unknown {
  const context = vm.createContext({ ...globals });
  vm.runInContext(`${scripts.get(entry)}\nglobalThis.sdk = sdk;`, context);
  return (code) => vm.runInContext(code, context);
}

describe('every entry except /node loads without any web global', () => {
  test.each(entries)('%s', (entry) => {
    expect(loaded(entry)('Object.keys(sdk).length')).toBeGreaterThan(0);
  });
});

test('What needs no runtime works without one.', () => {
  const run = loaded('index');
  expect(run("String(sdk.parseOcta('1.5'))")).toBe('1500000000000000000');
  expect(run('sdk.toJson({ balance: 40000000000000000000n })')).toBe('{"balance":"40000000000000000000"}');
});

test('A client says which globals it needs.', () => {
  const message = (code: string) =>
    loaded('index')(`try { ${code} } catch ({ name, message }) { name + ': ' + message }`);
  expect(message('new sdk.OctaClient()')).toBe(
    'OctaConfigurationError: a client needs AbortController, Headers, Response, TextDecoder, TextEncoder, URL, performance, queueMicrotask, ' +
      'setTimeout, which this runtime does not have; load a polyfill first',
  );
});

test('The simulator says which globals it needs.', () => {
  const run = loaded('testing', { Headers, Request, Response, URL, ReadableStream, btoa });
  expect(run('try { new sdk.OctaSimulator() } catch (error) { error.message }')).toBe(
    'the simulator needs TextDecoder, TextEncoder, which this runtime does not have; load a polyfill first',
  );
});

/** What React Native and its like have. */
const least = {
  AbortController,
  Headers,
  Response,
  TextDecoder,
  TextEncoder,
  URL,
  URLSearchParams,
  performance,
  queueMicrotask,
  setTimeout,
  clearTimeout,
};

test('A client needs no other globals than those that it asks for, and fetch.', async () => {
  await using server = await serve((_received, response) => json(response, '{"balance":40000000000000000000}'));
  /** As that of React Native: a body is text, and no stream. */
  const withoutStreams = async (url: string, init: RequestInit) => {
    const response = await fetch(url, init);
    const text = await response.text();
    const { status, statusText, headers } = response;
    return { status, statusText, headers, ok: response.ok, url, text: () => Promise.resolve(text) };
  };
  const run = loaded('index', { ...least, fetch: withoutStreams, server: server.url });
  const client = "new sdk.OctaClient({ apiKey: 'a-key', baseUrl: server })";
  expect(await run(`${client}.accounts.balance().then(({ balance }) => String(balance))`)).toBe('40000000000000000000');
});

test('A timeout needs no DOMException.', async () => {
  const run = loaded('index', { ...least, fetch: () => new Promise(() => undefined) });
  const client = "new sdk.OctaClient({ apiKey: 'a-key', timeoutMs: 20, retries: 0 })";
  expect(await run(`${client}.network.get().catch((error) => error.name)`)).toBe('OctaTimeoutError');
});

test('A call without fetch fails once, and says so.', async () => {
  const run = loaded('index', least);
  const failed =
    "new sdk.OctaClient({ apiKey: 'a-key' }).network.get().catch((error) => [error.name, error.message, error.outcome].join())";
  expect(await run(failed)).toMatch(
    /^OctaConfigurationError,.*a client without the option fetch needs fetch, which this runtime does not have; load a polyfill first,not-sent$/,
  );
});

describe('on a runtime that lacks them', () => {
  afterEach(() => vi.unstubAllGlobals());

  test('a timeout needs no DOMException', async () => {
    vi.stubGlobal('DOMException', undefined);
    const client = new OctaClient({ fetch: () => new Promise(() => undefined), timeoutMs: 20, retries: 0 });
    await failure(client.network.get(), OctaTimeoutError);
  });

  test('a call without fetch is refused', async () => {
    vi.stubGlobal('fetch', undefined);
    const error = await failure(new OctaClient({ apiKey: 'a-key' }).network.get(), OctaConfigurationError);
    expect(error.outcome).toBe('not-sent');
  });
});
