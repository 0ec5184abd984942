/** Checks of the runtime. */
import { OctaConfigurationError } from './errors.ts';

/**
 * Checks that the runtime has these globals. Called only when they are needed, so that the package can be imported anywhere.
 *
 * @throws OctaConfigurationError that names the missing ones.
 */
export function requireGlobals(user: string, names: readonly string[]): void {
  const missing = names.filter((name) => Reflect.get(globalThis, name) === undefined);
  if (missing.length === 0) return;
  const message = `${user} needs ${missing.join(', ')}, which this runtime does not have; load a polyfill first`;
  throw new OctaConfigurationError({ message });
}

/**
 * Whether the runtime is Cloudflare Workers. There, timers, responses and promises belong to the incoming request that created them. When
 * that request has ended, they never settle, so no other request may wait for them.
 */
export function isWorkers(): boolean {
  const navigator: unknown = Reflect.get(globalThis, 'navigator');
  const isObject = typeof navigator === 'object' && navigator !== null;
  return isObject && Reflect.get(navigator, 'userAgent') === 'Cloudflare-Workers';
}
