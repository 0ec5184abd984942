import { writeFileSync } from 'node:fs';
import { test } from 'vitest';
import { blocks } from '../support/pages.ts';
import { promisedOutput, runSnippet } from '../support/snippet-runner.ts';

test('x', async () => {
  const out: Record<string, string[]> = {};
  for (const [at, b] of blocks.entries()) {
    if (b.role !== 'run') continue;
    let printed: string[];
    try {
      printed = (
        await Promise.race([
          runSnippet(b.code),
          new Promise<never>((_, r) => setTimeout(() => r(new Error('TIMEOUT')), 8000)),
        ])
      ).printed;
    } catch (e) {
      printed = [
        'THROWS ' +
          String((e as Error).stack)
            .split('\n')
            .slice(0, 4)
            .join(' | '),
      ];
    }
    const next = blocks[at + 1];
    if (JSON.stringify(printed) !== JSON.stringify(promisedOutput(b, next?.page === b.page ? next : undefined)))
      out[`${b.page}:${b.line}`] = printed;
  }
  writeFileSync('/tmp/docsgen/actual.json', JSON.stringify(out));
});
