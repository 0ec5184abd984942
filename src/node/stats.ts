/** Types of the transport statistics. */

/** The current connections to one origin. */
interface OriginStats {
  /** The origin, such as `https://api.octa.computer`. */
  readonly origin: string;
  /** Number of open or opening connections: `busy` plus `idle`. */
  readonly connections: number;
  /** Number of connections with a request in progress. */
  readonly busy: number;
  /** Number of idle connections. */
  readonly idle: number;
  /** Number of requests that wait for a connection. */
  readonly waiting: number;
}

/** Statistics of a `nodeFetch()`, as plain data. */
export interface NodeFetchStats {
  /** Every origin with connections or waiting requests. */
  readonly origins: readonly OriginStats[];
  /** Totals since its creation. */
  readonly totals: {
    /** Number of requests that were sent or queued. */
    readonly requests: number;
    /** Number of connections opened. */
    readonly connectionsOpened: number;
    /** Number of requests sent again immediately, because the server had closed the idle connection. */
    readonly resent: number;
  };
}
