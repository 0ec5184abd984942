/** The input and the type of operation handlers. */
import type { Answer } from './answers.ts';
import type { World } from './world.ts';

/** A request that may be processed. */
export interface Work {
  readonly world: World;
  /** Unit: Unix ms, whole. */
  readonly now: number;
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The body, which is valid for the operation. */
  readonly body: unknown;
}

/** Executes an operation, and returns the response. */
export type Handler = (work: Work) => Answer | Promise<Answer>;
