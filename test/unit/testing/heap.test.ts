import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Timer, TimerHeap } from '../../../src/testing/timer-heap.ts';

test('Timers are ordered by due time, then by the order in which they were set, also after removals.', () => {
  const timers = fc.array(fc.record({ dueAt: fc.integer({ min: 0, max: 20 }), removed: fc.boolean() }), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(timers, (given) => {
      const heap = new TimerHeap();
      const all = given.map(({ dueAt, removed }, order) => ({
        removed,
        timer: new Timer({ callback: () => undefined, dueAt, order, purpose: 'wait', guest: undefined }),
      }));
      for (const { timer } of all) heap.add(timer);
      for (const { timer, removed } of all) if (removed) expect(heap.remove(timer)).toBe(true);
      for (const { timer, removed } of all) if (removed) expect(heap.remove(timer)).toBe(false);
      const left = all.filter(({ removed }) => !removed).map(({ timer }) => timer);
      expect(heap.size).toBe(left.length);
      left.sort((one, other) => one.dueAt - other.dueAt || one.order - other.order);
      for (const expected of left) {
        expect(heap.first).toBe(expected);
        heap.remove(expected);
      }
      expect(heap.first).toBeUndefined();
    }),
  );
});
