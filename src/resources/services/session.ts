import type { ServiceInfo, SessionLogs } from '../../../generated/models.ts';
import { getSessionInfo, getSessionLogs } from '../../../generated/operations.ts';
import type { OctaCore } from '../../core/octa-core.ts';
import type { RequestOptions } from '../../core/option-types.ts';
import type { OctaPromise } from '../../core/promise.ts';
import { asyncDispose } from '../../disposal.ts';
import { recentQuery, type StopResult, type StopSessionOptions } from '../../leases/api.ts';
import type { Context } from '../../leases/context.ts';
import { endLease, notStoppedError, prove, stopForCertain } from '../../leases/ending.ts';
import { followLogs } from '../../leases/follow.ts';
import { guardsOf, SessionGuard } from '../../leases/guard.ts';
import type { GuardLimits } from '../../leases/guard-limits.ts';
import { Lease, withHeaders } from '../../leases/lease.ts';
import { contextOf } from '../../leases/leases.ts';
import type { LogLine } from '../../leases/log-lines.ts';
import { type WaitOptions, waitUntilReady } from '../../leases/wait.ts';
import { type WatchOptions, watch } from '../../leases/watch.ts';
import { Resource } from '../resource.ts';

/** Options of `session.logs`. */
export interface SessionLogsOptions extends RequestOptions {
  /** True for a session that has ended; the API shows its logs only when asked so. */
  readonly recent?: boolean | undefined;
}

/**
 * One session: what it is, what it logs, and how to end it. Its money runs until it is stopped; `await using` stops it at the
 * end of the scope, however that ends.
 */
export class SessionResource extends Resource {
  /** UUID of the session. */
  readonly uuid: string;
  readonly #lease: Lease;

  /** One session by its full UUID. Nothing is sent until one of its methods is called. */
  constructor(core: OctaCore, uuid: string);
  /** @internal */
  constructor(core: OctaCore, lease: Lease);
  constructor(core: OctaCore, session: string | Lease) {
    super(core);
    this.#lease = session instanceof Lease ? session : contextOf(core).leaseOf(session);
    this.uuid = this.#lease.uuid;
  }

  get #context(): Context {
    return contextOf(this.core);
  }

  /**
   * Id of the start of this session, which it carries in its variables and by which a ledger knows it; undefined when this client did
   * not start it.
   */
  get leaseId(): string | undefined {
    return this.#lease.facts.leaseId;
  }

  /** State, addresses, traffic and charge of the session; for VPN sessions its `config` too, once it is ready. */
  info(options?: RequestOptions): OctaPromise<ServiceInfo> {
    return this.call(getSessionInfo, {
      path: { uuid: this.#lease.uuid },
      options: withHeaders(options ?? {}, this.#lease.facts),
    });
  }

  /** Logs of the system and of the container. */
  logs(options?: SessionLogsOptions): OctaPromise<SessionLogs> {
    const { recent, ...rest } = options ?? {};
    const call = { path: { uuid: this.#lease.uuid }, query: recentQuery(recent) };
    return this.call(getSessionLogs, { ...call, options: withHeaders(rest, this.#lease.facts) });
  }

  /**
   * Asks the API to end the session, and with it the charge. Tried again up to `retries` times when no answer comes, because stopping
   * twice does no harm and not stopping costs money. An answer alone does not prove the end; with `verify: true` it waits for the
   * proof, stops again where that is needed, and `confirmed` is true.
   *
   * @throws OctaNotFoundError when there is no such session, or not any more.
   * @throws OctaSessionError with `verify`, when the end could not be proven within `totalTimeoutMs`.
   * @example
   * await session.stop({ verify: true });
   */
  stop(options: StopSessionOptions & { readonly verify: true }): Promise<StopResult>;
  stop(options?: StopSessionOptions & { readonly verify?: false | undefined }): OctaPromise<StopResult>;
  stop(options: StopSessionOptions & { readonly verify?: boolean | undefined } = {}): Promise<StopResult> {
    const { verify, ...rest } = options ?? {};
    const context = this.#context;
    if (verify === true) return stopForCertain(context, this.#lease, rest);
    const stopping = context.api.stop(this.#lease, rest, (lease) => {
      // Whatever is written down has to be proven to be over before it is forgotten.
      if (context.ledger !== undefined) prove(context, lease);
      // A 404 does not show that an earlier attempt got through.
      else if (lease.stopAccepted) context.release(lease);
    });
    return stopping;
  }

  /**
   * Asks until the session can be used, and gives its state then: it is ready by its state, and has the addresses that were ordered; a
   * VPN session when it has a `config`. Goes on through faults that pass, and while the API does not know the session yet.
   *
   * @throws OctaSessionError when it ended first (`reason: 'ended'`), or was not ready in time (`'timeout'`; it still runs).
   * @example
   * const { ssh_direct } = await session.waitUntilReady({ readyTimeoutMs: 300_000 });
   */
  waitUntilReady(options?: WaitOptions): Promise<ServiceInfo> {
    return waitUntilReady(this.#context, this.#lease, options);
  }

  /**
   * The states of the session, one for each look, the first at once. Ends with the session; the last state is then that among the
   * recent sessions, with `finished_at` and the whole charge.
   *
   * @example
   * for await (const { progress, charge_amount = 0n } of session.watch()) console.log(progress, formatOcta(charge_amount));
   */
  watch(options?: WatchOptions): AsyncGenerator<ServiceInfo, void, void> {
    return watch(this.#context, this.#lease, options);
  }

  /**
   * The lines of the session's logs as they come, those that are there at once; a line of the container once it is complete. Ends
   * with the session, after its last line.
   *
   * @example
   * for await (const { text } of session.followLogs({ signal })) console.log(text);
   */
  followLogs(options?: WatchOptions): AsyncGenerator<LogLine, void, void> {
    return followLogs(this.#context, this.#lease, options);
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
    return new SessionGuard(this.#context, this.#lease, limits);
  }

  /** The guards that watch over the session now, that of a lease among them. */
  get guards(): readonly SessionGuard[] {
    return [...guardsOf(this.#lease)];
  }

  /**
   * Lets the session run on after the end of an `await using` scope, of the client, and of the process. Its guards stay, and a ledger
   * keeps its limits.
   */
  keep(): this {
    const { facts } = this.#lease;
    this.#lease.kept = true;
    this.#context.changed();
    if (facts.leaseId !== undefined) this.#context.ledger?.change(facts.leaseId, { kept: true });
    return this;
  }

  /**
   * Stops the session at the end of an `await using` scope, unless it was kept or is over already; tries for 15 s, and leaves the rest
   * of the proof to the background.
   *
   * @throws OctaSessionError when there was neither an answer nor a proof, with its UUID (`reason: 'not-stopped'`).
   */
  async [asyncDispose](): Promise<void> {
    const { kept, isOver } = this.#lease;
    if (kept || isOver) return;
    const { ended, hold } = this.caller;
    // A client that is closed meanwhile waits for it.
    const leave = ended() ? undefined : hold('stopSession', true);
    try {
      await endLease(this.#context, this.#lease);
    } catch (error) {
      throw notStoppedError(this.uuid, error);
    } finally {
      leave?.();
    }
  }
}
