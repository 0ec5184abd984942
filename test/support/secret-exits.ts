/** All output of a client, in all forms in which it may be printed. */
import { inspect } from 'node:util';
import { type FetchLike, type Logger, OctaClient, type OctaClientOptions, toJson } from '../../src/index.ts';

function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    // An object without a prototype has no text.
    return '';
  }
}

/** All forms in which a logger, a console or a test runner prints a value. */
export function printed(value: unknown): string {
  const forms = [inspect(value, { depth: 12, showHidden: true, maxStringLength: null }), toJson(value), textOf(value)];
  if (!(value instanceof Error)) return forms.join('\n');
  const descriptor = Object.getOwnPropertyDescriptor(value, 'cause');
  const cause: unknown = descriptor?.get === undefined ? descriptor?.value : undefined;
  return [...forms, value.stack, cause === undefined ? '' : printed(cause)].join('\n');
}

/** A client that records all of its output, except the responses. */
export function watchedClient(fetch: FetchLike, options: OctaClientOptions = {}) {
  const shown: string[] = [];
  const keep = (...given: unknown[]) => void shown.push(...given.map(printed));
  const logger: Logger = { error: keep, warn: keep, info: keep, debug: keep };
  const client = new OctaClient({
    baseUrl: 'https://api.test',
    fetch,
    logger,
    logLevel: 'debug',
    retries: 1,
    retryDelayMs: 0,
    onRequest: ({ headers: _, ...context }) => {
      keep(context);
      return keep;
    },
    onResponse: ({ request: _, headers, ...context }) => keep([...headers], context),
    onRetry: keep,
    onDrift: keep,
    ...options,
  });
  const fails = async (call: PromiseLike<unknown>): Promise<unknown> => {
    const error: unknown = await Promise.resolve(call).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    keep(error);
    return error;
  };
  return { client, shown, keep, fails, text: () => shown.join('\n') };
}

/** Ways in which a server, or something on the way, repeats a key. Each receives the key in the form that it uses. */
export const echoes: readonly (readonly [title: string, answer: (spelt: string) => Response | Promise<never>])[] = [
  ['an error', (spelt) => new Response(JSON.stringify({ message: `no ${spelt}`, code: spelt }), { status: 401 })],
  ['an error as text', (spelt) => new Response(`the key ${spelt} is unknown`, { status: 403 })],
  [
    'names of fields of an error',
    (spelt) => new Response(JSON.stringify({ [spelt]: { [spelt]: [spelt] } }), { status: 422 }),
  ],
  [
    'headers of an error',
    (spelt) => new Response('{}', { status: 503, headers: { 'x-request-id': spelt, 'x-echo': spelt } }),
  ],
  [
    'headers of a success',
    (spelt) => new Response('{"balance":1}', { headers: { 'x-request-id': spelt, 'x-echo': spelt } }),
  ],
  ['an unexpected success', (spelt) => new Response(JSON.stringify({ balance: spelt, [spelt]: spelt }))],
  ['invalid JSON', (spelt) => new Response(`${spelt} is no JSON`)],
  ['a page', (spelt) => new Response(`<html>${spelt}</html>`, { status: 502 })],
  ['a failure', (spelt) => Promise.reject(new TypeError(`refused ${spelt}`, { cause: new Error(spelt) }))],
  ['a redirect', (spelt) => new Response(null, { status: 302, headers: { location: `https://other.test/${spelt}` } })],
];
