/** Waiting, but not for longer than a while. */
import type { Clock } from '../../index.ts';

/** Waits for a promise, a time or an abort, whatever comes first. Unit: ms. */
export async function within(
  work: Promise<unknown>,
  ms: number,
  { clock, signal }: { readonly clock: Clock; readonly signal?: AbortSignal },
): Promise<void> {
  let timer: unknown;
  let onAbort: () => void = () => undefined;
  const over = new Promise<void>((resolve) => {
    onAbort = resolve;
    timer = clock.setTimer(resolve, ms, 'limit');
    signal?.addEventListener('abort', onAbort, { once: true });
  });
  if (signal?.aborted !== true) await Promise.race([work, over]);
  clock.clearTimer(timer);
  signal?.removeEventListener('abort', onAbort);
}
