/** The real pino, winston and bunyan, and the console, over real HTTP. */
import { Console } from 'node:console';
import { createRequire } from 'node:module';
import { Writable } from 'node:stream';
import bunyan from 'bunyan';
import pino from 'pino';
import { describe, expect, test } from 'vitest';
import winston from 'winston';
import {
  type Logger,
  loggerFrom,
  OctaAbortError,
  type OctaClientOptions,
  OctaConfigurationError,
} from '../../src/index.ts';
import { clientFor, testKey } from '../support/calls.ts';
import { json, serve } from '../support/server.ts';

/** Keeps what is written to it. */
class Sink extends Writable {
  text = '';
  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
  get records(): Record<string, unknown>[] {
    return this.text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
  }
}

/** A logger of another library that writes JSON, and where it puts the message and the error. */
interface JsonLogger {
  readonly make: (sink: Sink) => Logger;
  readonly message: string;
  readonly error: string;
}

/** pino has no types for it, so it is said here that they are the same. */
const pinoOfBrowsers: typeof pino = createRequire(import.meta.url)('pino/browser');

function winstonTo(sink: Sink, ...formats: ReturnType<typeof winston.format.json>[]): winston.Logger {
  const transports = [new winston.transports.Stream({ stream: sink })];
  return winston.createLogger({ level: 'debug', transports, format: winston.format.combine(...formats) });
}
function bunyanTo(sink: Sink, serializers = {}): bunyan {
  return bunyan.createLogger({ name: 'app', level: 'debug', stream: sink, serializers });
}
const pinoTo = (sink: Sink, options: pino.LoggerOptions = {}) => pino({ level: 'debug', ...options }, sink);
const { splat, json: asJson } = winston.format;
const likePino = { message: 'msg', error: 'err' };
const likeWinston = { message: 'message', error: 'error' };

const loggers: Readonly<Record<string, JsonLogger>> = {
  pino: { make: (sink) => pinoTo(sink), ...likePino },
  'a child of pino': { make: (sink) => pinoTo(sink).child({ part: 'api' }), ...likePino },
  'pino with another errorKey': { make: (sink) => pinoTo(sink, { errorKey: 'error' }), ...likePino },
  'pino in a browser': {
    make: (sink) => {
      const write = (record: object) => sink.write(`${JSON.stringify(record)}\n`);
      return pinoOfBrowsers({ level: 'debug', browser: { write, serialize: true } });
    },
    ...likePino,
  },
  winston: { make: (sink) => winstonTo(sink, asJson()), ...likeWinston },
  'winston with splat': { make: (sink) => winstonTo(sink, splat(), asJson()), ...likeWinston },
  'a child of winston': { make: (sink) => winstonTo(sink, asJson()).child({ part: 'api' }), ...likeWinston },
  bunyan: { make: (sink) => bunyanTo(sink), ...likePino },
  'bunyan with serializers': { make: (sink) => bunyanTo(sink, bunyan.stdSerializers), ...likePino },
  'a child of bunyan': { make: (sink) => bunyanTo(sink).child({ part: 'api' }), ...likePino },
};
const given: Readonly<Record<string, (logger: Logger) => Logger>> = {
  'given to the client': (logger) => logger,
  'of loggerFrom': loggerFrom,
  'of loggerFrom twice': (logger) => loggerFrom(loggerFrom(logger)),
};

const answering = (body: string, ...statuses: number[]) =>
  serve((_, response) => {
    response.setHeader('x-request-id', 'r-1').setHeader('set-cookie', 'id=hush');
    json(response, body, statuses.shift());
  });
const throws = (error: unknown) => () => {
  throw error;
};

/** What a logger writes of one call. */
async function linesOf(logger: Logger, options: OctaClientOptions, body = '{"balance":1}', status = 200) {
  await using server = await answering(body, status);
  await clientFor(server, { logger, ...options }).accounts.balance();
  return server.url;
}

describe.each(Object.entries(loggers))('%s', (name, { make, message, error }) => {
  test.each(Object.entries(given))('%s writes the fields and the error of a hook that threw.', async (_, from) => {
    const sink = new Sink();
    await linesOf(from(make(sink)), { onResponse: throws(new TypeError('no disk')) });
    expect(sink.records).toEqual([
      expect.objectContaining({
        [message]: '[octaspace] onResponse threw; the call continues',
        operation: 'getBalance',
        method: 'GET',
        attempt: 1,
        status: 200,
        durationMs: expect.any(Number),
        requestId: 'r-1',
        [error]: expect.objectContaining({ message: 'no disk', stack: expect.stringContaining('TypeError: no disk') }),
      }),
    ]);
  });

  test('writes why an attempt is retried.', async () => {
    const sink = new Sink();
    const url = await linesOf(make(sink), { logLevel: 'info' }, '{"balance":1}', 503);
    expect(sink.records).toEqual([
      expect.objectContaining({
        operation: 'getBalance',
        url: `${url}/accounts/balance`,
        attempt: 1,
        status: 503,
        requestId: 'r-1',
        delayMs: 0,
        [error]: expect.objectContaining({ message: expect.stringContaining('503') }),
      }),
    ]);
    expect(sink.text).not.toContain('hush');
  });

  test('writes every field, whatever the message contains.', async () => {
    const sink = new Sink();
    loggerFrom(make(sink)).warn('100%d of %%', { operation: 'getNode' });
    loggerFrom(make(sink)).warn('100%d of %%');
    const fields = sink.records.map((record) => [record[message], record.operation]);
    expect(fields).toEqual([
      ['100%d of %%', 'getNode'],
      ['100%d of %%', undefined],
    ]);
  });

  test('writes errors with amounts, errors without end, and what is not an error.', async () => {
    const sink = new Sink();
    const endless = Object.assign(new Error('endless'), { self: {} });
    endless.self = endless;
    const thrown = [Object.assign(new Error('spent'), { spent: 5n }), endless, 'a text', { amount: 7n }];
    for (const each of thrown) loggerFrom(make(sink)).error('line', { error: each });
    const text = sink.records.map((record) => JSON.stringify(record[error]));
    expect(text.map((each, index) => [/spent|endless|a text|amount/.exec(each)?.[0], index])).toEqual([
      ['spent', 0],
      ['endless', 1],
      ['a text', 2],
      ['amount', 3],
    ]);
    // The serializer of bunyan leaves out fields that it does not know.
    if (name !== 'bunyan with serializers') expect(text[0]).toMatch(/"spent":"?5/);
    expect(text[3]).toMatch(/"amount":"?7/);
  });

  test.each<[string, (aborted: Error) => Error]>([
    ['an error', (aborted) => aborted],
    ['the cause of an error', (aborted) => new Error('outer OctaAbortError', { cause: aborted })],
    ['an error of several', (aborted) => new AggregateError([aborted], 'several, OctaAbortError')],
  ])('shows neither a key nor the hidden cause of %s.', async (_, wrap) => {
    const sink = new Sink();
    const controller = new AbortController();
    controller.abort(new Error(`private ${testKey}`));
    await using server = await answering('{"balance":1}');
    const other = clientFor(server);
    const aborted = await other.accounts.balance({ signal: controller.signal }).catch((thrown: unknown) => thrown);
    if (!(aborted instanceof OctaAbortError)) throw new Error('the call was not aborted');
    const logger = make(sink);
    const secret = { token: testKey, cause: new Error(testKey) };
    const onResponse = throws(Object.assign(new Error(testKey), secret));
    const hooks = { onRequest: () => throws(wrap(aborted)), onResponse };
    await linesOf(logger, { ...hooks, logLevel: 'debug', headers: { 'x-echo': testKey, cookie: 'hush' } });
    expect(sink.records).toHaveLength(4);
    expect(sink.text).toContain('OctaAbortError');
    expect(sink.text).not.toMatch(new RegExp(`${testKey}|private|hush`));
  });
});

describe('The error type in pino and bunyan with serializers', () => {
  test('is that of the error.', async () => {
    const sink = new Sink();
    await linesOf(pinoTo(sink), { onResponse: throws(new TypeError('no disk')) });
    await linesOf(pinoTo(sink), { logLevel: 'info' }, '{"balance":1}', 503);
    await linesOf(bunyanTo(sink, bunyan.stdSerializers), { onResponse: throws(new TypeError('no disk')) });
    expect(sink.records.map(({ err }) => err)).toMatchObject([
      { type: 'TypeError' },
      { type: 'OctaServiceUnavailableError' },
      { name: 'TypeError' },
    ]);
  });

  test('pino gets the error itself, for serializers and hooks of the application.', async () => {
    const seen: unknown[] = [];
    const thrown = new TypeError('no disk');
    const serializers = { err: (error: unknown) => void seen.push(error) };
    await linesOf(pinoTo(new Sink(), { serializers }), { onResponse: throws(thrown) });
    expect(seen).toEqual([thrown]);
    expect(seen[0]).toBe(thrown);
  });
});

describe('A logger that is like the console', () => {
  test('gets the message and then the fields, with the error itself.', async () => {
    const lines: unknown[][] = [];
    const write = (...line: unknown[]) => void lines.push(line);
    const thrown = new Error('no disk');
    const logger = { error: write, warn: write, info: write, debug: write };
    await linesOf(logger, { onResponse: throws(thrown) });
    const fields = expect.objectContaining({ operation: 'getBalance', status: 200, error: thrown });
    expect(lines).toEqual([['[octaspace] onResponse threw; the call continues', fields]]);
  });

  test('prints message and fields, whatever the message contains.', () => {
    const sink = new Sink();
    const logger = loggerFrom(new Console(sink, sink));
    logger.warn('100%d of %% is %', { operation: 'getNode' });
    logger.warn('100%d of %% is %');
    expect(sink.text).toBe("100%d of %% is % { operation: 'getNode' }\n100%d of %% is %\n");
  });
});

test('The functions of a class are called as methods.', () => {
  class Counter {
    count = 0;
    error(): void {
      this.count++;
    }
    warn(): void {}
    info(): void {}
    debug(): void {}
  }
  const counter = new Counter();
  loggerFrom(counter).error('a line');
  expect(counter.count).toBe(1);
});

test.each([
  ['winston with levels that have other names', winston.createLogger({ levels: winston.config.syslog.levels })],
  ['a function', () => undefined],
  ['nothing', undefined],
])('%s is refused, with what is needed.', (_, value) => {
  const make = (): unknown => loggerFrom(value as unknown as Logger);
  const message = 'logger must be an object with the functions error, warn, info and debug, such as console';
  expect(make).toThrow(new OctaConfigurationError({ message }));
});
