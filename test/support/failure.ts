import { expect } from 'vitest';
import type { OctaError } from '../../src/index.ts';

interface ErrorClass<Thrown> {
  readonly className: string;
  // `never` accepts a constructor with any arguments.
  new (...given: never[]): Thrown;
}

/** The rejection reason of a promise; fails the test if it is fulfilled. */
export async function rejection(promise: PromiseLike<unknown>): Promise<unknown> {
  const settled = await Promise.resolve(promise).then(
    (value: unknown) => ({ fulfilled: true, value }),
    (value: unknown) => ({ fulfilled: false, value }),
  );
  expect(settled).toMatchObject({ fulfilled: false });
  return settled.value;
}

/** The rejection reason of a promise; fails the test if it is not exactly of this class. */
export async function failure<Thrown extends OctaError>(
  promise: PromiseLike<unknown>,
  expected: ErrorClass<Thrown>,
): Promise<Thrown> {
  const error = await rejection(promise);
  if (!(error instanceof expected)) throw new Error(`not ${expected.className}`, { cause: error });
  expect(error.name).toBe(expected.className);
  return error;
}
