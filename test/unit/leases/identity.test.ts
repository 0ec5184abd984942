/** How our sessions are recognized: by UUIDs in one form, and by the mark of a start. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { keyOf, markOf, newLeaseId, withMarks } from '../../../src/leases/identity.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

test('UUIDs are compared without letter case and surrounding spaces.', () => {
  expect(keyOf(' 5DD2D308-aaaa-4000-8000-00000000000F\n')).toBe('5dd2d308-aaaa-4000-8000-00000000000f');
  expect([keyOf(undefined), keyOf(null), keyOf(7)]).toEqual(['', '', '7']);
});

describe('a new lease id', () => {
  const form = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

  test('is a UUID, and different each time', () => {
    const ids = Array.from({ length: 100 }, () => newLeaseId(undefined));
    for (const id of ids) expect(id).toMatch(form);
    expect(new Set(ids).size).toBe(100);
  });

  test('comes from the runtime if possible', () => {
    vi.stubGlobal('crypto', { randomUUID: () => 'by the runtime' });
    expect(newLeaseId(undefined)).toBe('by the runtime');
  });

  test.each([
    ['without randomUUID', {}],
    ['without crypto', undefined],
  ])('is random in a runtime %s', (_, crypto) => {
    vi.stubGlobal('crypto', crypto);
    vi.spyOn(Math, 'random').mockReturnValue(0.999);
    expect(newLeaseId(undefined)).toBe('ffffffff-ffff-ffff-ffff-ffffffffffff');
  });

  test('is the same each time with a seeded generator', () => {
    let drawn = 0;
    const id = newLeaseId(() => (drawn++ % 16) / 16);
    expect(id).toBe('01234567-89ab-cdef-0123-456789abcdef');
  });
});

describe('the body of a start', () => {
  const marked = (body: unknown, ids: readonly string[] = ['one', 'two']) => withMarks(body, 'MARK', ids);

  test('gets the mark of each item in its variables, and keeps the rest', () => {
    expect(marked([{ node_id: 1, envs: { A: '1' } }, { node_id: 2 }])).toEqual([
      { node_id: 1, envs: { A: '1', MARK: 'one' } },
      { node_id: 2, envs: { MARK: 'two' } },
    ]);
    expect(marked({ node_id: 1 })).toEqual({ node_id: 1, envs: { MARK: 'one' } });
  });

  test('does not inherit the mark of another start, such as that of the machine that the program runs on', () => {
    const envs = { MARK: 'of somebody else' };
    expect(marked([{ envs }, { envs }])).toEqual([{ envs: { MARK: 'one' } }, { envs: { MARK: 'two' } }]);
    expect(envs).toEqual({ MARK: 'of somebody else' });
  });

  test('gets marks even if its variables are null, or it has no items', () => {
    expect(marked([{ envs: null }])).toEqual([{ envs: { MARK: 'one' } }]);
    expect(marked([])).toEqual([]);
  });
});

test('The mark of a session is the value of its variable, if the API shows one.', () => {
  expect(markOf({ user_envs: { MARK: 'one', OTHER: 'two' } }, 'MARK')).toBe('one');
  expect(markOf({ user_envs: { MARK: '' } }, 'MARK')).toBe(undefined);
  expect(markOf({ user_envs: {} }, 'MARK')).toBe(undefined);
  expect(markOf({}, 'MARK')).toBe(undefined);
  expect(markOf({ user_envs: { false: 'one' } }, false)).toBe(undefined);
});
