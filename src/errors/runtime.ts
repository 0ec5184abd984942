/** Globals that a runtime must have. */
import { OctaConfigurationError } from './errors.ts';

/**
 * Checks that the runtime has these globals. Callers check when they need them, so the package can be imported anywhere.
 *
 * @throws OctaConfigurationError naming those that are missing.
 */
export function requireGlobals(user: string, names: readonly string[]): void {
  const missing = names.filter((name) => Reflect.get(globalThis, name) === undefined);
  if (missing.length === 0) return;
  const message = `${user} needs ${missing.join(', ')}, which this runtime does not have; load a polyfill first`;
  throw new OctaConfigurationError({ message });
}

/**
 * Whether these are Cloudflare's Workers. They tie what waits to the incoming request that began it: when that request has ended, its
 * timers, responses and promises never come, so no other request may wait for them.
 */
export function isWorkers(): boolean {
  const navigator: unknown = Reflect.get(globalThis, 'navigator');
  const isObject = typeof navigator === 'object' && navigator !== null;
  return isObject && Reflect.get(navigator, 'userAgent') === 'Cloudflare-Workers';
}
