import { describe, expect, test } from 'vitest';
import { createLog, type LogLevel, logLevels } from '../../../src/transport/log.ts';

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
    const log = createLog(logger, level);
    for (const each of ['error', 'warn', 'info', 'debug'] as const) log(each, 'a line');
    expect(logger.lines).toEqual(wanted.map((each) => [each, '[octaspace] a line']));
  });

  test('wants() tells what is written.', () => {
    const log = createLog(keepingLogger(), level);
    expect((['error', 'warn', 'info', 'debug'] as const).filter((each) => log.wants(each))).toEqual(wanted);
  });
});

test('Every level stands in the list of levels.', () => {
  expect(logLevels).toEqual(table.map(([level]) => level));
});

test('Details follow the message.', () => {
  const logger = keepingLogger();
  const details = new Error('why');
  createLog(logger, 'error')('error', 'a line', details);
  expect(logger.lines).toEqual([['error', '[octaspace] a line', details]]);
});

test('A logger that throws changes nothing.', () => {
  const logger = keepingLogger();
  const broken = {
    ...logger,
    error: () => {
      throw new Error('the disk is full');
    },
  };
  const log = createLog(broken, 'warn');
  expect(() => log('error', 'a line')).not.toThrow();
  log('warn', 'the next line');
  expect(logger.lines).toEqual([['warn', '[octaspace] the next line']]);
});

test('A logger is called as a method, so that one with a state of its own works.', () => {
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
  createLog(counter, 'error')('error', 'a line');
  expect(counter.count).toBe(1);
});
