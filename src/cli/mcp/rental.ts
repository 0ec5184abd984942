/** One rental of the server: a session that it rented, or a job that it runs, from its reservation to its end. */
import {
  type GuardResult,
  isOctaError,
  type JobResult,
  type LeaseOptions,
  type MrJob,
  type OctaClient,
  type OctaError,
  OctaSessionError,
  type SessionResource,
} from '../../index.ts';
import { LinePages } from './log-pages.ts';
import type { Quote } from './quotes.ts';
import { errorMessage } from './values.ts';

/** What a job runs. */
export interface JobOrder {
  readonly command: string | readonly string[];
  readonly files: Readonly<Record<string, string>>;
  readonly results: readonly string[];
}

/** What a rental needs. */
export interface RentalInit {
  readonly id: string;
  readonly quote: Quote;
  readonly job: JobOrder | undefined;
  readonly maxSpend: bigint;
  readonly maxMinutes: number;
  /** Whether the session runs on when the server ends. */
  readonly keep: boolean;
  /** Unit: Unix ms. */
  readonly startedAt: number;
  /** Called if it ends without having started anything, so that its quote can be used again. */
  readonly onNothingStarted: () => void;
}

/** Why a rental ended. */
export interface RentalEnd {
  /**
   * `done`: its command ended. `stopped`: by the agent, or because its client disconnected. `limit`: of money or time. `ended`: by itself.
   * `failed`: it could not be rented, or its command could not be run. `unproven`: it may still run.
   */
  readonly reason: 'done' | 'stopped' | 'limit' | 'ended' | 'failed' | 'unproven';
  /** A description, which may contain text of the API. */
  readonly text: string;
}

/** The result of a job that has ended. */
export interface JobOutcome extends Pick<JobResult, 'output' | 'results' | 'missing'> {
  /** Undefined if its command did not end. */
  readonly exitCode: number | undefined;
}

const minuteMs = 60_000;
/** Longest wait for a machine to become ready. Unit: ms. */
const longestReadyMs = 15 * minuteMs;

const stopped: RentalEnd = { reason: 'stopped', text: 'it was stopped' };

/** The end of a session at a limit. */
function limitText(what: string): RentalEnd {
  return { reason: 'limit', text: `it reached its limit of ${what}, so the server stopped it` };
}

/** Converts an error to the end of a rental. */
function endOf(error: unknown, wasAsked: boolean): RentalEnd {
  const text = errorMessage(error);
  if (error instanceof OctaSessionError) {
    if (error.running.length > 0) return { reason: 'unproven', text };
    if (error.reason === 'limit') return { ...limitText('money or time'), text };
    if (error.reason === 'ended' && !wasAsked) return { reason: 'ended', text };
  }
  return wasAsked ? stopped : { reason: 'failed', text };
}

/** Whether an error of a start proves that no session began. */
function startedNothing(error: unknown): error is OctaError {
  return isOctaError(error) && error.outcome !== 'unknown' && error.rolledBack === undefined;
}

/** A rental. */
export class Rental {
  readonly init: RentalInit;
  /** UUIDs of its sessions, as soon as the ledger knows them. */
  readonly uuids = new Set<string>();
  /** Lines of its job. */
  readonly lines = new LinePages();
  /** Resolves at the end. Never rejects. */
  readonly done: Promise<RentalEnd>;
  /** Resolves when its start is about to be sent, or at the end. */
  readonly begun: Promise<void>;
  /** Resolves when the session can be used, or at the end. For a job: at the end. */
  readonly ready: Promise<void>;
  state: 'starting' | 'running' | 'stopping' | 'over' = 'starting';
  /** Progress of the start, in the words of the API. */
  progress = '';
  end: RentalEnd | undefined;
  /** The error because of which nothing was started: wrong arguments, a limit, a refusal by the API, or a request that was not sent. */
  refusal: OctaError | undefined;
  /** Exact, once it is known. Unit: Wei. */
  charge: bigint | undefined;
  jobResult: JobOutcome | undefined;
  readonly #client: OctaClient;
  readonly #controller = new AbortController();
  readonly #listeners = new Set<(message: string) => void>();
  #step = '';
  #session: SessionResource | undefined;
  #job: MrJob | undefined;
  #isAsked = false;
  #isBegun: () => void = () => undefined;
  #isReady: () => void = () => undefined;
  #isStopped: () => void = () => undefined;
  /** Resolves when a stop is proven. The guard may continue for a while. */
  readonly #stopped = new Promise<void>((resolve) => {
    this.#isStopped = resolve;
  });

  constructor(client: OctaClient, init: RentalInit) {
    this.#client = client;
    this.init = init;
    this.begun = new Promise((resolve) => {
      this.#isBegun = resolve;
    });
    this.ready = new Promise((resolve) => {
      this.#isReady = resolve;
    });
    this.done = this.#run();
  }

  get uuid(): string | undefined {
    return this.#session?.uuid ?? [...this.uuids].at(-1);
  }

  /** Whether it outlives its client. A job never does, because its client could not get the result. */
  get isKept(): boolean {
    return this.init.keep && this.init.job === undefined;
  }

  /** Calls `listener` with the last step of the start, and with each further one. Returns a function that removes it. */
  onProgress(listener: (message: string) => void): () => void {
    this.#listeners.add(listener);
    if (this.#step !== '') listener(this.#step);
    return () => void this.#listeners.delete(listener);
  }

  /** Whether it is proven over. */
  get isProvenOver(): boolean {
    return this.state === 'over' && this.end?.reason !== 'unproven';
  }

  /** Stops it, and waits until it is proven over. Throws if that cannot be proven. */
  async stop(): Promise<void> {
    if (this.isProvenOver) return;
    if (this.state === 'over') return this.#stopAgain();
    this.#isAsked = true;
    this.state = 'stopping';
    if (this.#job !== undefined) await this.#job.abort();
    else if (this.#session === undefined) this.#controller.abort();
    else {
      await this.#session.stop({ verify: true }).catch((error: unknown) => {
        // Its guard continues.
        if (this.state === 'stopping') this.state = 'running';
        throw error;
      });
      this.#isStopped();
    }
    await this.done;
  }

  /** Records that the session is over, although that could not be proven at first. */
  proveOver(): void {
    this.end = stopped;
  }

  /** Stops a session that could not be stopped before. */
  async #stopAgain(): Promise<void> {
    const { services } = this.#client;
    await Promise.all([...this.uuids].map((uuid) => services.session(uuid).stop({ verify: true })));
    this.proveOver();
  }

  async #run(): Promise<RentalEnd> {
    // The caller must have the rental before anything happens.
    await undefined;
    try {
      this.end = await (this.init.job === undefined ? this.#rent() : this.#runJob(this.init.job));
    } catch (error) {
      this.end = endOf(error, this.#isAsked);
      if (error instanceof OctaSessionError) {
        if (error.session !== '') this.uuids.add(error.session.toLowerCase());
        if (error.job !== undefined) this.jobResult = { missing: [], ...error.job };
      }
      if (this.uuids.size === 0 && startedNothing(error)) {
        if (!this.#isAsked) this.refusal = error;
        this.init.onNothingStarted();
      }
    }
    this.state = 'over';
    this.#isBegun();
    this.#isReady();
    return this.end;
  }

  #options(): LeaseOptions & { readonly maxSpend: bigint; readonly maxDurationMs: number } {
    const { id, maxSpend, maxMinutes } = this.init;
    const maxDurationMs = maxMinutes * minuteMs;
    return {
      id,
      maxSpend,
      maxDurationMs,
      unknownCharge: 'stop',
      readyTimeoutMs: Math.min(maxDurationMs, longestReadyMs),
      signal: this.#controller.signal,
      onError: () => undefined,
      onProgress: ({ step, session, info }) => {
        this.#isBegun();
        if (session !== undefined) this.uuids.add(session.toLowerCase());
        this.progress = info?.progress ?? '';
        this.#step = this.progress === '' ? step : `${step}: ${this.progress}`;
        for (const listener of this.#listeners) listener(this.#step);
      },
    };
  }

  async #rent(): Promise<RentalEnd> {
    const session = await this.#rentSession();
    this.#session = session;
    this.uuids.add(session.uuid.toLowerCase());
    const [guard] = session.guards;
    // A stop was requested during the start.
    if (this.#isAsked || guard === undefined) {
      await session.stop({ verify: true });
      return this.#isAsked ? stopped : { reason: 'ended', text: 'it ended as soon as it was ready' };
    }
    if (this.isKept) session.keep();
    this.state = 'running';
    this.#isReady();
    const result = await Promise.race([guard.done, this.#stopped]);
    return result === undefined || this.#isAsked ? stopped : this.#endAtGuard(result);
  }

  #rentSession(): Promise<SessionResource> {
    const { mr, vpn, render } = this.#client.services;
    const { quote } = this.init;
    if (quote.kind === 'machine') return mr.rent(quote.order, this.#options());
    return quote.kind === 'relay' ? vpn.rent(quote.order, this.#options()) : render.rent(quote.order, this.#options());
  }

  #endAtGuard({ reason, info }: GuardResult): RentalEnd {
    if (reason === 'duration') return limitText(`${this.init.maxMinutes} minutes`);
    if (reason === 'spend') return limitText('money');
    if (reason === 'closed') return { reason: 'stopped', text: 'the server ended' };
    const code = info?.termination_reason;
    return { reason: 'ended', text: `it ended by itself${code === undefined ? '' : ` (termination_reason ${code})`}` };
  }

  async #runJob({ command, files, results }: JobOrder): Promise<RentalEnd> {
    // Only machines have containers; the tool has checked that.
    const order = this.init.quote.order as Parameters<OctaClient['services']['mr']['run']>[0];
    this.#job = this.#client.services.mr.run({ ...order, command, files, results }, this.#options());
    try {
      for await (const line of this.#job) {
        if (this.state === 'starting' && line.source === 'container') this.state = 'running';
        this.lines.add(line);
      }
    } catch {
      // The result says the same.
    }
    this.jobResult = await this.#job.result;
    return { reason: 'done', text: `its command ended with exit code ${this.jobResult.exitCode}` };
  }
}
