import { OctaConfigurationError } from '../errors/errors.ts';

/** Throws OctaConfigurationError. Not as `core/checks.ts` does it, which brings the checks of the client along. */
export function refuse(name: string, value: unknown, allowed: string): never {
  throw new OctaConfigurationError({ message: `${name} is ${String(value)}; allowed: ${allowed}` });
}
