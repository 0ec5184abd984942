/** Figures of the transport. */

/** What the connections to one origin do just now. */
interface OriginStats {
  /** Such as `https://api.octa.computer`. */
  readonly origin: string;
  /** Connections that are open or being opened: the busy and the idle ones. Unit: count. */
  readonly connections: number;
  /** Connections with a request under way. Unit: count. */
  readonly busy: number;
  /** Connections kept for the next request. Unit: count. */
  readonly idle: number;
  /** Requests that wait for a connection. Unit: count. */
  readonly waiting: number;
}

/** Figures of a `nodeFetch()`, as plain data. */
export interface NodeFetchStats {
  /** Every origin that has connections, or requests waiting for one. */
  readonly origins: readonly OriginStats[];
  /** Since it was made. */
  readonly totals: {
    /** Requests that were sent, or queued to be sent. Unit: count. */
    readonly requests: number;
    /** Connections that were made. Unit: count. */
    readonly connectionsOpened: number;
    /** Requests sent again at once, because the server had closed the kept connection. Unit: count. */
    readonly resent: number;
  };
}
