import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BaseUrlStats, Rotation } from '../../../src/transport/rotation.ts';
import type { Health, Route } from '../../../src/transport/types.ts';
import { manualClock } from '../../support/transport.ts';

const cooldownMs = 1000;
const [a, b, c] = ['https://a.test', 'https://b.test', 'https://c.test'] as const;

/** A rotation with its own clock, whose rests last exactly `cooldownMs` unless the random number differs. */
function rotationOf(baseUrls: readonly string[], { chance = 0.5, rest = cooldownMs } = {}) {
  const { now, advance } = manualClock();
  const rotation = new Rotation({ baseUrls, cooldownMs: rest, now, random: () => chance });
  const others = (url: string) => baseUrls.filter((other) => other !== url);
  /** A route to this URL in any state. */
  const to = (url: string): Route => rotation.pick([], others(url));
  const settle = (url: string, health: Health): void => rotation.settle(to(url), health);
  /** The URLs of the next calls. */
  const next = (count: number, tried: readonly string[] = [], barred: readonly string[] = []): string[] =>
    Array.from({ length: count }, () => rotation.pick(tried, barred).baseUrl);
  const stateOf = (url: string): BaseUrlStats | undefined => rotation.stats().find((each) => each.url === url);
  return { rotation, advance, to, settle, next, stateOf };
}

/** Two URLs, of which the first has just failed. */
function oneFailed(options?: { readonly chance?: number }) {
  const rotating = rotationOf([a, b], options);
  rotating.settle(a, 'down');
  return rotating;
}

describe('Healthy URLs', () => {
  test('are used in turn.', () => {
    expect(rotationOf([a, b, c]).next(7)).toEqual([a, b, c, a, b, c, a]);
  });

  test('are used in turn by calls that have tried some: the turn continues from the last pick.', () => {
    const { rotation } = rotationOf([a, b, c]);
    expect([rotation.pick([], []), rotation.pick([a, b], []), rotation.pick([], [])]).toMatchObject([
      { baseUrl: a },
      { baseUrl: c },
      { baseUrl: a },
    ]);
  });

  test('count once, even if they are in the list several times.', () => {
    const { rotation, next } = rotationOf([a, b, a, a]);
    expect(next(5)).toEqual([a, b, a, b, a]);
    expect(rotation.stats().map(({ url }) => url)).toEqual([a, b]);
  });

  test('are always used if there is only one.', () => {
    expect(rotationOf([a]).next(3, [a], [a])).toEqual([a, a, a]);
  });

  test('have the time of the pick.', () => {
    const { rotation, advance } = rotationOf([a]);
    const first = rotation.pick([], []);
    advance(250);
    expect(rotation.pick([], []).pickedAt - first.pickedAt).toBe(250);
  });
});

describe('A call that has tried', () => {
  test.each<[title: string, tried: string[], want: string[]]>([
    ['one goes to the others in turn', [a], [b, c, b]],
    ['two goes to the third', [c, a], [b, b]],
    ['all goes on in turn', [c, a, b], [a, b, c]],
    ['some that are not in the list goes on in turn', ['https://d.test'], [a, b, c]],
  ])('%s.', (_, tried, want) => {
    expect(rotationOf([a, b, c]).next(want.length, tried)).toEqual(want);
  });

  test('all healthy ones uses one of them again rather than one that rests.', () => {
    expect(oneFailed().next(2, [b])).toEqual([b, b]);
  });
});

describe('A barred URL', () => {
  test.each<[title: string, tried: string[], barred: string[], want: string[]]>([
    ['is left out', [], [a], [b, c, b, c]],
    ['is left out even for one that was tried', [b, c], [a], [b, c, b]],
    ['is taken when every one is barred, in turn', [], [a, b, c], [a, b, c]],
    ['is taken when every one is barred, an untried one first', [a], [a, b, c], [b, c, b]],
    ['that is not in the list bars nothing', [], ['https://d.test'], [a, b, c]],
  ])('%s.', (_, tried, barred, want) => {
    expect(rotationOf([a, b, c]).next(want.length, tried, barred)).toEqual(want);
  });

  test('is not used even if all others rest.', () => {
    expect(oneFailed().next(2, [a], [b])).toEqual([a, a]);
  });
});

describe('A URL that failed', () => {
  test.each([
    ['a tenth less at the least', 0, 900],
    ['as long as cooldownMs on average', 0.5, 1000],
    ['three quarters into the chance', 0.75, 1050],
    ['a tenth more at the most', 1, 1100],
  ])('rests %s.', (_, chance, restMs) => {
    const { advance, next, stateOf } = oneFailed({ chance });
    expect(stateOf(a)).toMatchObject({ state: 'resting', restsForMs: restMs });
    advance(restMs - 1);
    expect([stateOf(a)?.restsForMs, ...next(3)]).toEqual([1, b, b, b]);
    advance(1);
    expect([stateOf(a)?.state, stateOf(a)?.restsForMs, ...next(1)]).toEqual(['resting', 0, a]);
  });

  test('does not rest when cooldownMs is 0.', () => {
    const { settle, next, stateOf } = rotationOf([a, b], { rest: 0 });
    settle(a, 'down');
    expect(stateOf(a)).toEqual({ url: a, state: 'healthy', restsForMs: 0, attempts: 1, failures: 1 });
    expect(next(4)).toEqual([b, a, b, a]);
  });

  test('is healthy again as soon as any attempt succeeds.', () => {
    const { settle, next, stateOf } = oneFailed();
    settle(a, 'alive');
    expect(stateOf(a)).toEqual({ url: a, state: 'healthy', restsForMs: 0, attempts: 2, failures: 1 });
    expect(next(4)).toEqual([b, a, b, a]);
  });

  test('continues to rest if an attempt says nothing about it.', () => {
    const { settle, next, stateOf } = oneFailed();
    settle(a, 'unclear');
    expect(stateOf(a)).toEqual({ url: a, state: 'resting', restsForMs: 1000, attempts: 2, failures: 1 });
    expect(next(2)).toEqual([b, b]);
  });

  test('continues to rest if there was no attempt, which does not count.', () => {
    const { rotation, to, stateOf } = oneFailed();
    rotation.release(to(a));
    expect(stateOf(a)).toEqual({ url: a, state: 'resting', restsForMs: 1000, attempts: 1, failures: 1 });
  });

  test.each([
    ['in the same moment', 0],
    ['later', 400],
  ])('rests again if an attempt that began %s also fails.', (_, ms) => {
    const { rotation, advance, to, stateOf } = oneFailed();
    advance(ms);
    const route = to(a);
    advance(10);
    rotation.settle(route, 'down');
    expect(stateOf(a)).toEqual({ url: a, state: 'resting', restsForMs: 1000, attempts: 2, failures: 2 });
  });
});

describe('An attempt that says nothing about a healthy URL', () => {
  test('leaves it healthy, and counts only as an attempt.', () => {
    const { settle, stateOf } = rotationOf([a]);
    settle(a, 'unclear');
    expect(stateOf(a)).toEqual({ url: a, state: 'healthy', restsForMs: 0, attempts: 1, failures: 0 });
  });
});

describe('Attempts that were in progress when their URL went down', () => {
  /** A hundred of them; the first has failed after 10 ms. */
  function underWay() {
    const rotating = rotationOf([a, b]);
    const routes = Array.from({ length: 100 }, () => rotating.to(a));
    rotating.advance(10);
    for (const route of routes.slice(0, 1)) rotating.rotation.settle(route, 'down');
    return { ...rotating, late: routes.slice(1) };
  }

  test('count as one failure: the rest ends as after the first one, however late they fail.', () => {
    const { rotation, advance, next, stateOf, late } = underWay();
    for (const route of late) {
      advance(10);
      rotation.settle(route, 'down');
    }
    expect(stateOf(a)).toEqual({ url: a, state: 'resting', restsForMs: 10, attempts: 100, failures: 100 });
    advance(10);
    expect(next(1, [b])).toEqual([a]);
  });

  test('end the rest if one of them succeeds.', () => {
    const { rotation, stateOf, late } = underWay();
    for (const route of late.slice(0, 1)) rotation.settle(route, 'alive');
    expect(stateOf(a)?.state).toBe('healthy');
  });

  test('do not end the probe when they fail.', () => {
    const { rotation, advance, to, next, stateOf, late } = underWay();
    advance(cooldownMs);
    to(a);
    for (const route of late) rotation.settle(route, 'down');
    expect(stateOf(a)?.state).toBe('probing');
    expect(next(2)).toEqual([b, b]);
  });

  test.each<[title: string, end: (rotation: Rotation, route: Route) => void]>([
    ['say nothing', (rotation, route) => rotation.settle(route, 'unclear')],
    ['are taken back', (rotation, route) => rotation.release(route)],
  ])('do not end the probe when they %s.', (_, end) => {
    const { rotation, advance, to, next, stateOf, late } = underWay();
    advance(cooldownMs);
    to(a);
    for (const route of late) end(rotation, route);
    expect(stateOf(a)?.state).toBe('probing');
    expect(next(2)).toEqual([b, b]);
  });
});

describe('The first attempt after a rest', () => {
  /** Two URLs, of which the first failed, rested, and is probed now. */
  function probed(options?: { readonly chance?: number }) {
    const rotating = oneFailed(options);
    rotating.advance(1100);
    return { ...rotating, probe: rotating.to(a) };
  }

  test('is a probe: no other attempt uses the URL until it ends.', () => {
    const { advance, next, stateOf } = probed();
    expect(stateOf(a)).toEqual({ url: a, state: 'probing', restsForMs: 0, attempts: 1, failures: 1 });
    advance(cooldownMs - 1);
    expect(next(3)).toEqual([b, b, b]);
  });

  test('makes the URL healthy if it succeeds.', () => {
    const { rotation, probe, next, stateOf } = probed();
    rotation.settle(probe, 'alive');
    expect(stateOf(a)).toEqual({ url: a, state: 'healthy', restsForMs: 0, attempts: 2, failures: 1 });
    expect(next(4)).toEqual([b, a, b, a]);
  });

  test('makes the URL rest again if it fails.', () => {
    const { rotation, probe, advance, next, stateOf } = probed({ chance: 1 });
    advance(30);
    rotation.settle(probe, 'down');
    expect(stateOf(a)).toEqual({ url: a, state: 'resting', restsForMs: 1100, attempts: 2, failures: 2 });
    advance(1099);
    expect(next(2)).toEqual([b, b]);
    advance(1);
    expect(next(1)).toEqual([a]);
  });

  test.each<[title: string, attempts: number, end: (rotation: Rotation, route: Route) => void]>([
    ['says nothing', 2, (rotation, route) => rotation.settle(route, 'unclear')],
    ['is taken back', 1, (rotation, route) => rotation.release(route)],
  ])('makes the next attempt the probe if it %s.', (_, attempts, end) => {
    const { rotation, probe, next, stateOf } = probed();
    end(rotation, probe);
    expect(stateOf(a)).toEqual({ url: a, state: 'resting', restsForMs: 0, attempts, failures: 1 });
    expect(next(3, [b])).toEqual([a, b, b]);
  });

  test('is followed by another one after cooldownMs if it never ends.', () => {
    const { advance, next } = probed();
    advance(cooldownMs);
    expect(next(3, [b])).toEqual([a, b, b]);
  });

  test('may be a second attempt of a call, which prefers a URL due for a probe to one that it tried.', () => {
    const { advance, next } = oneFailed();
    advance(cooldownMs);
    expect(next(1, [b])).toEqual([a]);
  });

  test('does not make the next attempt a probe if it succeeded.', () => {
    const { rotation, probe, advance, to, stateOf } = probed();
    rotation.settle(probe, 'alive');
    advance(5000);
    to(a);
    expect(stateOf(a)?.state).toBe('healthy');
  });
});

describe('If all rest,', () => {
  /** All three have failed: first c, then a, then b. */
  function allFailed() {
    const rotating = rotationOf([a, b, c]);
    for (const url of [c, a, b]) {
      rotating.settle(url, 'down');
      rotating.advance(1);
    }
    return rotating;
  }

  test('the one that failed longest ago is used.', () => {
    expect(allFailed().next(3)).toEqual([c, c, c]);
  });

  test('of those not tried in this call, the one that failed longest ago is taken.', () => {
    const { next } = allFailed();
    expect([next(1, [c]), next(1, [c, a]), next(1, [c, a, b])]).toEqual([[a], [b], [c]]);
  });

  test('of those not barred, the one that failed longest ago is taken.', () => {
    const { next } = allFailed();
    expect([next(1, [], [c]), next(1, [a], [c]), next(1, [], [a, b, c])]).toEqual([[a], [b], [c]]);
  });

  test('of those that failed at the same time, the one in turn is taken.', () => {
    const { settle, next } = rotationOf([a, b, c]);
    for (const url of [a, b, c]) settle(url, 'down');
    expect(next(3)).toEqual([a, b, c]);
  });

  test('it continues to rest, because the attempt is not a probe.', () => {
    const { next, stateOf } = allFailed();
    next(1);
    expect(stateOf(c)).toEqual({ url: c, state: 'resting', restsForMs: 997, attempts: 1, failures: 1 });
  });

  test('the next attempt uses another one.', () => {
    const { settle, next } = allFailed();
    settle(c, 'down');
    expect(next(1)).toEqual([a]);
  });

  test('one that is being probed is used again last.', () => {
    const { rotation, advance, settle, next } = rotationOf([a, b]);
    settle(a, 'down');
    advance(cooldownMs);
    rotation.pick([b], []);
    settle(b, 'down');
    expect(next(2)).toEqual([a, a]);
  });
});

test('The state of every URL is listed in the order of the option.', () => {
  const { rotation, advance, settle, to } = rotationOf([a, b, c]);
  settle(a, 'down');
  settle(c, 'alive');
  advance(600);
  settle(b, 'down');
  settle(b, 'unclear');
  advance(400);
  to(a);
  expect(rotation.stats()).toEqual([
    { url: a, state: 'probing', restsForMs: 0, attempts: 1, failures: 1 },
    { url: b, state: 'resting', restsForMs: 600, attempts: 2, failures: 1 },
    { url: c, state: 'healthy', restsForMs: 0, attempts: 1, failures: 0 },
  ]);
  advance(5000);
  expect(rotation.stats()).toMatchObject([{ restsForMs: 0 }, { state: 'resting', restsForMs: 0 }, { restsForMs: 0 }]);
});

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ tried: fc.subarray([a, b, c]), barred: fc.subarray([a, b, c]) }) },
  { weight: 3, arbitrary: fc.record({ ends: fc.nat(9), health: fc.constantFrom('alive', 'down', 'unclear', 'none') }) },
  { weight: 2, arbitrary: fc.record({ passes: fc.constantFrom(0, 1, 100, 800, 900, 1000, 1100) }) },
);

/** A rotation beside the least that is known about it: which URLs have failed since they last answered, and when. */
function modelled(chance: number) {
  const { now, advance } = manualClock();
  const urls = [a, b, c];
  const rotation = new Rotation({ baseUrls: urls, cooldownMs, now, random: () => chance });
  const failedAt = new Map<string, number>();
  const underWay: Route[] = [];
  const sinceFailure = (url: string): number => now() - (failedAt.get(url) ?? Number.NEGATIVE_INFINITY);
  const pick = (tried: readonly string[], barred: readonly string[]): void => {
    const route = rotation.pick(tried, barred);
    const open = urls.filter((url) => barred.length === urls.length || !barred.includes(url));
    expect(open).toContain(route.baseUrl);
    if (open.some((url) => !failedAt.has(url))) expect(sinceFailure(route.baseUrl)).toBeGreaterThanOrEqual(900);
    underWay.push(route);
  };
  const end = (which: number, health: Health | 'none'): void => {
    const [route] = underWay.splice(which % Math.max(1, underWay.length), 1);
    if (route === undefined) return;
    if (health === 'none') rotation.release(route);
    else rotation.settle(route, health);
    if (health === 'alive') failedAt.delete(route.baseUrl);
    const isNews = route.pickedAt >= (failedAt.get(route.baseUrl) ?? 0);
    if (health === 'down' && isNews) failedAt.set(route.baseUrl, now());
  };
  const check = (): void => {
    for (const { url, state, restsForMs } of rotation.stats()) {
      expect(state === 'healthy').toBe(!failedAt.has(url));
      expect(restsForMs).toBeLessThanOrEqual(Math.max(0, 1100 - sinceFailure(url)));
    }
  };
  return { advance, pick, end, check };
}

test('For any sequence of events, there is always a URL, and none is avoided longer than its failure justifies.', () => {
  const chance = fc.double({ min: 0, max: 1, noNaN: true });
  const property = fc.property(fc.array(step, { maxLength: 60 }), chance, (steps, at) => {
    const { advance, pick, end, check } = modelled(at);
    for (const each of steps) {
      if ('passes' in each) advance(each.passes);
      else if ('tried' in each) pick(each.tried, each.barred);
      else end(each.ends, each.health);
      check();
    }
  });
  fc.assert(property, { seed: 5, numRuns: 300 });
});
