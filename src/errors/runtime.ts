/** What the runtime has to bring along. */
import { OctaConfigurationError } from './errors.ts';

/**
 * Demands globals of the runtime. They are looked for when they are needed, so that the package can be imported anywhere.
 *
 * @throws OctaConfigurationError naming those that are missing.
 */
export function requireGlobals(user: string, names: readonly string[]): void {
  const missing = names.filter((name) => Reflect.get(globalThis, name) === undefined);
  if (missing.length === 0) return;
  const message = `${user} needs ${missing.join(', ')}, which this runtime does not have; load a polyfill before`;
  throw new OctaConfigurationError({ message });
}
