import type { ServiceInfo, Session, SessionLogs } from '../../../generated/models.ts';
import { getSessionInfo, getSessionLogs, listSessions, stopSession } from '../../../generated/operations.ts';
import type { OctaCore } from '../../core/octa-core.ts';
import type { RequestOptions } from '../../core/option-types.ts';
import type { OctaPromise } from '../../core/promise.ts';
import { asyncDispose } from '../../disposal.ts';
import type { LogLine } from '../../leases/log-lines.ts';
import { Resource, recentQuery } from '../resource.ts';
import { type GuardLimits, SessionGuard } from './guard.ts';
import type { LiveSession, SessionLogsOptions, StopResult, StopSessionOptions } from './live-session.ts';
import { notStoppedError, stopSurely } from './stop.ts';
import { type WaitOptions, waitUntilReady } from './wait.ts';
import { followLogs, type WatchOptions, watch } from './watch.ts';

let liveOf: (session: SessionResource) => LiveSession;
let setOrigin: (session: SessionResource, origin: SessionOrigin) => void;

/** A session with all that its life is made of, for what manages it. */
export function liveSession(session: SessionResource): LiveSession {
  return liveOf(session);
}

/** A session of which it is known where it comes from. */
export function sessionFrom(core: OctaCore, uuid: string, origin: SessionOrigin): SessionResource {
  const session = new SessionResource(core, uuid);
  setOrigin(session, origin);
  return session;
}

/** Where a session comes from. */
export interface SessionOrigin {
  readonly service?: LiveSession['service'];
  readonly startedAt?: LiveSession['startedAt'];
  /** Headers that it was started with; they go along with all that is asked about it. */
  readonly headers?: RequestOptions['headers'];
}

/**
 * One session: what it is, what it logs, and how to end it. Its money runs until it is stopped; `await using` stops it at the
 * end of the scope, however that ends.
 */
export class SessionResource extends Resource {
  /** UUID of the session. */
  readonly uuid: string;
  #origin: SessionOrigin = {};
  readonly #guards = new Set<SessionGuard>();
  #kept = false;
  #stopped = false;

  static {
    liveOf = (session) => session.#live();
    setOrigin = (session, origin) => {
      session.#origin = origin;
    };
  }

  /** One session by its full UUID. Nothing is sent until one of its methods is called. */
  constructor(core: OctaCore, uuid: string) {
    super(core);
    this.uuid = uuid;
  }

  /** State, addresses, traffic and charge of the session; for VPN sessions its `config` too, once it is ready. */
  info(options?: RequestOptions): OctaPromise<ServiceInfo> {
    return this.#info(options, false);
  }

  /** Logs of the system and of the container. */
  logs(options?: SessionLogsOptions): OctaPromise<SessionLogs> {
    return this.#logs(options, false);
  }

  /**
   * Ends the session, and with it the charge. Tried again up to `retries` times when no answer comes, because stopping
   * twice does no harm and not stopping costs money.
   *
   * @throws OctaNotFoundError when there is no such session, or not any more.
   */
  stop(options?: StopSessionOptions): OctaPromise<StopResult> {
    return this.#stop(options, false);
  }

  /**
   * Asks until the session can be used, and gives its state then: it is ready, or its progress says so; a VPN session when it
   * has a `config`. Goes on through faults that pass.
   *
   * @throws OctaSessionError when it ended first (`reason: 'ended'`), or was not ready in time (`'timeout'`; it still runs).
   * @example
   * const { ssh_direct } = await session.waitUntilReady({ readyTimeoutMs: 300_000 });
   */
  waitUntilReady(options?: WaitOptions): Promise<ServiceInfo> {
    return waitUntilReady(this.#live(), options ?? {});
  }

  /**
   * The states of the session, one for each look, the first at once. Ends with the session; the last state is then that among the
   * recent sessions, with `finished_at` and the whole charge.
   *
   * @example
   * for await (const { progress, charge_amount = 0n } of session.watch()) console.log(progress, formatOcta(charge_amount));
   */
  watch(options?: WatchOptions): AsyncGenerator<ServiceInfo, void, void> {
    return watch(this.#live(), options ?? {});
  }

  /**
   * The lines of the session's logs as they come, those that are there at once; a line of the container once it is complete. Ends
   * with the session, after its last line.
   *
   * @example
   * for await (const { text } of session.followLogs({ signal })) console.log(text);
   */
  followLogs(options?: WatchOptions): AsyncGenerator<LogLine, void, void> {
    return followLogs(this.#live(), options ?? {});
  }

  /**
   * Stops the session at a limit of time or money, as long as this process lives. Release it to let the session go on.
   *
   * @throws OctaConfigurationError for a wrong limit, or none.
   * @example
   * const guard = session.guard({ maxDurationMs: 3_600_000, maxSpend: parseOcta('5') });
   * const { reason } = await guard.done;
   */
  guard(limits: GuardLimits): SessionGuard {
    const guard = new SessionGuard(this.#live(), limits);
    this.#guards.add(guard);
    guard.done.then(() => this.#guards.delete(guard));
    return guard;
  }

  /** The guards that watch over the session now, that of a lease among them. */
  get guards(): readonly SessionGuard[] {
    return [...this.#guards];
  }

  /** Lets the session live on after the end of an `await using` scope. Its guards stay. */
  keep(): this {
    this.#kept = true;
    return this;
  }

  /**
   * Stops the session at the end of an `await using` scope, unless it was kept or is stopped already; tries for 15 s.
   *
   * @throws OctaSessionError when it could not be stopped, with its UUID (`reason: 'not-stopped'`).
   */
  async [asyncDispose](): Promise<void> {
    if (this.#kept || this.#stopped) return;
    const { closed, hold } = this.caller;
    // A client that is closed meanwhile waits for it.
    const leave = closed() ? undefined : hold('stopSession');
    try {
      await stopSurely(this.#live());
    } catch (error) {
      throw notStoppedError(this.uuid, error);
    } finally {
      leave?.();
    }
  }

  #over(): void {
    this.#stopped = true;
    for (const guard of this.#guards) guard.ended();
  }

  /** Options with the headers of the start. */
  #with<Options extends RequestOptions>(options: Options): Options {
    const { headers } = this.#origin;
    // What is no object is left for the check of the call to refuse.
    if (headers === undefined || typeof (options.headers ?? {}) !== 'object') return options;
    return { ...options, headers: { ...headers, ...options.headers } };
  }

  #info(options: RequestOptions | undefined, vital: boolean): OctaPromise<ServiceInfo> {
    return this.call(getSessionInfo, { path: { uuid: this.uuid }, options: this.#with(options ?? {}), vital });
  }

  #logs(options: SessionLogsOptions | undefined, vital: boolean): OctaPromise<SessionLogs> {
    const { recent, ...rest } = options ?? {};
    const path = { uuid: this.uuid };
    const query = recentQuery(recent);
    return this.call(getSessionLogs, { path, query, options: this.#with(rest), vital });
  }

  #stop(options: StopSessionOptions | undefined, vital: boolean): OctaPromise<StopResult> {
    const { score, ...rest } = options ?? {};
    const body = score === undefined ? undefined : { score };
    const call = { path: { uuid: this.uuid }, body, options: this.#with(rest), vital };
    return this.callFor(stopSession, call, (_, { doneBefore }) => {
      this.#over();
      return { alreadyStopped: doneBefore === true };
    });
  }

  #list(recent: boolean, options: RequestOptions): OctaPromise<Session[]> {
    return this.call(listSessions, { query: recentQuery(recent), options: this.#with(options), vital: true });
  }

  #live(): LiveSession {
    const { time, log, quietly, ended, onEnd } = this.caller;
    const { service, startedAt } = this.#origin;
    const calls = {
      uuid: this.uuid,
      info: (options?: RequestOptions) => this.#info(options, true),
      logs: (options?: SessionLogsOptions) => this.#logs(options, true),
      stop: (options?: StopSessionOptions) => this.#stop(options, true),
      list: (recent: boolean, options: RequestOptions) => this.#list(recent, options),
    };
    return { calls, service, startedAt, over: () => this.#over(), time, log, quietly, ended, onEnd };
  }
}
