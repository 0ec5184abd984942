/** The log of a job: the reports of the wrapper, and the lines that are kept for readers. */
import { describe, expect, test } from 'vitest';
import { JobLog } from '../../../src/jobs/job-log.ts';
import type { LogLine } from '../../../src/leases/log-lines.ts';

const mark = '::octa-job m';
const line = (text: string): LogLine => ({ source: 'container', text });

function logOf(texts: readonly string[], paths: readonly string[] = []): JobLog {
  const log = new JobLog(mark, paths);
  for (const text of texts) log.take(line(text));
  return log;
}

async function linesOf(log: JobLog): Promise<string[]> {
  const lines: string[] = [];
  for await (const { text } of log.read()) lines.push(text);
  return lines;
}

describe('The log of a job', () => {
  test('has the lines of the command, without the reports, and its exit code.', async () => {
    const log = logOf(['pulled', `${mark} begin`, 'a', '', 'b', `${mark} exit 7`, 'later', `late${mark} begin`]);
    log.close();
    expect(log).toMatchObject({ begun: true, exitCode: 7 });
    expect(await linesOf(log)).toEqual(['pulled', 'a', '', 'b']);
    expect(log.progress).toEqual({ output: 'pulled\na\n\nb\n', exitCode: 7, results: {} });
  });

  test('finds a report after output without a line break.', () => {
    expect(logOf(['a', `b${mark} exit 0`]).progress).toMatchObject({ output: 'a\nb\n', exitCode: 0 });
  });

  test('yields lines of the platform, which are not output.', async () => {
    const log = logOf([`${mark} 0 3`], ['a']);
    const system: LogLine = { source: 'system', text: `pulling ${mark} exit 1` };
    log.take(system);
    log.take(line('YWJj'));
    log.take(line(`${mark} exit 0`));
    log.close();
    expect(await log.read().next()).toEqual({ done: false, value: system });
    expect(log.progress).toEqual({ output: '', exitCode: 0, results: { a: new TextEncoder().encode('abc') } });
  });

  test('reads a result after the prefix that the platform adds to each line.', () => {
    const log = logOf([`12:00 ${mark} 0 6`, '12:00 YWJj', '12:01 ZGVm', `12:02 ${mark} exit 0`], ['a']);
    expect(log.progress.results).toEqual({ a: new TextEncoder().encode('abcdef') });
  });

  test('reports missing and too large results, and counts only returned ones.', () => {
    const reports = ['0', '1 262145', '2 262144', '3 1', 'exit 0'].map((report) => `${mark} ${report}`);
    const log = logOf(reports, ['a', 'b', 'c', 'd']);
    const reasons = Object.fromEntries(log.missing.map(({ path, reason }) => [path, reason]));
    expect(reasons).toEqual({ a: 'missing', b: 'too-large', c: 'damaged', d: 'too-large' });
  });

  test.each([
    ['cut', ['YWJj']],
    ['not base64', ['YWJjZA==', '?']],
  ])('reports a damaged result: %s.', (_, encoded) => {
    const log = logOf([`${mark} 0 4`, ...encoded, `${mark} 5 1`, `${mark} exit 0`], ['a']);
    expect(log.progress.results).toEqual({});
    expect(log.missing).toEqual([{ path: 'a', reason: 'damaged' }]);
  });

  test('keeps the last megabyte of the output.', () => {
    const log = logOf(Array.from({ length: 40_000 }, (_, index) => `${index}`.padStart(99, '.')));
    const { output } = log.progress;
    expect(output.length).toBeGreaterThan((1 << 20) - 200);
    expect(output.length).toBeLessThanOrEqual(1 << 20);
    expect(output).toMatch(/39999\n$/);
    log.take(line('x'.repeat(3 << 20)));
    expect(log.progress.output).toBe(`${'x'.repeat((1 << 20) - 1)}\n`);
  });

  test('gives a late reader the last megabyte, and an early reader all lines.', async () => {
    const log = logOf(['first']);
    const early = log.read();
    expect(await early.next()).toEqual({ done: false, value: line('first') });
    for (let index = 1; index < 40_000; index++) log.take(line(`${index}`.padStart(99, '.')));
    log.close();
    let count = 1;
    for await (const _ of early) count++;
    expect(count).toBe(40_000);
    expect((await linesOf(log)).length).toBeLessThan(11_000);
    log.take(line('y'.repeat(3 << 20)));
    expect(await linesOf(log)).toHaveLength(1);
  });

  test('wakes waiting readers.', async () => {
    const log = logOf([]);
    const [one, other] = [linesOf(log), linesOf(log)];
    log.take(line('a'));
    await Promise.resolve();
    log.take(line('b'));
    log.close();
    expect(await one).toEqual(['a', 'b']);
    expect(await other).toEqual(['a', 'b']);
  });
});
