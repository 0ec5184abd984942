/** Jobs on simulated machines, with commands that the test provides. */
import { toBase64 } from '../base64.ts';
import type { Clock } from '../clock.ts';
import { isRecord } from '../codec/record.ts';
import type { Era } from './era.ts';
import { type ScriptedJob, unwrap } from './job-script.ts';
import type { Session } from './session.ts';

/** The container that a simulated command runs in. */
export interface SimulatedContainer {
  /** Files of the job: contents by path. Files that the command adds here can be results. */
  readonly files: Map<string, Uint8Array>;
  /** Variables of the container by name, without those that the SDK uses for the job. */
  readonly envs: Readonly<Record<string, string>>;
  /** Aborted when the session ends before the command. */
  readonly signal: AbortSignal;
  /** Waits in virtual time. Rejects when the session ends. Unit: ms. */
  sleep(ms: number): Promise<void>;
}

/** Runs instead of a command: each line that it yields is printed, and its return value is the exit code; undefined is 0. */
export type SimulatedCommand = (
  command: string,
  container: SimulatedContainer,
) => AsyncGenerator<string, number | undefined, void>;

/** The default if the test provides no command: prints the command, and succeeds. */
async function* echo(command: string): ReturnType<SimulatedCommand> {
  yield `$ ${command}`;
  return 0;
}

/** Longest time between two looks at a session that is not ready. Unit: ms. */
const longestLookMs = 60_000;

/** What jobs depend on. */
export interface JobWorld {
  readonly clock: Clock;
  /** Unit: Unix ms, whole. */
  now(): number;
  /** Ends with the world that the jobs are in. */
  readonly era: Era;
}

/** One job on one session. */
class RunningJob {
  readonly #session: Session;
  readonly #job: ScriptedJob;
  readonly #world: JobWorld;
  readonly #controller = new AbortController();

  constructor(session: Session, job: ScriptedJob, world: JobWorld) {
    this.#session = session;
    this.#job = job;
    this.#world = world;
    const end = () => this.#controller.abort(new Error('the session has ended'));
    const leave = world.era.onEnd(end);
    session.onEnd = () => {
      leave();
      end();
    };
  }

  /** Runs the command once the session is ready. */
  wait(command: SimulatedCommand): void {
    const { clock, now } = this.#world;
    if (this.#controller.signal.aborted) return;
    const leftMs = this.#session.readyAt - now();
    if (leftMs <= 0) void this.#run(command);
    // The client that follows the job makes time move. A job without one must not move time for ever, so this timer is a limit.
    else clock.setTimer(() => this.wait(command), Math.min(leftMs, longestLookMs), 'limit');
  }

  #print(line: string): void {
    if (!this.#controller.signal.aborted) this.#session.output += `${line}\n`;
  }

  #say(report: string): void {
    this.#print(`${this.#job.mark} ${report}`);
  }

  async #run(command: SimulatedCommand): Promise<void> {
    const { request } = this.#session;
    const { signal } = this.#controller;
    const files = new Map(this.#job.files);
    const envs = Object.entries(isRecord(request.envs) ? request.envs : {}).filter(([name]) => !/^OCTA_JOB/.test(name));
    const container: SimulatedContainer = {
      files,
      envs: Object.fromEntries(envs.map(([name, value]) => [name, String(value)])),
      signal,
      sleep: (ms) => this.#sleep(ms),
    };
    this.#say('begin');
    const code = await this.#exitCode(command, container);
    this.#report(files);
    this.#say(`exit ${code}`);
  }

  async #exitCode(command: SimulatedCommand, container: SimulatedContainer): Promise<number> {
    const running = command(this.#job.command, container);
    try {
      for (;;) {
        const { done, value } = await running.next();
        if (done) return value ?? 0;
        this.#print(value);
        if (!container.signal.aborted) continue;
        await running.return(undefined);
        return 137;
      }
    } catch (error) {
      // Like a program that crashes.
      this.#print(String(error));
      return 1;
    }
  }

  #sleep(ms: number): Promise<void> {
    const { signal } = this.#controller;
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const { clock } = this.#world;
      const end = () => {
        clock.clearTimer(timer);
        reject(signal.reason);
      };
      const timer = clock.setTimer(
        () => {
          signal.removeEventListener('abort', end);
          resolve();
        },
        ms,
        'limit',
      );
      signal.addEventListener('abort', end, { once: true });
    });
  }

  /** Reports the results as the wrapper does. */
  #report(files: ReadonlyMap<string, Uint8Array>): void {
    let { left } = this.#job;
    for (const [index, path] of this.#job.results.entries()) {
      const content = files.get(path);
      this.#say(`${index} ${content?.length ?? ''}`);
      if (content === undefined || content.length > left) continue;
      left -= content.length;
      this.#print(toBase64(content));
    }
  }
}

/** Begins the job of a session, if it was started with one. */
export function beginJob(session: Session, command: SimulatedCommand | undefined, world: JobWorld): void {
  const { envs } = session.request;
  const job = isRecord(envs) ? unwrap(envs) : undefined;
  if (job === undefined) return;
  session.output = '';
  new RunningJob(session, job, world).wait(command ?? echo);
}
