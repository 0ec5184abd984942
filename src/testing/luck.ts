/** Decides when the lies of a simulator apply. */
import type { LieShare, SimulatorConditions } from './conditions.ts';
import type { Random } from './random.ts';
import type { Session } from './session.ts';

/** Uses a random stream for each lie, so that one lie does not change the random numbers of another. */
export class Luck {
  readonly #lies: SimulatorConditions['lies'];
  readonly #random: Random;
  readonly #streams = new Map<string, Random>();

  constructor(lies: SimulatorConditions['lies'], random: Random) {
    this.#lies = lies;
    this.#random = random;
  }

  /** The stream of one purpose. */
  stream(purpose: string): Random {
    const known = this.#streams.get(purpose) ?? this.#random.fork(purpose);
    this.#streams.set(purpose, known);
    return known;
  }

  /** Whether a lie applies this time. */
  strikes(lie: LieShare): boolean {
    return this.#lies[lie] > 0 && this.stream(lie).chance(this.#lies[lie]);
  }

  /** Whether a lie applies to a session; always the same for the same session. */
  isAbout(lie: LieShare, uuid: string): boolean {
    return this.#lies[lie] > 0 && this.#random.fork(`${lie}/${uuid}`).chance(this.#lies[lie]);
  }

  /** Whether a session has temporarily vanished. */
  hides({ uuid, startedAt }: Session, now: number): boolean {
    if (!this.isAbout('vanishing', uuid)) return false;
    const from = startedAt + this.#random.fork(`vanishing from/${uuid}`).integer(10_000, 60_000);
    return now >= from && now < from + this.#lies.vanishForMs;
  }

  /** How long after its start a session begins. Unit: ms. */
  beginDelay(): number {
    const { lateBeginMs } = this.#lies;
    return lateBeginMs === 0 ? 0 : this.stream('lateBeginMs').integer(0, Math.floor(lateBeginMs));
  }
}
