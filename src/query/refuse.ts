import { OctaConfigurationError } from '../errors/errors.ts';

/** Throws OctaConfigurationError. Separate from `core/checks.ts`, which would add all checks of the client to the bundle. */
export function refuse(name: string, value: unknown, allowed: string): never {
  throw new OctaConfigurationError({ message: `${name} is ${String(value)}; allowed: ${allowed}` });
}

/** Throws OctaConfigurationError for more than `most` arguments. Undefined arguments count as omitted. */
export function checkCount(name: string, given: readonly unknown[], most: number): void {
  if (given.slice(most).every((value) => value === undefined)) return;
  const message = `${name} takes at most ${most} argument${most === 1 ? '' : 's'}, but got ${given.length}`;
  throw new OctaConfigurationError({ message });
}
