/** Sessions of another program with the same account. */
import { anId, anObject, type Check, check, checkFields, someMs } from './checks.ts';
import type { Random } from './random.ts';

/** A session of another program. */
export interface ForeignStart {
  /** Number of its node, of any kind. The node can still be rented. */
  readonly node_id: number;
  /** Its variables. Default: none. */
  readonly envs?: Readonly<Record<string, string>> | undefined;
  /** How long ago it began. Default 0. Unit: ms. */
  readonly agoMs?: number | undefined;
}

const rules = { node_id: anId, envs: anObject, agoMs: someMs } satisfies Record<keyof ForeignStart, Check>;

/** Throws OctaConfigurationError if a field is wrong. */
export function checkForeign(given: ForeignStart): void {
  checkFields('startForeign()', given, rules);
  check('startForeign().node_id', given.node_id, anId);
}

const hourMs = 3_600_000;

/** A session of another program that runs when the world begins. */
export function seededForeign(nodeIds: readonly [number, ...number[]], random: Random): ForeignStart {
  const node_id = random.pick(nodeIds);
  const agoMs = random.integer(60_000, 48 * hourMs);
  // Some of these programs use this SDK, too.
  const envs = random.chance(0.5) ? { OCTA_LEASE_ID: random.uuid() } : { JOB: `nightly-${random.integer(1, 99)}` };
  return { node_id, agoMs, envs };
}
