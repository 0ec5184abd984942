/** Logs of 120 MB, followed in separate processes. */
import { describe, expect, test } from 'vitest';
import { runChild } from './child.ts';
import type { Change, Run, Said } from './run-logs.ts';

/** Memory that the process may use in addition to the log. Unit: bytes. */
const mostBytes = 500_000_000;

describe('A log of 120 MB', () => {
  test.each<[change: Change, lines: Said['lines']]>([
    ['loses its beginning', ['line 1875000', 'line 1875001']],
    ['gets a line inserted', ['inserted', 'new']],
    ['restarts', 1_875_000],
  ])('%s, and is followed with 500 MB of additional memory.', async (change, lines) => {
    const { code, said, complaints } = await runChild('run-logs.ts', { megabytes: 120, change } satisfies Run);
    const [result] = said as [Said];
    expect({ code, complaints, lines: result.lines }).toEqual({ code: 0, complaints: '', lines });
    expect(result.peakBytes - result.textBytes).toBeLessThan(mostBytes);
    expect(result.readMs).toBeLessThan(30_000);
  });
});
