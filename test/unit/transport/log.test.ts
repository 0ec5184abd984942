import { inspect } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import { attachStory } from '../../../src/errors/attach.ts';
import { OctaError } from '../../../src/errors/errors.ts';
import { createLog, type LogFields, type LogLevel, logLevels } from '../../../src/transport/log.ts';
import { Secrets } from '../../../src/transport/secrets.ts';
import { aTurn } from '../../support/transport.ts';

const noKeys = new Secrets();

function keepingLogger() {
  const lines: unknown[][] = [];
  const at =
    (level: string) =>
    (...given: unknown[]): void => {
      lines.push([level, ...given]);
    };
  return { lines, error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') };
}

const table: [LogLevel, string[]][] = [
  ['silent', []],
  ['error', ['error']],
  ['warn', ['error', 'warn']],
  ['info', ['error', 'warn', 'info']],
  ['debug', ['error', 'warn', 'info', 'debug']],
];

describe.each(table)('At level %s', (level, wanted) => {
  test(`these levels are written: ${wanted.join(', ') || 'none'}.`, () => {
    const logger = keepingLogger();
    const log = createLog(logger, level, noKeys);
    for (const each of ['error', 'warn', 'info', 'debug'] as const) log(each, 'a line');
    expect(logger.lines).toEqual(wanted.map((each) => [each, '[octaspace] a line']));
  });

  test('wants() returns whether a level is written.', () => {
    const log = createLog(keepingLogger(), level, noKeys);
    expect((['error', 'warn', 'info', 'debug'] as const).filter((each) => log.wants(each))).toEqual(wanted);
  });
});

test('Every level is in the list of levels.', () => {
  expect(logLevels).toEqual(table.map(([level]) => level));
});

test('A message stays one line, without control characters.', () => {
  const logger = keepingLogger();
  createLog(logger, 'info', noKeys)('info', 'field a\nb\u001b[31m\u202e is new');
  expect(logger.lines).toEqual([['info', '[octaspace] field a\\u000ab\\u001b[31m\\u202e is new']]);
});

test('Fields follow the message, without those that have no value.', () => {
  const logger = keepingLogger();
  const error = new Error('why');
  createLog(logger, 'error', noKeys)('error', 'a line', { operation: 'getNode', status: undefined, error });
  expect(logger.lines).toEqual([['error', '[octaspace] a line', { operation: 'getNode', error }]]);
  expect(Object.keys(Object(logger.lines[0]?.[2]))).toEqual(['operation', 'error']);
});

describe('A line about an error of the SDK', () => {
  const request = { operation: 'getNode', method: 'GET', url: 'https://api.test/nodes/7' };
  const failed = { url: request.url, error: 'OctaError', message: 'busy', outcome: 'rejected' } as const;
  const error = new OctaError({ message: 'busy', request });
  attachStory(error, {
    attempts: [failed, { ...failed, status: 503, requestId: 'r-1' }],
    outcome: 'rejected',
    stoppedBy: undefined,
  });

  test('has the fields of its request.', () => {
    const logger = keepingLogger();
    createLog(logger, 'error', noKeys)('error', 'a line', { session: 'u-1', error });
    const fields = { ...request, attempt: 2, status: 503, requestId: 'r-1', session: 'u-1', error };
    expect(logger.lines).toEqual([['error', '[octaspace] a line', fields]]);
  });

  test('that comes from another request has the fields of that request.', () => {
    const logger = keepingLogger();
    createLog(logger, 'error', noKeys)('error', 'a line', { operation: 'listNodes', error });
    expect(logger.lines).toEqual([['error', '[octaspace] a line', { operation: 'listNodes', error }]]);
  });
});

test('A logger that throws changes nothing.', () => {
  const logger = keepingLogger();
  const broken = {
    ...logger,
    error: () => {
      throw new Error('the disk is full');
    },
  };
  const log = createLog(broken, 'warn', noKeys);
  expect(() => log('error', 'a line')).not.toThrow();
  log('warn', 'the next line');
  expect(logger.lines).toEqual([['warn', '[octaspace] the next line']]);
});

test('A logger is called as a method, so that loggers with state work.', () => {
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
  createLog(counter, 'error', noKeys)('error', 'a line');
  expect(counter.count).toBe(1);
});

describe('Keys are removed', () => {
  const key = 'octa-secret-1';
  /** The line that is written for this. */
  function written(message: string, fields?: LogFields): unknown[] | undefined {
    const logger = keepingLogger();
    const keys = new Secrets();
    keys.add('octa-secret-0');
    keys.add(key);
    createLog(logger, 'debug', keys)('info', message, fields);
    expect(logger.lines).toHaveLength(1);
    return logger.lines[0];
  }

  test('from the message, including old keys.', () => {
    expect(written(`${key} took the place of octa-secret-0`)).toEqual([
      'info',
      '[octaspace] [API key] took the place of [API key]',
    ]);
  });

  test.each<[title: string, error: unknown, want: unknown]>([
    ['text', `refused ${key}`, 'refused [API key]'],
    ['an error', new TypeError(`refused ${key}`), { name: 'TypeError', message: 'refused [API key]' }],
    [
      'an error within an error',
      new Error('failed', { cause: new Error(`refused octa-secret-0`) }),
      { name: 'Error', message: 'failed' },
    ],
    ['an object', { headers: { 'x-echo': key } }, '[object Object]'],
  ])('from a thrown value, which is %s.', (_, error, want) => {
    const line = written('a line', { error });
    expect(inspect(line, { depth: Infinity, showHidden: true })).not.toMatch(/octa-secret-\d/);
    expect({ fields: line?.[2] }).toMatchObject({ fields: { error: want } });
  });

  test('from every other field, which otherwise does not change.', () => {
    const fields = { url: `https://api.test/${key}`, status: 200, headers: { accept: 'text/plain', 'x-echo': key } };
    const safe = {
      url: 'https://api.test/[API key]',
      status: 200,
      headers: { accept: 'text/plain', 'x-echo': '[API key]' },
    };
    expect(written('a line', fields)?.[2]).toEqual(safe);
  });
});

test('An async error of a logger changes nothing.', async () => {
  const unhandled = vi.fn();
  process.on('unhandledRejection', unhandled);
  const broken = { ...keepingLogger(), error: () => Promise.reject(new Error('the disk is full')) };
  createLog(broken, 'warn', noKeys)('error', 'a line');
  await aTurn();
  process.off('unhandledRejection', unhandled);
  expect(unhandled).not.toHaveBeenCalled();
});

test('A line of a disabled level is not created.', () => {
  const text = vi.spyOn(noKeys, 'text');
  createLog(keepingLogger(), 'warn', noKeys)('info', 'a line');
  expect(text).not.toHaveBeenCalled();
});
