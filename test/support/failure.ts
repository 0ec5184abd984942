import { expect } from 'vitest';
import type { OctaError } from '../../src/index.ts';

interface ErrorClass<Thrown> {
  readonly className: string;
  // `never` takes a constructor of any arguments.
  new (...given: never[]): Thrown;
}

/** What a promise rejects with; fails the test when it is fulfilled. */
export async function rejection(promise: PromiseLike<unknown>): Promise<unknown> {
  const settled = await Promise.resolve(promise).then(
    (value: unknown) => ({ fulfilled: true, value }),
    (value: unknown) => ({ fulfilled: false, value }),
  );
  expect(settled).toMatchObject({ fulfilled: false });
  return settled.value;
}

/** What a promise rejects with; fails the test when that is not exactly of this class. */
export async function failure<Thrown extends OctaError>(
  promise: PromiseLike<unknown>,
  expected: ErrorClass<Thrown>,
): Promise<Thrown> {
  const error = await rejection(promise);
  if (!(error instanceof expected)) throw new Error(`not ${expected.className}`, { cause: error });
  expect(error.name).toBe(expected.className);
  return error;
}
