/** Ten thousand calls with one signal, one after another and a hundred at once. */
import type { ServerResponse } from 'node:http';
import { beforeAll, describe, expect, test } from 'vitest';
import { goodAnswer } from '../support/calls.ts';
import { json, type Received, serve } from '../support/server.ts';
import { type Ended, runChild } from './child.ts';
import type { Found, Run, Said, Total } from './run-signals.ts';

const calls = 10_000;
const runMs = 180_000;
/** Batches until every code path has run and caches are full. Unit: count. */
const warmUp = 2;
/** Random differences of garbage collection; a leak of 130 bytes per call exceeds this. Unit: bytes. */
const heapNoise = 500_000;

type Reaction = (response: ServerResponse, nth: number) => void;

const good: Reaction = (response) => json(response, goodAnswer);

/** The reaction of the server by path; a good response by default. */
const reactions: readonly (readonly [path: RegExp, reaction: Reaction])[] = [
  [/^GET \/services\/mr/, () => undefined],
  [/^GET \/apps/, (response) => json(response, '{"message":"no"}', 404)],
  [
    /^GET \/sessions/,
    (response) => response.writeHead(200, { 'content-length': 99 }).write('[', () => response.destroy()),
  ],
  [/^GET \/nodes\/again/, (response, nth) => (nth % 2 === 0 ? good(response, nth) : response.writeHead(503).end())],
];

function reactionTo({ method, path }: Received): Reaction {
  return reactions.find(([pattern]) => pattern.test(`${method} ${path}`))?.[1] ?? good;
}

/** Responds by path, and by how often that path was requested. */
function serveReactions() {
  const asked = new Map<string, number>();
  return serve((request, response) => {
    const nth = (asked.get(request.path) ?? 0) + 1;
    asked.set(request.path, nth);
    reactionTo(request)(response, nth);
  });
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
}

describe.each<[title: string, atOnce: number, transport: Run['transport']]>([
  ['one after another, by fetch', 1, 'fetch'],
  ['a hundred at once, by fetch', 100, 'fetch'],
  ['one after another, by nodeFetch', 1, 'nodeFetch'],
  ['a hundred at once, by nodeFetch', 100, 'nodeFetch'],
])('Ten thousand calls with one signal, %s:', (_, atOnce, transport) => {
  let ended: Ended;
  let found: readonly Found[];
  let total: Total | undefined;

  beforeAll(async () => {
    await using server = await serveReactions();
    ended = await runChild('run-signals.ts', { calls, atOnce, transport, url: server.url } satisfies Run);
    // The output of run-signals.ts, without the null at its end.
    const said = ended.said.filter((line) => line !== null) as Said[];
    found = said.flatMap((line) => ('found' in line ? [line.found] : []));
    total = said.flatMap((line) => ('total' in line ? [line.total] : []))[0];
  }, runMs);

  test('some succeed, some fail, some are retried, some have hooks, and the last ones are aborted.', () => {
    expect(total).toMatchObject({ aborted: atOnce });
    expect(total).toSatisfy(
      ({ succeeded, failed, retried, hooked }: Total) =>
        [succeeded, failed, hooked].every((count) => count > 1000) && retried > 100 && succeeded + failed === calls,
    );
  });

  test('no listener is left on it.', () => {
    expect(found.map(({ listeners }) => listeners).filter((count) => count > 0)).toEqual([]);
  });

  test('the runtime emits no warning.', () => {
    expect(total?.warnings).toEqual([]);
  });

  test('no timer is left, and the process ends by itself without warnings.', () => {
    expect(found.flatMap(({ left }) => left).filter((resource) => resource === 'Timeout')).toEqual([]);
    expect(ended).toMatchObject({ code: 0, complaints: '' });
  });

  test('the heap does not grow.', () => {
    const heaps = found.map(({ heap }) => heap).slice(0, -1);
    const steady = heaps.slice(warmUp);
    const half = steady.length / 2;
    expect(mean(steady.slice(half)) - mean(steady.slice(0, half)), heaps.join(' ')).toBeLessThan(heapNoise);
  });
});
