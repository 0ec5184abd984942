/** Listens to a caller's signal: one listener per signal, even if many calls share it. */

const waiting = new WeakMap<AbortSignal, { readonly callbacks: Set<() => void>; readonly fire: () => void }>();

function watch(signal: AbortSignal): { readonly callbacks: Set<() => void>; readonly fire: () => void } {
  const known = waiting.get(signal);
  if (known !== undefined) return known;
  const callbacks = new Set<() => void>();
  const fire = () => {
    for (const callback of [...callbacks]) callback();
  };
  const watched = { callbacks, fire };
  waiting.set(signal, watched);
  return watched;
}

/**
 * Runs `callback` once when the signal is aborted; the signal must not be aborted yet. Returns a function that cancels this.
 * One listener per signal, because Node warns of a leak from the eleventh on, and a signal for a hundred parallel calls is not a leak.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const { callbacks, fire } = watch(signal);
  // A new function each time, so that the same callback can be added twice.
  const own = () => callback();
  if (callbacks.size === 0) signal.addEventListener('abort', fire, { once: true });
  callbacks.add(own);
  return () => {
    if (callbacks.delete(own) && callbacks.size === 0) signal.removeEventListener('abort', fire);
  };
}
