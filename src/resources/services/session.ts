import type { ServiceInfo, SessionLogs } from '../../../generated/models.ts';
import { getSessionInfo, getSessionLogs } from '../../../generated/operations.ts';
import { makeStrict } from '../../core/arguments.ts';
import type { OctaCore } from '../../core/octa-core.ts';
import type { RequestOptions } from '../../core/option-types.ts';
import type { OctaPromise } from '../../core/promise.ts';
import { asyncDispose } from '../../disposal.ts';
import { pathOf, recentQuery, type StopResult, type StopSessionOptions } from '../../leases/api.ts';
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
  /** Set it to true for a session that has ended; otherwise the API does not return its logs. Default false. */
  readonly recent?: boolean | undefined;
}

/**
 * One session: its state, its logs, and how to stop it. It costs money until it is stopped. `await using` stops it at the end of the
 * scope, also after an error.
 */
export class SessionResource extends Resource {
  /** UUID of the session. */
  readonly uuid: string;
  readonly #lease: Lease;

  /** One session by its full UUID. Sends nothing until you call one of its methods. */
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
   * Lease id of this session, which is also its mark and its id in a ledger; undefined if this client neither started nor adopted it.
   */
  get leaseId(): string | undefined {
    return this.#lease.facts.leaseId;
  }

  /** State, addresses, traffic and charge of the session; for VPN sessions also the `config`, once it is ready. */
  info(options?: RequestOptions): OctaPromise<ServiceInfo> {
    return this.call(getSessionInfo, {
      ...pathOf(this.#lease),
      options: withHeaders(options ?? {}, this.#lease.facts),
    });
  }

  /** Logs of the system and of the container. */
  logs(options?: SessionLogsOptions): OctaPromise<SessionLogs> {
    const { recent, ...rest } = options ?? {};
    const call = { ...pathOf(this.#lease), query: recentQuery(recent) };
    return this.call(getSessionLogs, { ...call, options: withHeaders(rest, this.#lease.facts) });
  }

  /**
   * Asks the API to end the session. Retries up to `retries` times, because stopping twice is harmless and not stopping costs money. A
   * response alone does not prove the end; with `verify: true` it waits for the proof, stops again if needed, and `confirmed` is true.
   *
   * @throws OctaNotFoundError if the session does not exist, or no longer exists.
   * @throws OctaSessionError with `verify`, if the end is not proven within `totalTimeoutMs`, by default 120 s.
   * @example
   * await session.stop({ verify: true });
   */
  stop(options: StopSessionOptions & { readonly verify: true }): Promise<StopResult>;
  stop(options?: StopSessionOptions & { readonly verify?: false | undefined }): OctaPromise<StopResult>;
  stop(options?: StopSessionOptions & { readonly verify?: boolean | undefined }): Promise<StopResult> {
    const { verify, ...rest } = options ?? {};
    const context = this.#context;
    if (verify === true) return stopForCertain(context, this.#lease, rest);
    const stopping = context.api.stop(this.#lease, rest, (lease) => {
      // A session in the ledger is released only when it is proven over.
      if (context.ledger !== undefined) prove(context, lease);
      // A 404 does not prove that an earlier attempt reached the API.
      else if (lease.stopAccepted) context.release(lease);
    });
    return stopping;
  }

  /**
   * Polls until the session can be used, and returns it. A session can be used once its state is ready and it has the ordered addresses;
   * a VPN session, once it has its `config`. Continues after temporary failures, and while the API does not have the session yet.
   *
   * @throws OctaSessionError if it ends first (`reason: 'ended'`), or is not ready in time (`'timeout'`; it still runs).
   * @example
   * const { ssh_direct } = await session.waitUntilReady({ readyTimeoutMs: 300_000 });
   */
  waitUntilReady(options?: WaitOptions): Promise<ServiceInfo> {
    return waitUntilReady(this.#context, this.#lease, options);
  }

  /**
   * Yields the state of the session at each poll, the first at once. Ends with the session; the last state is then the entry of the
   * recent list, with `finished_at` and the final charge.
   *
   * @example
   * for await (const { progress, charge_amount = 0n } of session.watch()) console.log(progress, formatOcta(charge_amount));
   */
  watch(options?: WatchOptions): AsyncGenerator<ServiceInfo, void, void> {
    return watch(this.#context, this.#lease, options);
  }

  /**
   * Yields the existing lines of the session's logs at once, and new lines as they appear; a container line once it is complete. Ends
   * with the session, after its last line.
   *
   * @example
   * for await (const { text } of session.followLogs({ signal })) console.log(text);
   */
  followLogs(options?: WatchOptions): AsyncGenerator<LogLine, void, void> {
    return followLogs(this.#context, this.#lease, { options });
  }

  /**
   * Stops the session at a limit of time or money, as long as this process runs. Release the guard to keep the session running.
   *
   * @throws OctaConfigurationError if a limit is wrong, or none is set.
   * @example
   * const guard = session.guard({ maxDurationMs: 3_600_000, maxSpend: parseOcta('5') });
   * const { reason } = await guard.done;
   */
  guard(limits: GuardLimits): SessionGuard {
    return new SessionGuard(this.#context, this.#lease, limits);
  }

  /** The active guards of the session, including the one that `rent` sets. */
  get guards(): readonly SessionGuard[] {
    return [...guardsOf(this.#lease)];
  }

  /**
   * Keeps the session running after the end of an `await using` scope, of the client, and of the process. Its guards stay active, and
   * its limits stay in the ledger.
   */
  keep(): this {
    const { facts } = this.#lease;
    this.#lease.kept = true;
    this.#context.changed();
    if (facts.leaseId !== undefined) this.#context.ledger?.change(facts.leaseId, { kept: true });
    return this;
  }

  /**
   * Stops the session at the end of an `await using` scope, unless it was kept or is already over. Tries for 15 s; background work then
   * completes the proof.
   *
   * @throws OctaSessionError with its UUID (`reason: 'not-stopped'`), if there is neither a response nor a proof.
   */
  async [asyncDispose](): Promise<void> {
    const { kept, isOver } = this.#lease;
    if (kept || isOver) return;
    const { ended, hold } = this.caller;
    // If the client is closed meanwhile, it waits for this stop.
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

makeStrict(SessionResource.prototype, 'session', ['watch', 'followLogs', 'guard', 'keep']);
