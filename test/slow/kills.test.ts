/** kill -9 at fifty times during rentals: one run of `octaspace reap` leaves nothing running. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Built, buildPrograms } from '../support/built.ts';
import { isClean, killAfter, type Left } from '../support/exits/kills.ts';

let built: Built;
beforeAll(async () => {
  built = await buildPrograms({ program: 'test/support/exits/program.ts' });
});
afterAll(() => built[Symbol.asyncDispose]());

const kills = 50;
const atOnce = 4;
/** About the duration of a rental. Unit: ms. */
const rentalMs = 500;

test('None of our sessions runs, and no other was touched.', async () => {
  const moments = Array.from({ length: kills }, () => Math.random() * rentalMs).values();
  const left: [afterMs: number, left: Left][] = [];
  const work = async (): Promise<void> => {
    for (const ms of moments) left.push([ms, await killAfter(built, ms)]);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  expect(left.filter(([, each]) => !isClean(each))).toEqual([]);
  // Most of them were killed with a session running.
  expect(left.filter(([, each]) => each.ranOn > 0).length).toBeGreaterThan(kills / 5);
});
