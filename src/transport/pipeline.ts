import type { Policy, Send } from './types.ts';

/** Wraps `send` in policies; the first of the list is the outermost. */
export function compose(policies: readonly Policy[], send: Send): Send {
  return policies.reduceRight((next, policy) => policy(next), send);
}
