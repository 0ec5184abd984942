import type { OctaCore } from '../../core/octa-core.ts';
import { asyncDispose } from '../../disposal.ts';
import { attachJob } from '../../errors/attach.ts';
import { causeText, OctaAbortError } from '../../errors/errors.ts';
import { OctaSessionError } from '../../errors/session-error.ts';
import { followJob } from '../../jobs/follow-job.ts';
import type { JobLog, MissingResult } from '../../jobs/job-log.ts';
import type { JobOptions } from '../../jobs/job-options.ts';
import type { Order } from '../../leases/lease-options.ts';
import { contextOf } from '../../leases/leases.ts';
import type { LogLine } from '../../leases/log-lines.ts';
import { rent } from '../../leases/rent.ts';
import { SessionResource } from './session.ts';

/** How a job ended. */
export interface JobResult {
  /** Exit code of the command. Unit: none; 0 is success, 128 and more usually a signal. */
  readonly exitCode: number;
  /** Standard output and standard error of the command together; at most the last megabyte. */
  readonly output: string;
  /** The files requested with `results`: contents by path. */
  readonly results: Readonly<Record<string, Uint8Array>>;
  /** The requested files that were not returned, and why. */
  readonly missing: readonly MissingResult[];
  /** The session that it ran in. It is over. */
  readonly session: SessionResource;
  /** What the session cost; undefined if the API did not report it. Unit: Wei. */
  readonly charge: bigint | undefined;
  /** How long the session ran. Unit: ms. */
  readonly durationMs: number;
}

interface JobInit {
  readonly log: JobLog;
  readonly options: JobOptions;
}

/**
 * A command on a rented machine. Iterate over it for the lines of its log, and await `result` for its exit code. The end of an `await
 * using` scope aborts the job, unless it is done.
 *
 * @example
 * const job = client.services.mr.run(order, { maxDurationMs: 600_000 });
 * const { exitCode, output } = await job.result;
 */
export class MrJob implements AsyncIterable<LogLine> {
  /**
   * The session of the job, once it is ready. If there is none, rejects as `result` does. To end the job, call `abort`; do not stop the
   * session yourself.
   */
  readonly session: Promise<SessionResource>;
  readonly #result: Promise<JobResult>;
  readonly #controller = new AbortController();
  readonly #log: JobLog;
  /** How many callers will learn how the job ends. */
  #readers = 0;
  #isDone = false;

  /** @internal */
  constructor(core: OctaCore, order: Order, init: JobInit) {
    this.#log = init.log;
    let onSession: (session: SessionResource) => void = () => undefined;
    const session = new Promise<SessionResource>((resolve) => {
      onSession = resolve;
    });
    this.#result = this.#run(core, order, { ...init, onSession });
    this.session = Promise.race([session, this.#result.then((result) => result.session)]);
    this.session.catch(() => undefined);
    this.#result.catch((error: unknown) => {
      if (this.#readers > 0 || error instanceof OctaAbortError) return;
      contextOf(core).caller.log('warn', `a job failed, and nothing awaits its result: ${causeText(error)}`, { error });
    });
  }

  async #run(
    core: OctaCore,
    order: Order,
    { log, options, onSession }: JobInit & { readonly onSession: (session: SessionResource) => void },
  ): Promise<JobResult> {
    const context = contextOf(core);
    const { time } = context.caller;
    const { idleTimeoutMs: _, signal: given, ...leaseOptions } = options;
    const controller = this.#controller;
    const stopListening = time.onAbort(given, () => controller.abort(given?.reason));
    const use: Order['use'] = (lease, signal) => {
      onSession(new SessionResource(core, lease));
      return followJob(context, lease, { options, log, signal });
    };
    try {
      const { signal } = controller;
      const lease = await rent(context, { ...order, use }, { ...leaseOptions, signal });
      const { charge, duration } = lease.evidence;
      const durationMs = duration === undefined ? time.now() - (lease.facts.startedAt ?? 0) : duration * 1_000;
      const { exitCode = 0, ...progress } = log.progress;
      return { ...progress, exitCode, missing: log.missing, session: await this.session, charge, durationMs };
    } catch (error) {
      throw attachJob(error, log.progress);
    } finally {
      this.#isDone = true;
      log.close();
      stopListening();
    }
  }

  /**
   * How the job ended, once its session is proven over. Rejects if the machine could not be rented, or after an abort. Rejects with an
   * OctaSessionError if the session ended first (`reason: 'ended'`), reached a limit (`'limit'`), printed nothing for too long (`'idle'`),
   * did not run the command (`'not-run'`), or could not be stopped (`'not-stopped'`). `job` of the error has the output so far. If the job
   * fails before you read this or the lines, the client logs a warning.
   */
  get result(): Promise<JobResult> {
    this.#readers++;
    return this.#result;
  }

  /**
   * Ends the job: stops its session, or the rental that is in progress. Resolves once nothing of it runs. `result` then rejects with the
   * reason, by default an OctaAbortError; but if the exit code was already known, `result` resolves with it.
   *
   * @throws OctaSessionError if the session cannot be stopped (`reason: 'not-stopped'`).
   */
  async abort(reason?: unknown): Promise<void> {
    this.#controller.abort(reason);
    await this.result.catch((error: unknown) => {
      if (error instanceof OctaSessionError && error.running.length > 0) throw error;
    });
  }

  /**
   * The lines of the log: of the platform (`system`), and of the command (`container`). Ends with the job, and throws the error that
   * `result` rejects with. Leaving the loop does not end the job. Up to one megabyte of unread lines is kept.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<LogLine, void, void> {
    this.#readers++;
    try {
      yield* this.#log.read();
      await this.#result;
    } finally {
      this.#readers--;
    }
  }

  /** Aborts the job at the end of an `await using` scope, unless it is done. */
  async [asyncDispose](): Promise<void> {
    if (!this.#isDone) await this.abort();
  }
}
