/** The lifetime of a client: what keeps it open, how it closes, and its statistics. */
import { OctaConfigurationError } from '../errors/errors.ts';
import type { Caller } from './call-types.ts';
import type { CloseOptions } from './option-types.ts';
import type { ResolvedOptions } from './options.ts';
import type { ClientTransport, TransportStats } from './transport.ts';

/** The error for a call on a closed client. */
export function closedError(operation: string): OctaConfigurationError {
  return new OctaConfigurationError({ message: `${operation}: the client is closed; create a new one` });
}

/** Counts an operation as in progress. Returns a function that ends it. Throws if the client is closed. */
export function hold(transport: ClientTransport, operation: string, vital = false): () => void {
  const leave = transport.enter(vital);
  if (leave === undefined) throw closedError(operation);
  return leave;
}

/** The functions to close a client, its statistics, and its view for other copies of the package. */
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
      // While `close` waits, a second call can still request that sessions are stopped.
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
