import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Need, Pool, type Poolable, type PoolLimits, type Waiter } from '../../../src/node/pool.ts';

/** A connection without a socket. */
class Line implements Poolable {
  readonly name: string;
  usable = true;
  closed = false;

  constructor(name: string) {
    this.name = name;
  }

  async close(): Promise<void> {
    this.usable = false;
    this.closed = true;
  }
}

/** A pool, and all connections that it opened. */
function poolOf(limits: Partial<PoolLimits> = {}) {
  const opened: Line[] = [];
  const pool = new Pool<Line>({ poolSize: 5, maxConnections: 3, ...limits }, () => {
    const line = new Line(`line ${opened.length + 1}`);
    opened.push(line);
    return line;
  });
  const take = (fresh = false, urgent = false): Line => {
    const line = pool.take({ fresh, urgent });
    if (line === undefined) throw new Error('the pool is full');
    return line;
  };
  return { pool, opened, take };
}

/** A waiting request, and the connection that it got. */
class Waiting implements Waiter<Line> {
  readonly fresh: boolean;
  readonly urgent: boolean;
  served: Line | undefined;

  constructor(fresh = false, urgent = false) {
    this.fresh = fresh;
    this.urgent = urgent;
  }

  serve(line: Line): void {
    this.served = line;
  }
}

/** The pool settles a turn after something was given back. */
const settled = () => Promise.resolve();
/** The need of a read. */
const aRead = { fresh: false, urgent: false };
const names = (lines: readonly Line[]) => lines.map(({ name }) => name);

describe('A connection', () => {
  test('that was given back is reused, the last one first.', () => {
    const { pool, take } = poolOf();
    const [first, second] = [take(), take()];
    pool.release(first);
    pool.release(second);
    expect([take().name, take().name, take().name]).toEqual(['line 2', 'line 1', 'line 3']);
  });

  test('that must be new is opened even if others are idle.', () => {
    const { pool, opened, take } = poolOf();
    pool.release(take());
    expect(take(true).name).toBe('line 2');
    expect([pool.busy, pool.idle, opened.length]).toEqual([1, 1, 2]);
  });

  test('that must be new replaces the one that was idle longest.', () => {
    const { pool, opened, take } = poolOf();
    for (const line of [take(), take(), take()]) pool.release(line);
    expect(take(true).name).toBe('line 4');
    expect(names(opened.filter(({ closed }) => closed))).toEqual(['line 1']);
  });

  test('that has closed is not reused.', () => {
    const { pool, take } = poolOf();
    const line = take();
    pool.release(line);
    line.usable = false;
    expect(take().name).toBe('line 2');
    expect(line.closed).toBe(true);
  });

  test('that closes while it is idle is forgotten.', () => {
    const { pool, take } = poolOf();
    const [idle, busy] = [take(), take()];
    pool.release(idle);
    pool.forget(idle);
    pool.forget(busy);
    expect([pool.busy, pool.idle, idle.closed, busy.closed]).toEqual([1, 0, true, false]);
  });

  test('that is discarded makes room.', () => {
    const { pool, take } = poolOf({ maxConnections: 1 });
    const line = take();
    pool.discard(line);
    expect([line.closed, take().name]).toEqual([true, 'line 2']);
  });

  test('is replaced in its place, although the pool is full.', () => {
    const { pool, take } = poolOf({ maxConnections: 1 });
    const line = take();
    expect(pool.replace(line).name).toBe('line 2');
    expect([line.closed, pool.busy]).toEqual([true, 1]);
  });

  test.each([
    [5, []],
    [2, ['line 1']],
    [0, ['line 1', 'line 2', 'line 3']],
  ])('is closed when there are more than %i idle ones, the oldest first.', async (poolSize, closed) => {
    const { pool, opened, take } = poolOf({ poolSize });
    for (const line of [take(), take(), take()]) pool.release(line);
    await settled();
    expect(names(opened.filter((line) => line.closed))).toEqual(closed);
  });
});

describe('When every connection is in use,', () => {
  test('requests are served in the order in which they came.', async () => {
    const { pool, take } = poolOf({ maxConnections: 2 });
    const [first, second] = [take(), take()];
    const waiting = [new Waiting(), new Waiting()];
    expect(pool.take(aRead)).toBeUndefined();
    for (const waiter of waiting) pool.wait(waiter);
    pool.release(second);
    await settled();
    pool.release(first);
    await settled();
    expect(waiting.map(({ served }) => served?.name)).toEqual(['line 2', 'line 1']);
  });

  test('no new request overtakes waiting ones.', async () => {
    const { pool, take } = poolOf({ maxConnections: 1 });
    const line = take();
    const waiter = new Waiting();
    pool.wait(waiter);
    pool.release(line);
    expect(pool.take(aRead)).toBeUndefined();
    await settled();
    expect(waiter.served).toBe(line);
  });

  test('one that left the queue is not served.', async () => {
    const { pool, take } = poolOf({ maxConnections: 1 });
    const line = take();
    const [left, stayed] = [new Waiting(), new Waiting()];
    pool.wait(left);
    pool.wait(stayed);
    pool.leave(left);
    pool.release(line);
    await settled();
    expect([left.served, stayed.served, pool.waiting]).toEqual([undefined, line, 0]);
  });

  test('one that needs a new connection gets it in place of the one given back.', async () => {
    const { pool, take } = poolOf({ maxConnections: 1 });
    const line = take();
    const waiter = new Waiting(true);
    pool.wait(waiter);
    pool.release(line);
    await settled();
    expect([waiter.served?.name, line.closed]).toEqual(['line 2', true]);
  });

  test.each(['release', 'discard'] as const)('a dead one that is given back (%s) is not reused.', async (how) => {
    const { pool, take } = poolOf({ maxConnections: 1 });
    const line = take();
    const waiter = new Waiting();
    pool.wait(waiter);
    pool[how](line);
    // As when the server closes it after its answer.
    line.usable = false;
    await settled();
    expect(waiter.served?.name).toBe('line 2');
  });
});

describe('An urgent request', () => {
  const urgent = { fresh: false, urgent: true };

  test('can use two additional connections, and no more.', () => {
    const { pool, take } = poolOf({ maxConnections: 1 });
    take();
    expect(pool.take(aRead)).toBeUndefined();
    expect([take(false, true).name, take(true, true).name]).toEqual(['line 2', 'line 3']);
    expect([pool.take(urgent), pool.busy]).toEqual([undefined, 3]);
  });

  test('takes no connection away from others.', () => {
    const { pool, take } = poolOf({ maxConnections: 1 });
    const lines = [take(false, true), take(false, true)];
    const other = take();
    expect([pool.take(aRead), pool.take(urgent), pool.busy]).toEqual([undefined, undefined, 3]);
    pool.discard(lines[0] as Line);
    pool.replace(lines[1] as Line);
    pool.release(other);
    expect(take().name).toBe('line 3');
    expect(pool.take(aRead)).toBeUndefined();
  });

  test('is served before waiting ones, and does not pass its connection to them.', async () => {
    const { pool, take } = poolOf({ maxConnections: 1 });
    const lines = [take(), take(false, true), take(false, true)];
    const [other, first] = [new Waiting(), new Waiting(false, true)];
    pool.wait(other);
    pool.wait(first);
    pool.release(lines[2] as Line);
    await settled();
    expect([first.served, other.served, pool.waiting]).toEqual([lines[2], undefined, 1]);
    pool.release(lines[1] as Line);
    pool.release(first.served as Line);
    await settled();
    expect([other.served, pool.busy, pool.idle]).toEqual([undefined, 1, 2]);
    pool.release(lines[0] as Line);
    await settled();
    expect(other.served).toBe(lines[0]);
  });
});

test('If an idle connection was dead, all idle ones are closed.', () => {
  const { pool, opened, take } = poolOf();
  for (const line of [take(), take(), take()]) pool.release(line);
  const dead = take();
  expect(pool.replace(dead).name).toBe('line 4');
  expect([pool.idle, names(opened.filter(({ closed }) => !closed))]).toEqual([0, ['line 4']]);
});

describe('A pool that is drained', () => {
  test('closes its idle connections, and waits for that.', async () => {
    const closing: (() => void)[] = [];
    const open = () => ({ usable: true, close: () => new Promise<void>((resolve) => closing.push(resolve)) });
    const pool = new Pool({ poolSize: 5, maxConnections: 5 }, open);
    const line = pool.take(aRead);
    if (line !== undefined) pool.release(line);
    const events: string[] = [];
    const drained = pool.drain().then(() => events.push('drained'));
    await settled();
    events.push('closed');
    closing[0]?.();
    await drained;
    expect([events, pool.idle]).toEqual([['closed', 'drained'], 0]);
  });

  test('keeps none that is given back later.', async () => {
    const { pool, take } = poolOf();
    const line = take();
    await pool.drain();
    pool.release(line);
    await settled();
    expect([line.closed, pool.idle]).toEqual([true, 0]);
  });
});

/** The events of a pool, generated by fast-check; `at` picks one of the possible targets. */
const steps = fc.array(
  fc.record({
    what: fc.constantFrom('take', 'take', 'release', 'discard', 'replace', 'leave', 'die', 'settle'),
    fresh: fc.boolean(),
    urgent: fc.boolean(),
    at: fc.nat(50),
  }),
  { maxLength: 80 },
);

/** A pool under random use, with what its users hold. */
class Simulation {
  readonly held: Line[] = [];
  readonly queue: Promised[] = [];
  readonly order = { urgent: [] as number[], other: [] as number[] };
  readonly used = new Set<Line>();
  readonly opened: Line[] = [];
  readonly pool: Pool<Line>;
  asked = 0;

  constructor(limits: PoolLimits) {
    this.pool = new Pool<Line>(limits, () => {
      const line = new Line(`line ${this.opened.length}`);
      this.opened.push(line);
      return line;
    });
  }

  hold(line: Line, fresh: boolean): void {
    expect(line.closed).toBe(false);
    expect(this.held).not.toContain(line);
    expect(fresh && this.used.has(line)).toBe(false);
    this.used.add(line);
    this.held.push(line);
  }

  async step({ what, at, ...need }: Need & { what: string; at: number }): Promise<void> {
    const [line] = what === 'take' || this.held.length === 0 ? [] : [this.held[at % this.held.length]];
    if (what === 'take') this.#take(need);
    else if (what === 'settle') await settled();
    else if (what === 'leave') this.#leave(at);
    else if (line !== undefined) this.#give(line, what);
  }

  #take(need: Need): void {
    const line = this.pool.take(need);
    if (line !== undefined) {
      this.hold(line, need.fresh);
      return;
    }
    const waiter = new Promised(this, need, this.asked++);
    this.queue.push(waiter);
    this.pool.wait(waiter);
  }

  #leave(at: number): void {
    const [waiter] = this.queue.length === 0 ? [] : this.queue.splice(at % this.queue.length, 1);
    if (waiter !== undefined) this.pool.leave(waiter);
  }

  #give(line: Line, what: string): void {
    this.held.splice(this.held.indexOf(line), 1);
    if (what === 'release') this.pool.release(line);
    if (what === 'discard') this.pool.discard(line);
    if (what === 'replace') this.hold(this.pool.replace(line), true);
    if (what === 'die') {
      this.pool.release(line);
      line.usable = false;
      this.pool.forget(line);
    }
  }
}

/** A waiter of the simulation. */
class Promised implements Waiter<Line> {
  readonly fresh: boolean;
  readonly urgent: boolean;
  readonly number: number;
  readonly #simulation: Simulation;

  constructor(simulation: Simulation, { fresh, urgent }: Need, number: number) {
    this.#simulation = simulation;
    this.fresh = fresh;
    this.urgent = urgent;
    this.number = number;
  }

  serve(line: Line): void {
    const { queue, order } = this.#simulation;
    expect(queue).toContain(this);
    queue.splice(queue.indexOf(this), 1);
    order[this.urgent ? 'urgent' : 'other'].push(this.number);
    this.#simulation.hold(line, this.fresh);
  }
}

test('For any sequence of events, there are never too many connections, no request waits forever, and no connection leaks.', async () => {
  const limits = fc.record({ poolSize: fc.nat(4), maxConnections: fc.integer({ min: 1, max: 4 }) });
  await fc.assert(
    fc.asyncProperty(limits, steps, async (given, happenings) => {
      const simulation = new Simulation(given);
      const { pool, held, queue, opened, order } = simulation;
      for (const happening of happenings) {
        await simulation.step(happening);
        expect(opened.filter(({ closed }) => !closed).length).toBeLessThanOrEqual(given.maxConnections + 2);
        expect([pool.busy, pool.waiting]).toEqual([held.length, queue.length]);
      }
      while (held.length > 0) await simulation.step({ what: 'release', ...aRead, at: 0 }).then(settled);
      expect(queue).toEqual([]);
      for (const lane of [order.urgent, order.other]) expect(lane).toEqual([...lane].sort((one, other) => one - other));
      expect(pool.idle).toBeLessThanOrEqual(given.poolSize);
      await pool.drain();
      expect(opened.filter(({ closed }) => !closed)).toEqual([]);
    }),
    { seed: 20_261_122, numRuns: 500 },
  );
});
