/** How much memory a hundred thousand calls of each kind leave in the heap. */
import { expect, test } from 'vitest';
import { goodAnswer } from '../support/calls.ts';
import { json, serve } from '../support/server.ts';
import { runChild } from './child.ts';
import { kinds, type Run, type Said } from './run-heap.ts';

const marks = [20_000, 100_000] as const;
/** Allowed growth between the first and the last mark; 13 bytes per call. Unit: bytes. */
const mostGrowth = 1_000_000;

function serveAll() {
  return serve(({ method, path }, response) => {
    if (path === '/services/mr') return;
    json(
      response,
      path === '/apps' ? '{"message":"no"}' : goodAnswer,
      method === 'GET' && path === '/apps' ? 404 : 200,
    );
  });
}

const both = (['fetch', 'nodeFetch'] as const).flatMap((transport) => kinds.map((kind) => [kind, transport] as const));

test.each(both)(
  'The heap does not grow with each %s, by %s.',
  async (kind, transport) => {
    await using server = await serveAll();
    const ended = await runChild('run-heap.ts', { kind, transport, url: server.url, marks } satisfies Run);
    expect(ended).toMatchObject({ code: 0, complaints: '' });
    const { heaps, asExpected } = ended.said[0] as Said;
    const [before = Number.NaN, after = Number.NaN] = heaps;
    expect(asExpected).toBe(marks[1]);
    expect(after - before).toBeLessThan(mostGrowth);
  },
  300_000,
);
