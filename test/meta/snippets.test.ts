/** The snippets of the documentation that are marked to be run do what the pages say. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { fileOf } from '../../scripts/frameworks/recipes.ts';
import { type Block, blocks, blocksOf } from '../support/pages.ts';
import { apiKey, promisedOutput, runSnippet } from '../support/snippet-runner.ts';

/** Snippets that are run, with the block after each. */
function runnable(all: readonly Block[]): [place: string, block: Block, next: Block | undefined][] {
  return all.flatMap((block, at) => {
    const { page, line, language, role } = block;
    if (language !== 'ts' || role !== 'run') return [];
    const next = all[at + 1];
    return [[`${page}:${line}`, block, next?.page === page ? next : undefined]];
  });
}

const snippets = runnable(blocks);

test('Most snippets are run.', () => {
  const shown = blocks.filter(
    (block) => block.language === 'ts' && block.role !== 'before' && fileOf(block) === undefined,
  );
  expect(snippets.length).toBeGreaterThan(shown.length / 2);
});

test.each(snippets)('%s prints what the page says.', async (_, block, next) => {
  const { printed } = await runSnippet(block.code);
  expect(printed).toEqual(promisedOutput(block, next));
});

describe('a snippet', () => {
  const ran = async (code: string) => (await runSnippet(code)).printed;

  test('gets its imports, a client with a key, and responses of the simulator.', async () => {
    const code = [
      "import { formatOcta as format, type OctaClient } from '@octaspace/sdk';",
      "import * as path from 'node:path';",
      "const shown = (from: OctaClient) => [typeof from.api, path.basename('a/b')];",
      'console.log(format((await client.accounts.balance()).balance), ...shown(client));',
    ];
    expect(await ran(code.join('\n'))).toEqual(['40 object b']);
  });

  test('can create its own client, from options or from variables.', async () => {
    const balances = (how: string) =>
      ran(`import { OctaClient } from '@octaspace/sdk';\nconsole.log((await ${how}.accounts.balance()).balance);`);
    expect(await balances('new OctaClient({ apiKey: process.env.OCTA_API_KEY })')).toEqual(['40000000000000000000n']);
    expect(await balances('OctaClient.fromEnv()')).toEqual(['40000000000000000000n']);
  });

  test('fails with what it throws, and when one of its tests fails.', async () => {
    await expect(ran("throw new Error('no');")).rejects.toThrow('no');
    const code = "import { expect, test } from 'vitest';\ntest('a', () => expect(1).toBe(2));";
    await expect(ran(code)).rejects.toThrow('expected 1 to be 2');
  });

  test('prints several lines for a value that is shown on several, and logs of its client with them.', async () => {
    expect(await ran("console.log('a\\nb');\nconsole.warn({ a: 1n });")).toEqual(['a', 'b', '{ a: 1n }']);
    const code = 'const { api } = client;\nconsole.log(typeof api);\nclient.close();\nclient.close();';
    expect(await ran(code)).toEqual(['object']);
  });
});

describe('the proxy for Next.js', () => {
  const shown = blocks.find(({ page, code }) => page === 'docs/browsers.md' && code.includes('forward as GET'));

  /** What it answers a page of some site, with its check as it is shown, or one that lets everybody in. */
  async function answer(path: string, site: string, everybody: boolean): Promise<[status: number, text: string]> {
    vi.stubEnv('OCTA_API_KEY', apiKey);
    const { exported } = await runSnippet((shown?.code ?? '').replace('return false;', `return ${everybody};`));
    const { GET }: { GET: (request: Request) => Promise<Response> } = Object(exported);
    const request = new Request(`http://localhost/api/octa${path}`, { headers: { 'sec-fetch-site': site } });
    const response = await GET(request);
    return [response.status, await response.text()];
  }

  afterEach(() => vi.unstubAllEnvs());

  test('forwards requests of its own page, digit for digit.', async () => {
    const [status, text] = await answer('/accounts/balance', 'same-origin', true);
    expect([status, text]).toEqual([200, expect.stringContaining('40000000000000000000')]);
  });

  test('refuses all requests before its check is written, and requests from other sites afterwards.', async () => {
    expect(await answer('/accounts/balance', 'same-origin', false)).toEqual([401, '']);
    expect(await answer('/nodes/42/reboot', 'cross-site', true)).toEqual([403, '']);
  });
});

test('The expected output of a page is in comments with an arrow, or in the block after it.', () => {
  const page = '```ts run\na; // => 1\nb; // no\nc; // => 2 3\n```\n\n```text output\nx\ny\n```\n';
  const [block, output] = blocksOf('PAGE.md', page);
  if (block === undefined) throw new Error('there is no block');
  expect(promisedOutput(block, undefined)).toEqual(['1', '2 3']);
  expect(promisedOutput(block, output)).toEqual(['x', 'y']);
});
