/** How long a client lives: what keeps it open, how it is closed, and what is seen of it meanwhile. */
import { OctaConfigurationError } from '../errors/errors.ts';
import type { Caller } from './call-types.ts';
import type { CloseOptions } from './option-types.ts';
import type { ResolvedOptions } from './options.ts';
import type { ClientTransport, TransportStats } from './transport.ts';

/** The error for a call of a client that is closed. */
export function closedError(operation: string): OctaConfigurationError {
  return new OctaConfigurationError({ message: `${operation}: the client is closed; create a new one` });
}

/** Counts something as under way; gives what ends it. Throws when the client is closed. */
export function hold(transport: ClientTransport, operation: string, vital = false): () => void {
  const leave = transport.enter(vital);
  if (leave === undefined) throw closedError(operation);
  return leave;
}

/** The end of a client, its figures, and what others see of it. */
export function lifeOf(
  transport: ClientTransport,
  { keySource: key, headers, leases }: ResolvedOptions,
): Pick<Caller, 'window' | 'stats' | 'addStats' | 'close' | 'onClose' | 'closed' | 'hold' | 'ended' | 'onEnd'> {
  const closers: ((options: CloseOptions) => void)[] = [];
  const moreStats: (() => Partial<TransportStats>)[] = [];
  return {
    window: { key, headers, variable: leases.leaseVariable ?? false, list: () => [], listeners: new Set() },
    stats: () => Object.assign(transport.stats(), ...moreStats.map((figures) => figures())),
    addStats: (figures) => void moreStats.push(figures),
    close: (given = {}) => {
      // As long as it waits, another call may say that sessions are to be stopped.
      if (given.stopSessions ? !transport.ended : !transport.closed) for (const act of closers) act(given);
      return transport.close();
    },
    onClose: (act) => void closers.push(act),
    closed: () => transport.closed,
    hold: (operation, vital) => hold(transport, operation, vital),
    ended: () => transport.ended,
    onEnd: (act) => transport.onEnd(act),
  };
}
