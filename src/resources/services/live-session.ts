/** What the life of a session is made of: calls about it, and time. Types only. */
import type { ServiceInfo, Session, SessionLogs, StopOptions } from '../../../generated/models.ts';
import type { Caller } from '../../core/call-types.ts';
import type { RequestOptions } from '../../core/option-types.ts';

/** Options of `session.logs`. */
export interface SessionLogsOptions extends RequestOptions {
  /** True for a session that has ended; the API shows its logs only when asked so. */
  readonly recent?: boolean | undefined;
}

/** Options of `session.stop`. */
export interface StopSessionOptions extends RequestOptions {
  /** Rating of the service, 1 to 5. Left out: no rating. */
  readonly score?: StopOptions['score'];
}

/** What became of a stop. */
export interface StopResult {
  /** True when an earlier attempt of the same call had stopped the session already, although its answer was lost. */
  readonly alreadyStopped: boolean;
}

/** The calls about one session. */
export interface SessionCalls {
  readonly uuid: string;
  info(options?: RequestOptions): PromiseLike<ServiceInfo>;
  logs(options?: SessionLogsOptions): PromiseLike<SessionLogs>;
  stop(options?: StopSessionOptions): PromiseLike<StopResult>;
  /** The sessions that run, or those that ended lately. */
  list(recent: boolean, options: RequestOptions): PromiseLike<readonly Session[]>;
}

/** One session with all that its life is made of. */
export interface LiveSession extends Pick<Caller, 'time' | 'log' | 'quietly' | 'ended' | 'onEnd'> {
  readonly calls: SessionCalls;
  /** What it is, where that is known; an answer may leave it open. */
  readonly service: 'mr' | 'render' | 'vpn' | undefined;
  /** When this client started it; undefined when it did not. Unit: ms of the clock. */
  readonly startedAt: number | undefined;
  /** Takes note that it is over. */
  over(): void;
}
