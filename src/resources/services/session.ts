import type { ServiceInfo, SessionLogs, StopOptions } from '../../../generated/models.ts';
import type { Caller } from '../../core/call.ts';
import type { RequestOptions } from '../../core/option-types.ts';
import type { OctaPromise } from '../../core/promise.ts';
import { Resource } from '../resource.ts';

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

/** One session: what it is, what it logs, and how to end it. Its money runs until it is stopped. */
export class SessionResource extends Resource {
  /** UUID of the session. */
  readonly uuid: string;

  /** @internal */
  constructor(caller: Caller, uuid: string) {
    super(caller);
    this.uuid = uuid;
  }

  /** State, addresses, traffic and charge of the session; for VPN sessions its `config` too, once it is ready. */
  info(options?: RequestOptions): OctaPromise<ServiceInfo> {
    return this.call('getSessionInfo', { path: { uuid: this.uuid }, options });
  }

  /** Logs of the system and of the container. */
  logs(options?: SessionLogsOptions): OctaPromise<SessionLogs> {
    const { recent, ...rest } = options ?? {};
    const query = { recent: recent === true ? true : undefined };
    return this.call('getSessionLogs', { path: { uuid: this.uuid }, query, options: rest });
  }

  /**
   * Ends the session, and with it the charge. Tried again up to `retries` times when no answer comes, because stopping
   * twice does no harm and not stopping costs money.
   *
   * @throws OctaNotFoundError when there is no such session, or not any more.
   */
  stop(options?: StopSessionOptions): OctaPromise<StopResult> {
    const { score, ...rest } = options ?? {};
    const body = score === undefined ? undefined : { score };
    return this.callFor('stopSession', { path: { uuid: this.uuid }, body, options: rest }, (_, { doneBefore }) => ({
      alreadyStopped: doneBefore === true,
    }));
  }
}
