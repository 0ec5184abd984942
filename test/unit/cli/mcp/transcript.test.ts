import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { rentalTranscript } from '../../../support/mcp-transcript.ts';

test('The transcript in the guide is what the server answers.', async () => {
  const page = readFileSync(fileURLToPath(new URL('../../../../docs/agents.md', import.meta.url)), 'utf8');
  const section = page.slice(page.indexOf('\n## A whole rental\n'));
  const [, block] = /```text\n([\s\S]*?)\n```/.exec(section) ?? [];
  expect(block).toBe(await rentalTranscript());
});
