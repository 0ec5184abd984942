/** How much memory it takes to read a long log. */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { buildSync } from 'esbuild';
import { describe, expect, test, vi } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Runs code that calls `post` once, in a thread with its own heap of 160 MB. */
async function runInThread(code: string): Promise<unknown> {
  const contents = `
    import { parentPort } from 'node:worker_threads';
    import { LogReader } from './src/leases/log-lines.ts';
    const reader = new LogReader();
    const post = (value) => parentPort.postMessage(value);
    /** 30 MB: 480 blocks, each of which begins with a different line. */
    const logFrom = (first) => {
      const blocks = Array.from({ length: 480 }, (_, at) => 'block ' + (first + at) + '\\\\n' + 'a line of the log\\\\n'.repeat(3470));
      // From JSON, as in responses: text from a Buffer would not be on the heap.
      return JSON.parse(Buffer.from('"' + blocks.join('') + '"').toString('latin1'));
    };
    const read = (container) => {
      let count = 0;
      let last;
      for (const line of reader.read({ system: [], container })) [count, last] = [count + 1, line.text];
      return [count, last];
    };
    ${code}`;
  const { outputFiles } = buildSync({
    stdin: { contents, resolveDir: root },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    write: false,
  });
  const worker = new Worker(outputFiles[0]?.text ?? '', {
    eval: true,
    resourceLimits: { maxOldGenerationSizeMb: 160 },
  });
  try {
    const [value] = await once(worker, 'message');
    return value;
  } finally {
    await worker.terminate();
  }
}

// Threads with such a small heap take several times as long on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

describe('A log of 30 MB is followed in a heap of 160 MB', () => {
  const lines = 480 * 3471;
  test.each<[title: string, change: string, found: unknown[]]>([
    ['when it grows', "logFrom(0) + 'new\\n'", [1, 'new']],
    ['when it loses its beginning', "logFrom(0).slice(1_000_010) + 'new\\n'", [1, 'new']],
    [
      'when a line is inserted near its end',
      "logFrom(0).replace('block 479', 'inserted\\nblock 479')",
      [1, 'inserted'],
    ],
    ['when it begins anew', 'logFrom(1_000)', [lines, 'a line of the log']],
  ])('%s.', async (_, change, found) => {
    expect(await runInThread(`read(logFrom(0)); post(read(${change}));`)).toEqual(found);
  });
});

test('A kept line of a long log does not keep the whole log in memory.', async () => {
  const code = `
    const firstLine = (nth) => new LogReader().read({ system: [], container: logFrom(nth * 1_000_000) }).next().value.text;
    post(Array.from({ length: 8 }, (_, nth) => firstLine(nth + 1)));`;
  expect(await runInThread(code)).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((nth) => `block ${nth}000000`));
});
