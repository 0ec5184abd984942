/** `octaspace run`: rents a machine, runs a command on it, and stops it. */
import {
  formatOcta,
  isOctaError,
  type JobOptions,
  type JobResult,
  type LogLine,
  type OctaClient,
  OctaSessionError,
  type Progress,
} from '../index.ts';
import { fileLedger, stopOnExit } from '../node/index.ts';
import { accountClient, errorText } from './account.ts';
import { Failure, Misuse } from './arguments.ts';
import { type CommandIo, exitCodes, Interruption, tell, writeJson } from './io.ts';
import { saveResult } from './job-files.ts';
import { inFlags } from './job-flags.ts';
import { type Quote, quoteFor, showQuote } from './job-quote.ts';
import { type JobRequest, readJobRequest } from './job-request.ts';
import { simulatedClient } from './job-simulate.ts';
import { report } from './report.ts';

export { jobUsage } from './job-request.ts';

/** Time between two reads of the log on a simulated market. Unit: ms. */
const simulatedPollMs = 200;
/** Time limit for looking up the charge of a session after a failure. Unit: ms. */
const chargeWithinMs = 5_000;

/** One job, from its quote to its charge. */
class JobCommand {
  readonly #client: OctaClient;
  readonly #request: JobRequest;
  readonly #io: CommandIo;
  /** The last progress line, so that no line is repeated. */
  #told = '';
  /** UUID of the session, once it is known. */
  #session: string | undefined;
  #quote: Quote | undefined;

  constructor(client: OctaClient, request: JobRequest, io: CommandIo) {
    this.#client = client;
    this.#request = request;
    this.#io = io;
  }

  /** What limits the cost, for messages; undefined for `--max-spend`. */
  get spendLimit(): string | undefined {
    const { maxSpend } = this.#request.limits;
    return this.#quote === undefined || this.#quote.atMost === maxSpend ? undefined : 'the "at most" of the quote';
  }

  /** Returns the exit code of the command. */
  async run(): Promise<number> {
    const { signal } = this.#io;
    this.#check();
    const quote = await quoteFor(this.#client, this.#request, signal);
    this.#quote = quote;
    showQuote(quote, this.#request, this.#io);
    await this.#confirm();
    // If this process dies, the reaper stops the session. The reaper cannot use a custom `fetch`.
    if (this.#request.seed === undefined && this.#io.fetch === undefined) {
      stopOnExit(this.#client, { signals: [], reaper: true });
    }
    try {
      return await this.#end(await this.#follow(quote));
    } catch (error) {
      if (error instanceof OctaSessionError) await this.#saveAnyway(error.job?.results ?? {});
      this.#tellLease(error);
      if (this.#session !== undefined && !mayRun(error)) this.#tellCharge(await this.#chargeOf(this.#session));
      throw error;
    }
  }

  /** Throws OctaConfigurationError if the order is wrong: a job that is aborted before it begins is checked, but sends nothing. */
  #check(): void {
    const { order, readyTimeoutMs, idleTimeoutMs } = this.#request;
    const options = { maxSpend: 1n, readyTimeoutMs, idleTimeoutMs, signal: AbortSignal.abort() };
    this.#client.services.mr.run({ ...order, candidates: [1] }, options).result.catch(() => undefined);
  }

  /** Throws Failure if the answer is not yes. */
  async #confirm(): Promise<void> {
    const { ask, signal } = this.#io;
    const { yes, seed } = this.#request;
    if (yes || seed !== undefined || ask === undefined) return;
    const answer = await ask('Rent it, and run the command? [y/N] ');
    signal.throwIfAborted();
    if (!/^y(?:es)?$/i.test(answer.trim())) throw new Failure('not confirmed; nothing was rented');
  }

  /** Runs the job, and writes its output as it arrives. */
  async #follow({ offers, atMost }: Quote): Promise<JobResult> {
    const { order, limits, readyTimeoutMs, idleTimeoutMs, seed } = this.#request;
    const { maxDurationMs } = limits;
    const options = {
      maxSpend: atMost,
      maxDurationMs,
      // Without a time limit, nothing else would stop a session whose charge is unknown.
      unknownCharge: maxDurationMs === undefined ? 'stop' : 'warn',
      readyTimeoutMs,
      idleTimeoutMs,
      pollIntervalMs: seed === undefined ? undefined : simulatedPollMs,
      signal: this.#io.signal,
      onProgress: (progress: Progress) => this.#progress(progress),
    } satisfies Partial<JobOptions>;
    const candidates = offers.map(({ machine }) => machine);
    const job = this.#client.services.mr.run({ ...order, candidates }, options);
    for await (const line of job) this.#write(line);
    return job.result;
  }

  #write({ source, text }: LogLine): void {
    const { stdout, json } = this.#io;
    if (source === 'system') tell(this.#io, `log: ${text}`);
    else if (json) writeJson(stdout, { event: 'output', text });
    else stdout.write(`${text}\n`);
  }

  #progress({ step, node_id, session, info, error }: Progress): void {
    this.#session = session ?? this.#session;
    const why = error === undefined ? '' : `: ${errorText(error)}`;
    const text = {
      starting: `starting on node ${node_id} …`,
      refused: `node ${node_id} refused${why}`,
      adopted: `the response to the start was lost; found session ${session}`,
      waiting:
        info === undefined ? `session ${session} cannot be read${why}` : `waiting: ${info.progress ?? 'starting'}`,
      probing: '',
      ready: `session ${session} is ready; running the command`,
      stopping: `stopping session ${session} …`,
    }[step];
    if (text === this.#told || text === '') return;
    this.#told = text;
    tell(this.#io, text, error === undefined ? 'info' : 'warn');
  }

  async #end({ exitCode, results, missing, session, durationMs, ...ended }: JobResult): Promise<number> {
    const saved = await this.#save(results);
    for (const { path, reason } of missing) {
      tell(this.#io, `result ${JSON.stringify(path)} was not received: ${reason}`, 'warn');
    }
    const charge = ended.charge ?? (await this.#chargeOf(session.uuid));
    this.#tellCharge(charge);
    if (this.#io.json) {
      const chargeWei = charge === undefined ? null : String(charge);
      const simulated = this.#request.seed !== undefined;
      const facts = { session: session.uuid, chargeWei, durationMs, results: saved, missing, simulated };
      writeJson(this.#io.stdout, { event: 'result', exitCode, ...facts });
    }
    return exitCode;
  }

  /** Writes results into this folder. Returns their paths. Throws the first error, after the others are written. */
  async #save(results: JobResult['results']): Promise<string[]> {
    const saved: string[] = [];
    const errors: unknown[] = [];
    for (const [path, content] of Object.entries(results)) {
      await saveResult(path, content).then(
        () => saved.push(path),
        (error: unknown) => errors.push(error),
      );
    }
    if (saved.length > 0) tell(this.#io, `saved ${saved.join(', ')}`);
    if (errors.length > 0) throw errors[0];
    return saved;
  }

  /** The same after a failed job. An error here is only logged, because the job's error is more important. */
  async #saveAnyway(results: JobResult['results']): Promise<void> {
    await this.#save(results).catch((error: unknown) => tell(this.#io, errorText(error), 'warn'));
  }

  /** What an ended session has cost; undefined if the API does not say. Unit: Wei. */
  async #chargeOf(uuid: string): Promise<bigint | undefined> {
    const key = uuid.toLowerCase();
    try {
      const recent = await this.#client.sessions.list({ recent: true, totalTimeoutMs: chargeWithinMs });
      return recent.find(({ uuid: other }) => other?.toLowerCase() === key)?.charge_amount;
    } catch {
      return undefined;
    }
  }

  /** Says how to find the session of a start whose outcome is unknown. */
  #tellLease(error: unknown): void {
    const { seed, ledger } = this.#request;
    if (seed !== undefined || this.#session !== undefined || !isOctaError(error)) return;
    const { leaseId, outcome, suspects = [] } = error;
    if (leaseId === undefined || outcome !== 'unknown') return;
    const found = suspects.length === 0 ? '' : `; it may be ${suspects.join(' or ')}`;
    const reap = ledger === undefined ? '' : `, or run octaspace reap --ledger ${ledger}`;
    const what = `a session with lease id ${leaseId} may run and cost money, because the outcome of its start is unknown${found}`;
    tell(this.#io, `${what}; look for it with octaspace sessions, and end it with octaspace stop UUID${reap}`, 'error');
  }

  #tellCharge(charge: bigint | undefined): void {
    const simulated = this.#request.seed === undefined ? '' : ' (simulated)';
    const text =
      charge === undefined ? 'the API does not say what the job cost' : `the job cost ${formatOcta(charge)} OCTA`;
    tell(this.#io, `${text}${simulated}`);
  }
}

function clientFor({ ledger, seed, order }: JobRequest, io: CommandIo): OctaClient | Promise<OctaClient> {
  if (seed !== undefined) {
    tell(io, 'simulated: rents nothing and costs nothing; the command runs on this computer');
    return simulatedClient(io, seed, order.results ?? []);
  }
  const onProblem = ({ message }: { readonly message: string }) => tell(io, message, 'warn');
  return accountClient(io, ledger === undefined ? undefined : fileLedger(ledger, { onProblem }));
}

/** Whether an error names a session that may still run. */
function mayRun(error: unknown): error is OctaSessionError {
  return error instanceof OctaSessionError && error.running.length > 0;
}

/** Reports why a job failed, and what to do. Returns the exit code. */
function reportFailure(error: unknown, io: CommandIo, { seed }: JobRequest): number {
  const { reason } = io.signal;
  if (mayRun(error)) {
    const advice = seed === undefined ? `; stop it with octaspace stop ${error.running.join(' ')}` : '';
    const reword = (message: string) => `${io.reword?.(message) ?? message}${advice}`;
    return report(error, { ...io, reword }, exitCodes.jobFailed);
  }
  if (reason instanceof Interruption) return report(new Failure(reason.message), io, reason.exitCode);
  return report(error, io, exitCodes.jobFailed);
}

/** Runs a command on a rented machine. Returns its exit code. Throws Misuse. */
export async function job(given: readonly string[], surroundings: CommandIo): Promise<number> {
  const request = readJobRequest(given, surroundings);
  let command: JobCommand | undefined;
  const io: CommandIo = { ...surroundings, reword: (message) => inFlags(message, command?.spendLimit) };
  if (!request.yes && request.seed === undefined && (io.ask === undefined || io.json)) {
    throw new Misuse(`cannot ask ${io.json ? 'with --json' : 'without a terminal'}; add --yes to rent without asking`);
  }
  const client = await clientFor(request, io);
  try {
    command = new JobCommand(client, request, io);
    return await command.run().finally(() => client.close());
  } catch (error) {
    return reportFailure(error, io, request);
  }
}
