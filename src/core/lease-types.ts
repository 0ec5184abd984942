/** What is written down about sessions, and where; what other copies of the package may see of them. */

/** One session, or the start of one, as a ledger keeps it: plain JSON, without the API key and without anything secret. */
export interface LeaseRecord {
  /** Version of this form. */
  readonly version: 1;
  /** Id of the start, which the session carries in its variables. */
  readonly leaseId: string;
  /** `starting`: a request may have left, and nothing is known yet. `running`: there is a session. */
  readonly state: 'starting' | 'running';
  /** Which service was started. */
  readonly service: 'mr' | 'render' | 'vpn';
  /** Node that was asked. Unit: identifier. */
  readonly nodeId: number;
  /** VPN sessions: what the relay speaks. */
  readonly kind?: string;
  /** UUID of the session, once it is known. */
  readonly uuid?: string;
  /** When the request was about to leave, by the wall clock of the owner. Unit: Unix ms. */
  readonly sentAt: number;
  /** Limits of the guard of the session. */
  readonly limits?: {
    /** What it may cost in all, in decimal digits. Unit: Wei. */
    readonly maxSpend?: string;
    /** How long it may run. Unit: ms. */
    readonly maxDurationMs?: number;
    /** When it has to end, by the clock of the API. Unit: Unix ms. */
    readonly endsAt?: number;
  };
  /** Id of the client that looks after it. */
  readonly owner: string;
  /** Whether it is to run on when its owner ends; only its limits are enforced then. */
  readonly kept?: boolean;
}

/** A sign of life of one client. */
export interface HeartbeatRecord {
  /** Version of this form. */
  readonly version: 1;
  /** Id of the record. */
  readonly id: string;
  /** Id of the client. */
  readonly owner: string;
  /** Grows as long as the client lives. Unit: count. */
  readonly beat: number;
}

/**
 * Where sessions are written down, so that they outlive the process that started them. Every method must be safe to call from many
 * processes at once.
 */
export interface LeaseLedger {
  /** Stores a record in place of the one with the same id (`leaseId`, or `id` of a heartbeat). Durable when it resolves. */
  put(record: LeaseRecord | HeartbeatRecord): Promise<void>;
  /** Changes the owner of a lease in one step; false when the lease is gone or `fromOwner` is not its owner any more. */
  claim(leaseId: string, fromOwner: string, toOwner: string): Promise<boolean>;
  /** Removes a record; one that is not there is no error. */
  delete(id: string): Promise<void>;
  /** All records. */
  list(): Promise<readonly (LeaseRecord | HeartbeatRecord)[]>;
}

/** A session that turned up after its start had failed. */
export interface LateSession {
  /** UUID of the session. */
  readonly session: string;
  /** Id of its start. */
  readonly leaseId: string;
  /** Node that it runs on. Unit: identifier. */
  readonly node_id: number;
  /** What the SDK does: `stopping` a session of `rent`, or nothing (`running`) about that of a plain `start`. */
  readonly action: 'stopping' | 'running';
}

/** A session that is to be stopped when its process ends, or a start that may have begun one. */
export interface OpenLease {
  /** Id of the start; undefined for a second session of one start. */
  readonly leaseId: string | undefined;
  /** UUID of the session; absent for a start whose session is not known. */
  readonly uuid?: string;
  /** Which service was started. */
  readonly service: LeaseRecord['service'] | undefined;
  /** Node that was asked. Unit: identifier. */
  readonly nodeId: number | undefined;
  /** Headers of the start, which go along with every request about it. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** How long ago the start was sent. Unit: ms. */
  readonly ageMs: number;
  /** Whether a stop was answered already, so that only the proof is missing. */
  readonly isStopped: boolean;
}

/**
 * What a client looks after, and how it reaches the API, for code of another copy of the package in the same process, such as
 * `stopOnExit` in CommonJS. Copies may be of different versions, so its shape can only grow.
 */
export interface LeaseWindow {
  /** Gives the API key. */
  readonly key: () => string | undefined | Promise<string | undefined>;
  /** Headers of every request. */
  readonly headers: Readonly<Record<string, string>>;
  /** Variable that the mark of a start is in. */
  readonly variable: string | false;
  /** All that is open. */
  list: () => readonly OpenLease[];
  /** Called whenever that changes; for a start before it is sent. */
  readonly listeners: Set<() => void>;
}

/** Where a client has its {@link LeaseWindow}; the same in all copies of the package. */
export const leaseWindow: unique symbol = Symbol.for('@octaspace/sdk/leases');
