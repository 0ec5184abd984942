import { OctaConfigurationError } from '../errors/errors.ts';

/** Throws OctaConfigurationError. Not as `core/checks.ts` does it, which brings the checks of the client along. */
export function refuse(name: string, value: unknown, allowed: string): never {
  throw new OctaConfigurationError({ message: `${name} is ${String(value)}; allowed: ${allowed}` });
}

/** Throws OctaConfigurationError for more arguments than a query reads. One that is undefined counts as left out. */
export function checkCount(name: string, given: readonly unknown[], most: number): void {
  if (given.slice(most).every((value) => value === undefined)) return;
  const message = `${name} takes at most ${most} argument${most === 1 ? '' : 's'}, but got ${given.length}`;
  throw new OctaConfigurationError({ message });
}
