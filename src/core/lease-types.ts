/** Types of the ledger, and what other copies of the package can see of a client's leases. */

/** One session or start, as a ledger stores it: plain JSON, without the API key or other secrets. */
export interface LeaseRecord {
  /** Version of the record format. */
  readonly version: 1;
  /** Lease id, which is also the mark of the session. */
  readonly leaseId: string;
  /** `starting`: the start may have been sent, its outcome is unknown. `running`: the session is known. */
  readonly state: 'starting' | 'running';
  /** Service of the session. */
  readonly service: 'mr' | 'render' | 'vpn';
  /** Node of the start. Unit: identifier. */
  readonly nodeId: number;
  /** VPN sessions: the protocol of the relay. */
  readonly kind?: string;
  /** UUID of the session, once it is known. */
  readonly uuid?: string;
  /** Time just before the start was sent, by the wall clock of the owner. Unit: Unix ms. */
  readonly sentAt: number;
  /** Limits of the guard of the session. */
  readonly limits?: {
    /** What it may cost in total, as decimal digits. Unit: Wei. */
    readonly maxSpend?: string;
    /** How long it may run. Unit: ms. */
    readonly maxDurationMs?: number;
  };
  /** Id of the client that owns the lease. */
  readonly owner: string;
  /** Whether the session runs on when its owner ends; then only its limits are enforced. */
  readonly kept?: boolean;
  /** How it counts towards `maxTotalSpend`; absent if its owner does not have that option. */
  readonly totalSpend?: {
    /** The most that it may cost, as decimal digits. Unit: Wei. */
    readonly reserved: string;
    /** How long its charge counts after its end. Unit: ms. */
    readonly windowMs: number;
  };
}

/** What a session that is over has cost, for `maxTotalSpend`. It is deleted after its window. */
export interface SpentRecord {
  /** Version of the record format. */
  readonly version: 1;
  /** Id of the record. */
  readonly id: string;
  /** Id of the client that wrote it. */
  readonly owner: string;
  /** UUID of the session. */
  readonly uuid: string;
  /** What the session cost, as decimal digits. Unit: Wei. */
  readonly charge: string;
  /** Whether `charge` is the most that the session may have cost, because the API has not reported its charge yet. Default false. */
  readonly isEstimate?: boolean;
  /** When the session was found to be over, by the wall clock of the owner. Unit: Unix ms. */
  readonly endedAt: number;
  /** How long the charge counts. Unit: ms. */
  readonly windowMs: number;
}

/** The heartbeat of one client. */
export interface HeartbeatRecord {
  /** Version of the record format. */
  readonly version: 1;
  /** Id of the record. */
  readonly id: string;
  /** Id of the client. */
  readonly owner: string;
  /** Increases as long as the client is alive. Unit: count. */
  readonly beat: number;
}

/**
 * A durable store of leases, so that another process can find the sessions of a dead one. Every method must be safe to call from
 * several processes at once.
 */
export interface LeaseLedger {
  /** Stores a record, replacing one with the same id (`leaseId`, or `id` if it is not a lease). Must be durable when it resolves. */
  put(record: LeaseRecord | HeartbeatRecord | SpentRecord): Promise<void>;
  /** Changes the owner of a lease atomically. Returns false if the lease is gone, or `fromOwner` is no longer its owner. */
  claim(leaseId: string, fromOwner: string, toOwner: string): Promise<boolean>;
  /** Deletes a record. A missing record is not an error. */
  delete(id: string): Promise<void>;
  /** All records. */
  list(): Promise<readonly (LeaseRecord | HeartbeatRecord | SpentRecord)[]>;
}

/** A session that appeared after its start had failed. */
export interface LateSession {
  /** UUID of the session. */
  readonly session: string;
  /** Lease id of its start. */
  readonly leaseId: string;
  /** Node that it runs on. Unit: identifier. */
  readonly node_id: number;
  /** `stopping`: the SDK stops the session, because `rent` made its start. `running`: it runs on, until you stop it. */
  readonly action: 'stopping' | 'running';
}

/** A session to stop when the process ends, or a start that may have begun one. */
export interface OpenLease {
  /** Lease id; undefined for a second session of one start. */
  readonly leaseId: string | undefined;
  /** UUID of the session; absent for a start whose session is unknown. */
  readonly uuid?: string;
  /** Service of the session. */
  readonly service: LeaseRecord['service'] | undefined;
  /** Node of the start. Unit: identifier. */
  readonly nodeId: number | undefined;
  /** Headers of the start, which every request about the session repeats. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** How long ago the start was sent. Unit: ms. */
  readonly ageMs: number;
  /** Whether a stop has succeeded, so that only the proof is missing. */
  readonly isStopped: boolean;
}

/**
 * The open leases of a client, and how it reaches the API, for another copy of the package in the same process, such as the CommonJS
 * build of `stopOnExit`. Copies may have different versions, so only add fields.
 */
export interface LeaseWindow {
  /** Returns the API key. */
  readonly key: () => string | undefined | Promise<string | undefined>;
  /** Headers of every request. */
  readonly headers: Readonly<Record<string, string>>;
  /** Variable that holds the mark; false if none is sent. */
  readonly variable: string | false;
  /** All open sessions and starts. */
  list: () => readonly OpenLease[];
  /** Called whenever `list` changes; for a start, before it is sent. */
  readonly listeners: Set<() => void>;
}

/** The property of a client that holds its {@link LeaseWindow}; the same in all copies of the package. */
export const leaseWindow: unique symbol = Symbol.for('@octaspace/sdk/leases');
