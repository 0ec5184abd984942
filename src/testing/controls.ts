/** Settings of single nodes that a test has made. */
import type { SimulatedCommand } from './jobs.ts';

/** A refusal that a test has ordered. */
interface OrderedRefusal {
  readonly reason: string;
  left: number;
}

/** Settings of one node. */
export class NodeControls {
  readonly #refusals: OrderedRefusal[] = [];
  /** When it dies, or died; undefined: never. Unit: Unix ms. */
  diesAt: number | undefined;
  /** Time from a start until the session is ready; undefined: the default of the node. Unit: ms. */
  readyAfterMs: number | undefined;
  /** The function that runs the commands of jobs; undefined: commands are printed. */
  command: SimulatedCommand | undefined;

  refuse(reason: string, times: number): void {
    this.#refusals.push({ reason, left: times });
  }

  /** The reason of the next refusal. Counts that refusal as used. */
  takeRefusal(): string | undefined {
    const next = this.#refusals.find(({ left }) => left > 0);
    if (next === undefined) return undefined;
    next.left--;
    return next.reason;
  }
}
