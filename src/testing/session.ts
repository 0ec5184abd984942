/** One rental over time. Its state is calculated for a given time, without timers. */
import { isRecord } from '../codec/record.ts';
import type { NodeRecord } from './catalogue.ts';
import type { Random } from './random.ts';

/** The kind of service of a session. */
export type SimulatedService = 'mr' | 'vpn' | 'render';

/** How a session ended, as the API reports it: stopped, its node died, or the balance ran out. */
export const terminationReasons = { stopped: 0, died: 2, exhausted: 3 } as const;

/** Quirks in the entries of one session. */
export interface SessionOddities {
  /** Its charge is text. */
  readonly textCharge: boolean;
  /** VPN sessions: its `service` is empty while it runs. */
  readonly noService: boolean;
  /** Machines: only its `progress` shows that it is ready. */
  readonly noReadiness: boolean;
  /** Its termination reason is text. */
  readonly textReason: boolean;
  /** If it is stopped before it is ready, the response has no body. */
  readonly emptyStop: boolean;
  /** If it is stopped before it is ready, its entry has no node afterwards. */
  readonly noNode: boolean;
  /** If it is stopped before it is ready, its entry has no termination reason afterwards. */
  readonly noReason: boolean;
}

/** The oddities of one session, from its own random stream; none without `quirks`. */
export function odditiesFor(service: SimulatedService, random: Random, quirks: boolean): SessionOddities {
  const chance = (share: number) => random.chance(share) && quirks;
  return {
    textCharge: chance(0.5),
    noService: chance(0.5) && service === 'vpn',
    noReadiness: chance(0.3) && service === 'mr',
    textReason: chance(0.3),
    emptyStop: chance(0.5),
    noNode: chance(0.5),
    noReason: chance(0.5),
  };
}

/** The facts that a session is created with. */
export interface SessionInit {
  readonly uuid: string;
  readonly service: SimulatedService;
  readonly node: NodeRecord;
  /** Unit: Unix ms, whole. */
  readonly startedAt: number;
  /** Time from the start until it is ready; infinite: never. Unit: ms. */
  readonly readyAfterMs: number;
  /** The body of its start. */
  readonly request: Readonly<Record<string, unknown>>;
  readonly oddities: SessionOddities;
  /** Whether another program started it. */
  readonly foreign: boolean;
}

/** The progress texts, each with the share of the time until readiness after which it begins. */
const stages: readonly (readonly [share: number, progress: string])[] = [
  [0, 'queued'],
  [0.1, 'preparing'],
  [0.3, 'pulling image'],
  [0.7, 'configuring'],
];
/** How long the stages of a session that is never ready take. Unit: ms. */
const neverReadyMs = 30_000;
const msInSecond = 1000;
const secondsInHour = 3600n;

/** One session. */
export class Session {
  readonly uuid: string;
  readonly service: SimulatedService;
  readonly node: NodeRecord;
  readonly startedAt: number;
  readonly request: Readonly<Record<string, unknown>>;
  readonly oddities: SessionOddities;
  readonly priceWeiPerHour: bigint;
  readonly foreign: boolean;
  /** Whether any response has shown its UUID to a client. */
  shown = false;
  /** Until when stops have no effect; undefined until the first stop. Unit: Unix ms. */
  stopsIgnoredUntil: number | undefined;
  /** The output of its job; undefined if it has no job. */
  output: string | undefined;
  /** Called when it ends. */
  onEnd: () => void = () => undefined;
  #readyAfterMs: number;
  #finishedAt: number | undefined;
  #terminationReason: number | undefined;
  #score: number | undefined;

  constructor(init: SessionInit) {
    this.uuid = init.uuid;
    this.service = init.service;
    this.node = init.node;
    this.startedAt = init.startedAt;
    this.request = init.request;
    this.oddities = init.oddities;
    this.foreign = init.foreign;
    this.priceWeiPerHour = init.node.priceWeiPerHour;
    this.#readyAfterMs = init.readyAfterMs;
  }

  /** When it ended; undefined while it runs. Unit: Unix ms. */
  get finishedAt(): number | undefined {
    return this.#finishedAt;
  }

  get terminationReason(): number | undefined {
    return this.#terminationReason;
  }

  get score(): number | undefined {
    return this.#score;
  }

  /** The mark in its variables; undefined if there is none. */
  get leaseId(): string | undefined {
    const { envs } = this.request;
    const mark = isRecord(envs) ? envs.OCTA_LEASE_ID : undefined;
    return typeof mark === 'string' ? mark : undefined;
  }

  /** When it is ready; infinite: never. Unit: Unix ms. */
  get readyAt(): number {
    return this.startedAt + this.#readyAfterMs;
  }

  isReady(now: number): boolean {
    return now < (this.#finishedAt ?? Number.POSITIVE_INFINITY) && now >= this.readyAt;
  }

  /** Changes when it becomes ready, unless it is already ready. It cannot become ready in the past. */
  setReadyAfter(ms: number, now: number): void {
    if (!this.isReady(now)) this.#readyAfterMs = Math.max(ms, now - this.startedAt);
  }

  end(at: number, reason: number, score: number | undefined): void {
    this.#finishedAt = at;
    this.#terminationReason = reason;
    this.#score = score;
    this.onEnd();
  }

  /** Whole seconds that it has run and that are charged. */
  secondsAt(now: number): number {
    const end = Math.min(now, this.#finishedAt ?? Number.POSITIVE_INFINITY);
    return Math.max(0, Math.floor((end - this.startedAt) / msInSecond));
  }

  /** Charge up to a time. Unit: Wei. */
  chargeAt(now: number): bigint {
    return (this.priceWeiPerHour * BigInt(this.secondsAt(now))) / secondsInHour;
  }

  /** Progress texts so far, each with the time of its beginning. Unit: Unix ms. */
  progressUntil(now: number): { readonly at: number; readonly progress: string }[] {
    const until = Math.min(now, this.#finishedAt ?? Number.POSITIVE_INFINITY);
    const length = Number.isFinite(this.#readyAfterMs) ? this.#readyAfterMs : neverReadyMs;
    const reached = stages.map(([share, progress]) => ({
      at: this.startedAt + Math.floor(share * length),
      progress: this.service !== 'mr' && progress === 'pulling image' ? 'starting' : progress,
    }));
    const ready = { at: Math.ceil(this.readyAt), progress: 'service configured' };
    return [...reached, ready].filter(({ at }) => at <= until);
  }

  /** The progress text at a time. */
  progressAt(now: number): string {
    return this.progressUntil(now).at(-1)?.progress ?? 'queued';
  }
}
