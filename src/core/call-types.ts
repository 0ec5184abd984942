/** What one call is made of, and who carries it out. Types only. */
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

/** What the API answers to an operation, decoded. */
export type ResultOf<Id extends OperationId> = {
  [Status in keyof Responses<Id> & (200 | 201)]: Content<Responses<Id>[Status]>;
}[keyof Responses<Id> & (200 | 201)];

/** The row of an operation, under its own name. */
export interface Row<Id extends OperationId = OperationId> extends OperationRow {
  readonly id: Id;
}

/** Reads a log, whatever form it came in. */
export type ReadLog = (packed: Uint8Array<ArrayBuffer>) => Promise<string>;

/** A second path of a call. */
export interface OtherPath {
  readonly path: Readonly<Record<string, unknown>>;
  /** Called if the call succeeds with it. */
  readonly works: () => void;
  /** Called with the error if it does not. */
  readonly fails: (error: unknown) => void;
}

/** What one call is made of. */
export interface CallArguments {
  readonly path?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  /** Called with the error of the call; may return another path, with which the call is made once more. */
  readonly otherPath?: (error: unknown) => OtherPath | undefined;
  /** The body, or a function that makes it: what that throws rejects the call. */
  readonly body?: unknown;
  readonly options?: RequestOptions | undefined;
  /** How a packed log is read, by operations that answer with one. */
  readonly readLog?: ReadLog | undefined;
  /**
   * Whether a session is looked after by it: then strict validation only reports what it finds, and a client that is closing lets it
   * through while a rental is under way.
   */
  readonly vital?: boolean;
  /** Makes the last change to the body, after the caller's own fields were added to it. */
  readonly seal?: (body: unknown) => unknown;
  /** Awaited before each attempt leaves; what it throws fails the call. */
  readonly beforeSend?: (() => Promise<void> | undefined) | undefined;
  /** Told what the call throws, before anybody else is; may add to it, or give the value of an answer in its place. */
  readonly onError?: (error: unknown) => Promise<unknown> | undefined;
  /** Told once how the call ended, before anybody else is: its decoded answer, or undefined when it failed or is not read here. */
  readonly onEnd?: (value: unknown) => void;
  /** Throws when the method's own arguments are wrong; run before anything is sent. */
  readonly check?: () => void;
}

/** Makes a method's result of the decoded answer. */
export type ToResult<Value, Result> = (value: Value, answer: Answer) => Result;

/** Carries out one request that was put together. */
export type Exchange = (request: AssembledRequest) => Promise<Answer>;

/** One call by path, ready to be made. */
export interface PreparedCall {
  /** Checked and encoded. */
  readonly body: unknown;
  readonly exchange: Exchange;
  /** To be called when it is over. */
  readonly leave: () => void;
}

/** Carries out operations. One per client. */
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
  /** Runs a caller's function that must not change the result: what it throws, now or later, is logged. */
  quietly(name: string, work: () => void | Promise<void>): void;
  /** Throws what a call with this body would throw before anything is sent. */
  checkBody(row: OperationRow, body: unknown): unknown;
  /** State of the transport. */
  stats(): TransportStats;
  /** Waits for calls under way and closes connections; calls made later throw. */
  close(options?: CloseOptions): Promise<void>;
  /** Runs `act` as soon as the client is closed, when calls that look after a session still pass. */
  onClose(act: (options: CloseOptions) => void): void;
  /** Adds figures to those of the transport. */
  addStats(figures: () => Partial<TransportStats>): void;
  /** The client's options for leases. */
  readonly leases: ResolvedLeaseOptions;
  /** What other copies of the package see of its leases; the leases fill it in. */
  readonly window: LeaseWindow;
  /** Whether every call goes out with one and the same API key. */
  readonly hasFixedKey: boolean;
  /** The client's `fetch`, without key and retries. */
  readonly fetch: FetchLike;
  closed(): boolean;
  /**
   * Counts what is made of several calls as one under way. Throws OctaConfigurationError when the client is closed; if sessions are
   * looked after by it (`vital`), only when nothing passes any more.
   */
  hold(operation: string, vital?: boolean): () => void;
  /** Whether not even calls that look after a session pass any more. */
  ended(): boolean;
  /** Runs `act` when that is so; gives what takes it back. */
  onEnd(act: () => void): () => void;
}
