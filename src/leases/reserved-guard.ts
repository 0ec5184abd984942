/** Guards sessions with the amounts that are reserved for them. */
import type { Context } from './context.ts';
import { guardsOf, SessionGuard } from './guard.ts';
import { limitsOf } from './guard-limits.ts';
import type { Lease } from './lease.ts';

/** Guards a session with the amount that is reserved for it, unless one of its guards is as strict. */
export function guardReserved(context: Context, lease: Lease): void {
  const { reserved: maxSpend, isOver } = lease;
  const { maxSpend: strictest } = limitsOf([...guardsOf(lease)].map(({ limits }) => limits));
  if (isOver || maxSpend === 0n || (strictest !== undefined && BigInt(strictest) <= maxSpend)) return;
  new SessionGuard(context, lease, { maxSpend, unknownCharge: 'stop' });
}
