/** The parts of a call, and the interface that sends it. Types only. */
import type { OperationId, OperationRow } from '../../generated/operations.ts';
import type { operations } from '../../generated/schema.ts';
import type { Log } from '../transport/log.ts';
import type { FetchLike } from '../transport/types.ts';
import type { LeaseWindow } from './lease-types.ts';
import type { CloseOptions, RequestOptions, ResolvedLeaseOptions } from './option-types.ts';
import type { Answer, OctaPromise } from './promise.ts';
import type { AssembledRequest } from './request.ts';
import type { Time } from './time.ts';
import type { TransportStats } from './transport.ts';

type Content<Answered> = Answered extends { content: infer Forms } ? Forms[keyof Forms] : undefined;
type Responses<Id extends OperationId> = operations[Id]['responses'];

/** The decoded result of an operation. */
export type ResultOf<Id extends OperationId> = {
  [Status in keyof Responses<Id> & (200 | 201)]: Content<Responses<Id>[Status]>;
}[keyof Responses<Id> & (200 | 201)];

/** The row of a named operation. */
export interface Row<Id extends OperationId = OperationId> extends OperationRow {
  readonly id: Id;
}

/** Reads a log in any form that the API sends. */
export type ReadLog = (packed: Uint8Array<ArrayBuffer>) => Promise<string>;

/** An alternative path of a call. */
export interface OtherPath {
  readonly path: Readonly<Record<string, unknown>>;
  /** Called if the call with this path succeeds. */
  readonly works: () => void;
  /** Called with the error if it fails. */
  readonly fails: (error: unknown) => void;
}

/** The arguments of one call. */
export interface CallArguments {
  readonly path?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  /** Called with the error of the call. May return another path, which is then tried once. */
  readonly otherPath?: (error: unknown) => OtherPath | undefined;
  /** The body, or a function that returns it. If the function throws, the call rejects with that error. */
  readonly body?: unknown;
  readonly options?: RequestOptions | undefined;
  /** Unpacks the log, for operations that return one. */
  readonly readLog?: ReadLog | undefined;
  /**
   * Whether a session depends on this call. Then strict validation only reports issues, and a client that is closing still
   * accepts the call while a rental is in progress.
   */
  readonly vital?: boolean;
  /** Makes the last change to the body, after the caller's extra fields were added. */
  readonly seal?: (body: unknown) => unknown;
  /** Awaited before each attempt is sent. If it throws, the call fails with that error. */
  readonly beforeSend?: (() => Promise<void> | undefined) | undefined;
  /** Called first with the error of the call. May add to the error, or return a value to use instead of it. */
  readonly onError?: (error: unknown) => Promise<unknown> | undefined;
  /** Called once and first when the call ends: with the decoded response, or undefined if it failed or is not read here. */
  readonly onEnd?: (value: unknown) => void;
  /** Throws if the method's own arguments are wrong. Called before anything is sent. */
  readonly check?: () => void;
}

/** Converts the decoded response to the result of the method. */
export type ToResult<Value, Result> = (value: Value, answer: Answer) => Result;

/** Sends one assembled request. */
export type Exchange = (request: AssembledRequest) => Promise<Answer>;

/** One call by path, ready to send. */
export interface PreparedCall {
  /** The checked and encoded body. */
  readonly body: unknown;
  readonly exchange: Exchange;
  /** Must be called when the call is over. */
  readonly leave: () => void;
}

/** Sends operations. One per client. */
export interface Caller {
  /** Low-level access by path. */
  prepare(row: OperationRow, body: unknown, readLog: ReadLog): PreparedCall;
  call<Id extends OperationId, Result>(
    row: Row<Id>,
    given: CallArguments,
    toResult: ToResult<ResultOf<Id>, Result> | ToResult<ResultOf<Id>, Promise<Result>>,
  ): OctaPromise<Result>;
  readonly log: Log;
  readonly time: Time;
  /** Runs a function of the caller that must not change the result. Its errors, also async ones, are logged. */
  quietly(name: string, work: () => void | Promise<void>): void;
  /** Throws the error that a call with this body would throw before it sends anything. */
  checkBody(row: OperationRow, body: unknown): unknown;
  /** State of the transport. */
  stats(): TransportStats;
  /** Waits for calls in progress and closes connections. Later calls throw. */
  close(options?: CloseOptions): Promise<void>;
  /** Runs `act` as soon as `close` is called. Calls that a session depends on are still accepted then. */
  onClose(act: (options: CloseOptions) => void): void;
  /** Adds figures to those of the transport. */
  addStats(figures: () => Partial<TransportStats>): void;
  /** The client's options for leases. */
  readonly leases: ResolvedLeaseOptions;
  /** The view of the leases for other copies of the package; the leases fill it in. */
  readonly window: LeaseWindow;
  /** Whether every call uses the same API key. */
  readonly hasFixedKey: boolean;
  /** The client's `fetch`, without API key and retries. */
  readonly fetch: FetchLike;
  closed(): boolean;
  /**
   * Counts an operation of several calls as one call in progress. Returns a function that ends it. Throws OctaConfigurationError if
   * the client is closed. With `vital` (sessions depend on it), it throws only if no calls at all are accepted any more.
   */
  hold(operation: string, vital?: boolean): () => void;
  /** Whether no calls are accepted any more, not even those that a session depends on. */
  ended(): boolean;
  /** Runs `act` when `ended` becomes true. Returns a function that cancels this. */
  onEnd(act: () => void): () => void;
}
