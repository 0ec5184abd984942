/** Logs of 120 MB, followed in processes of their own. */
import { describe, expect, test } from 'vitest';
import { runChild } from './child.ts';
import type { Change, Run, Said } from './run-logs.ts';

/** What the process may take besides the log itself. Unit: bytes. */
const mostBytes = 500_000_000;

describe('A log of 120 MB', () => {
  test.each<[change: Change, lines: Said['lines']]>([
    ['loses its beginning', ['line 1875000', 'line 1875001']],
    ['gets a line inserted', ['inserted', 'new']],
    ['begins anew', 1_875_000],
  ])('%s, and is followed in 500 MB besides.', async (change, lines) => {
    const { code, said, complaints } = await runChild('run-logs.ts', { megabytes: 120, change } satisfies Run);
    const [result] = said as [Said];
    expect({ code, complaints, lines: result.lines }).toEqual({ code: 0, complaints: '', lines });
    expect(result.peakBytes - result.textBytes).toBeLessThan(mostBytes);
    expect(result.readMs).toBeLessThan(30_000);
  });
});
