/** What a test has ordered about single nodes. */
import type { SimulatedCommand } from './jobs.ts';

/** A refusal that was ordered. */
interface OrderedRefusal {
  readonly reason: string;
  left: number;
}

/** Orders about one node. */
export class NodeControls {
  readonly #refusals: OrderedRefusal[] = [];
  /** When it dies, or died; undefined: it lives. Unit: Unix ms. */
  diesAt: number | undefined;
  /** From a start until the session is ready; undefined: as the node has it. Unit: ms. */
  readyAfterMs: number | undefined;
  /** What the commands of jobs do; undefined: they are printed. */
  command: SimulatedCommand | undefined;

  refuse(reason: string, times: number): void {
    this.#refusals.push({ reason, left: times });
  }

  /** The reason of the next refusal, which is used up by it. */
  takeRefusal(): string | undefined {
    const next = this.#refusals.find(({ left }) => left > 0);
    if (next === undefined) return undefined;
    next.left--;
    return next.reason;
  }
}
