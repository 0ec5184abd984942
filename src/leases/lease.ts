/** One session that costs money: its facts, its evidence, and the listeners to changes. */
import type { RequestOptions } from '../core/option-types.ts';
import { type Evidence, firstEvidence, isOver, type Sighting, see } from './evidence.ts';
import { keyOf } from './identity.ts';

/** A kind of service. */
export type Service = 'mr' | 'render' | 'vpn';

/** The facts about a session that its start determines. */
export interface LeaseFacts {
  /** Lease id; undefined if this client neither started the session nor claimed its lease. */
  readonly leaseId?: string | undefined;
  readonly service?: Service | undefined;
  readonly nodeId?: number | undefined;
  readonly kind?: string | undefined;
  /** Headers of the start, which every request about the session repeats. */
  readonly headers?: RequestOptions['headers'];
  /** Whether the order had ports, or HTTP ports. */
  readonly ports?: boolean | undefined;
  readonly httpPorts?: boolean | undefined;
  /** When the API responded to its start. Unit: ms of the clock. */
  readonly startedAt?: number | undefined;
}

/** A request to prove the end of a session, until the signal is aborted. `tell` is called with errors. */
export interface Proof {
  readonly signal?: AbortSignal | undefined;
  readonly tell?: ((error: unknown) => void) | undefined;
}

/** One session. A client has at most one Lease for each session that it holds. */
export class Lease {
  /** The UUID in the form used for comparison. */
  readonly key: string;
  /** The UUID in the letter case that the API used last. */
  uuid: string;
  readonly facts: LeaseFacts;
  evidence: Evidence;
  /** Whether the session keeps running when its scope, client or process ends. */
  kept = false;
  /** When a stop was last sent, and whether any stop has succeeded. Unit: ms of the clock. */
  stopSentAt: number | undefined;
  stopAccepted = false;
  /** The error of the last stop; undefined while it has none. */
  stopError: unknown;
  /** Send no stop before this time: the API asked for it. Unit: ms of the clock. */
  stopNotBefore = Number.NEGATIVE_INFINITY;
  /** The proof of its end that runs in the background, if any. */
  proof: Proof | undefined;
  /** When it disappeared from the lists. Unit: ms of the clock. */
  unlistedAt: number | undefined;
  /** The amount reserved for it, if the client has `maxTotalSpend`. Unit: Wei. */
  reserved = 0n;
  /** When this client found it to be over. Unit: ms of the clock. */
  overAt: number | undefined;
  /** Whether the other letter case of the UUID was tried since the API last used one. */
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

  /** The UUID in the other letter case, for one try when the API does not find this one. */
  takeOtherSpelling(): string | undefined {
    const [lower, upper] = [this.key, this.key.toUpperCase()];
    // Without letters, or without the form of a UUID, there is no other spelling.
    if (this.otherTried || lower === upper || !/^[\da-f-]+$/.test(lower)) return undefined;
    this.otherTried = true;
    return this.uuid === lower ? upper : lower;
  }

  spelt(uuid: string): void {
    if (uuid !== this.uuid) this.otherTried = false;
    this.uuid = uuid;
  }

  /** Adds a sighting to the evidence, and notifies listeners when the session is over, or comes back. */
  see(sighting: Sighting): void {
    for (const each of [sighting.info, sighting.recent, sighting.active]) {
      if (typeof each === 'object' && keyOf(each.uuid) === this.key) this.spelt(each.uuid);
    }
    const wasOver = this.isOver;
    this.evidence = see(this.evidence, sighting);
    if (this.isOver !== wasOver) this.nudge();
  }

  /** Calls `act` whenever there is a reason to look at the session at once. Returns a function that removes it. */
  onNudge(act: () => void): () => void {
    this.#listeners.add(act);
    return () => void this.#listeners.delete(act);
  }

  nudge(): void {
    for (const act of [...this.#listeners]) act();
  }
}

/** Options with the headers of the start of a session. */
export function withHeaders<Options extends RequestOptions>(options: Options, { headers }: LeaseFacts): Options {
  // Leave headers that are not an object; the check of the call refuses them.
  if (headers === undefined || typeof (options.headers ?? {}) !== 'object') return options;
  return { ...options, headers: { ...headers, ...options.headers } };
}
