/** What the operations work with. */
import type { Answer } from './answers.ts';
import type { World } from './world.ts';

/** A request that may be processed. */
export interface Work {
  readonly world: World;
  /** Unit: Unix ms, whole. */
  readonly now: number;
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Checked against what the operation requires. */
  readonly body: unknown;
}

/** Does what an operation does, and answers. */
export type Handler = (work: Work) => Answer | Promise<Answer>;
