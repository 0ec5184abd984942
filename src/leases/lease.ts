/** One session that costs money: what it is, what is known of it, and who is to be told when that changes. */
import type { RequestOptions } from '../core/option-types.ts';
import { type Evidence, firstEvidence, isOver, type Sighting, see } from './evidence.ts';
import { keyOf } from './identity.ts';

/** A kind of service. */
export type Service = 'mr' | 'render' | 'vpn';

/** What is known of a session from its start. */
export interface LeaseFacts {
  /** Id of the start; undefined for a session that was not started, or found, by this client. */
  readonly leaseId?: string | undefined;
  readonly service?: Service | undefined;
  readonly nodeId?: number | undefined;
  readonly kind?: string | undefined;
  /** Headers that it was started with; they go along with all that is asked about it. */
  readonly headers?: RequestOptions['headers'];
  /** Whether ports, or HTTP ports, were ordered. */
  readonly ports?: boolean | undefined;
  readonly httpPorts?: boolean | undefined;
  /** When its start was answered. Unit: ms of the clock. */
  readonly startedAt?: number | undefined;
}

/** Who wants the end of a session proven: as long as the signal is not aborted, and told of what goes wrong. */
export interface Proof {
  readonly signal?: AbortSignal | undefined;
  readonly tell?: ((error: unknown) => void) | undefined;
}

/** One session. There is one of each in a client, however many hold it. */
export class Lease {
  /** The form in which UUIDs are compared. */
  readonly key: string;
  /** The UUID as the API spelt it last. */
  uuid: string;
  readonly facts: LeaseFacts;
  evidence: Evidence;
  /** Whether it is to run on when whatever holds it ends. */
  kept = false;
  /** When a stop was last sent, and whether one was answered with success. Unit: ms of the clock. */
  stopSentAt: number | undefined;
  stopAccepted = false;
  /** What the last stop failed with. */
  stopError: unknown;
  /** The API asked to send no stop before. Unit: ms of the clock. */
  stopNotBefore = Number.NEGATIVE_INFINITY;
  /** For whom its end is being proven in the background; undefined when it is not. */
  proof: Proof | undefined;
  /** When a list last had no entry of it, after one that had. Unit: ms of the clock. */
  unlistedAt: number | undefined;
  /** Whether the other spelling of the UUID was tried since the API last spelt it. */
  otherTried = false;
  readonly #listeners = new Set<() => void>();

  constructor(uuid: string, facts: LeaseFacts) {
    this.key = keyOf(uuid);
    this.uuid = uuid;
    this.facts = facts;
    this.evidence = firstEvidence(facts.startedAt);
  }

  get isOver(): boolean {
    return isOver(this.evidence);
  }

  /** The other way to spell its UUID, which is worth one try when the API knows nothing of this one. */
  takeOtherSpelling(): string | undefined {
    const [lower, upper] = [this.key, this.key.toUpperCase()];
    const other = this.uuid === lower ? upper : lower;
    if (this.otherTried || other === this.uuid) return undefined;
    this.otherTried = true;
    return other;
  }

  spelt(uuid: string): void {
    if (uuid !== this.uuid) this.otherTried = false;
    this.uuid = uuid;
  }

  /** Takes in what was seen; whoever listens hears when it is over, or comes back. */
  see(sighting: Sighting): void {
    for (const each of [sighting.info, sighting.recent, sighting.active]) {
      if (typeof each === 'object' && keyOf(each.uuid) === this.key) this.spelt(each.uuid);
    }
    const wasOver = this.isOver;
    this.evidence = see(this.evidence, sighting);
    if (this.isOver !== wasOver) this.nudge();
  }

  /** Runs `act` whenever there is reason to look at it at once; gives what takes it back. */
  onNudge(act: () => void): () => void {
    this.#listeners.add(act);
    return () => void this.#listeners.delete(act);
  }

  nudge(): void {
    for (const act of [...this.#listeners]) act();
  }
}

/** Options with the headers of a session's start. */
export function withHeaders<Options extends RequestOptions>(options: Options, { headers }: LeaseFacts): Options {
  // What is no object is left for the check of the call to refuse.
  if (headers === undefined || typeof (options.headers ?? {}) !== 'object') return options;
  return { ...options, headers: { ...headers, ...options.headers } };
}
