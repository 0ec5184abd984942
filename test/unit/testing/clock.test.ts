import { describe, expect, test, vi } from 'vitest';
import { VirtualClock } from '../../../src/testing/virtual-clock.ts';
import { aTurn } from '../../support/transport.ts';

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await aTurn();
}

/** A clock, and the timers that have run: `name@time`. */
function aClock(): { clock: VirtualClock; log: string[]; note: (name: string) => () => void } {
  const clock = new VirtualClock(0);
  const log: string[] = [];
  return { clock, log, note: (name) => () => log.push(`${name}@${clock.now()}`) };
}

describe('time by itself', () => {
  test.each(['limit', 'background'] as const)('It stands still while every timer is a "%s".', async (purpose) => {
    const { clock, log, note } = aClock();
    clock.setTimer(note('timer'), 100, purpose);
    await turns(10);
    expect([clock.now(), log]).toEqual([0, []]);
  });

  test('It jumps to the end of a wait, and runs the limits that are due before.', async () => {
    const { clock, log, note } = aClock();
    clock.setTimer(note('wait'), 1000, 'wait');
    clock.setTimer(note('limit'), 400, 'limit');
    clock.setTimer(note('later'), 1500, 'limit');
    await turns(20);
    expect(log).toEqual(['limit@400', 'wait@1000']);
  });

  test('Timers that are due together run in the order in which they were set.', async () => {
    const { clock, log, note } = aClock();
    for (const name of ['a', 'b', 'c']) clock.setTimer(note(name), 50, name === 'b' ? 'limit' : 'wait');
    await turns(20);
    expect(log).toEqual(['a@50', 'b@50', 'c@50']);
  });

  test('A cleared timer does not run, and does not move time.', async () => {
    const { clock, log, note } = aClock();
    const timer = clock.setTimer(note('wait'), 50, 'wait');
    clock.clearTimer(timer);
    clock.clearTimer(timer);
    clock.clearTimer(undefined);
    await turns(10);
    expect([clock.now(), log]).toEqual([0, []]);
  });

  test('The work that a timer starts continues before the next timer runs.', async () => {
    const { clock, log, note } = aClock();
    const waited = new Promise<void>((resolve) => {
      clock.setTimer(resolve, 10, 'wait');
    });
    const chain = waited.then(() => aTurn()).then(() => clock.setTimer(note('inner'), 5, 'wait'));
    clock.setTimer(note('outer'), 20, 'wait');
    await chain;
    await turns(20);
    expect(log).toEqual(['inner@15', 'outer@20']);
  });

  test('It stands still while the simulator works.', async () => {
    const { clock, log, note } = aClock();
    const release = clock.occupy();
    clock.setTimer(note('wait'), 10, 'wait');
    await turns(10);
    expect(log).toEqual([]);
    release();
    release();
    await turns(10);
    expect(log).toEqual(['wait@10']);
  });

  test('A wait without end moves it to the next limit, and no further.', async () => {
    const { clock, log, note } = aClock();
    clock.waitForever();
    await turns(10);
    expect(clock.now()).toBe(0);
    clock.setTimer(note('limit'), 30, 'limit');
    clock.setTimer(note('never'), Number.POSITIVE_INFINITY, 'limit');
    await turns(10);
    expect([clock.now(), log]).toEqual([30, ['limit@30']]);
  });

  test('A timer of 0 ms that a callback sets does not run within that callback.', async () => {
    const { clock, log, note } = aClock();
    clock.setTimer(
      () => {
        clock.setTimer(note('second'), 0, 'wait');
        note('first')();
      },
      0,
      'wait',
    );
    expect(log).toEqual([]);
    await turns(10);
    expect(log).toEqual(['first@0', 'second@0']);
  });

  test('A callback that throws does not stop it; its error is thrown as from any timer.', async () => {
    const { clock, log, note } = aClock();
    const thrown: unknown[] = [];
    const spy = vi.spyOn(globalThis, 'queueMicrotask').mockImplementation((rethrow) => {
      try {
        rethrow();
      } catch (error) {
        thrown.push(error);
      }
    });
    const wrong = new Error('wrong callback');
    clock.setTimer(
      () => {
        throw wrong;
      },
      5,
      'wait',
    );
    clock.setTimer(note('next'), 10, 'wait');
    await turns(20);
    spy.mockRestore();
    expect([thrown, log]).toEqual([[wrong], ['next@10']]);
  });

  test.each([[Number.NaN], [-5]])('A timer of %j ms is due now.', async (ms) => {
    const { clock, log, note } = aClock();
    clock.setTimer(note('wait'), ms, 'wait');
    await turns(10);
    expect(log).toEqual(['wait@0']);
  });
});

describe('advance', () => {
  test('runs the timers that are due meanwhile, at their time, and no later ones', async () => {
    const { clock, log, note } = aClock();
    clock.setTimer(note('limit'), 30, 'limit');
    clock.setTimer(() => clock.setTimer(note('inner'), 5, 'limit'), 10, 'limit');
    clock.setTimer(note('beyond'), 101, 'limit');
    await clock.advance(100);
    expect([clock.now(), log]).toEqual([100, ['inner@15', 'limit@30']]);
  });

  test('does not let waits move time further', async () => {
    const { clock, log, note } = aClock();
    clock.setTimer(note('wait'), 500, 'wait');
    await clock.advance(100);
    expect([clock.now(), log]).toEqual([100, []]);
    await turns(10);
    expect(log).toEqual(['wait@500']);
  });

  test('runs calls one after the other', async () => {
    const { clock } = aClock();
    await Promise.all([clock.advance(100), clock.advance(50)]);
    expect(clock.now()).toBe(150);
  });

  test('waits while the simulator works', async () => {
    const { clock } = aClock();
    const release = clock.occupy();
    const advanced = clock.advance(10);
    await turns(5);
    expect(clock.now()).toBe(0);
    release();
    await advanced;
    expect(clock.now()).toBe(10);
  });
});

describe('speed', () => {
  test('makes time pass with real time, and timers run by it', async () => {
    const clock = new VirtualClock(1000);
    await new Promise<void>((resolve) => {
      clock.setTimer(resolve, 5000, 'limit');
    });
    expect(clock.now()).toBeGreaterThanOrEqual(5000);
  });

  test('can be changed, and time continues from its value', async () => {
    const clock = new VirtualClock(0);
    await clock.advance(1000);
    clock.setSpeed(100_000);
    await new Promise<void>((resolve) => {
      clock.setTimer(resolve, 100_000, 'wait');
    });
    clock.setSpeed(0);
    const stopped = clock.now();
    expect(stopped).toBeGreaterThanOrEqual(101_000);
    await turns(3);
    expect(clock.now()).toBe(stopped);
  });

  test('leaves no timer of the runtime when it becomes 0', () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    const clock = new VirtualClock(1);
    clock.setTimer(() => undefined, 20_000, 'limit');
    expect(timers()).toBe(before + 1);
    clock.setSpeed(0);
    expect(timers()).toBe(before);
  });

  test('can be combined with advance', async () => {
    const clock = new VirtualClock(1);
    const log: string[] = [];
    clock.setTimer(() => log.push('timer'), 3_600_000, 'limit');
    await clock.advance(3_600_000);
    expect(log).toEqual(['timer']);
    expect(clock.now()).toBeGreaterThanOrEqual(3_600_000);
  });
});

test('Random numbers follow from the seed, and restart after reseed.', () => {
  const drawn = (clock: VirtualClock) => Array.from({ length: 5 }, () => clock.random());
  const clock = new VirtualClock(0, 'a');
  const first = drawn(clock);
  expect(drawn(new VirtualClock(0, 'a'))).toEqual(first);
  expect(drawn(new VirtualClock(0, 'b'))).not.toEqual(first);
  expect(drawn(clock)).not.toEqual(first);
  clock.reseed();
  expect(drawn(clock)).toEqual(first);
  expect(first.every((each) => each >= 0 && each < 1)).toBe(true);
});
