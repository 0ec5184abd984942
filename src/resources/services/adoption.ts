/** Finding the session of a start whose answer was lost. */
import type { Session } from '../../../generated/models.ts';
import type { RequestOptions } from '../../core/option-types.ts';
import { OctaSessionError } from '../../errors/session-error.ts';
import { Deadline } from './deadline.ts';
import type { LiveSession } from './live-session.ts';
import { placeOf, type Rentals } from './rentals.ts';

/** What the session of a start looks like. */
export interface Sought {
  readonly operation: string;
  readonly service: 'mr' | 'render' | 'vpn';
  readonly node_id: number;
  /** VPN sessions: what the relay speaks. */
  readonly kind: string | undefined;
  readonly envs: Readonly<Record<string, string>>;
  /** Sessions that were there before. */
  readonly known: ReadonlySet<string>;
}

/** Whom to ask, for how long, and what other starts have got. */
export interface Search {
  readonly active: (options: RequestOptions) => PromiseLike<readonly Session[]>;
  readonly time: LiveSession['time'];
  readonly rentals: Rentals;
  /** How long a session may take to appear. Unit: ms. */
  readonly withinMs: number;
}

/** What a search has found: the session, or that there was none although it could look; else it could not even look. */
export type Found = { readonly uuid: string } | 'none' | 'not known';

/** Time between two looks, and longest wait for one answer. Unit: ms. */
const lookEveryMs = 1_000;
const oneLookMs = 5_000;

function mayBe(session: Session, { service, node_id, kind, known }: Sought, rentals: Rentals): boolean {
  const { uuid } = session;
  if (!uuid || session.node_id !== node_id || known.has(uuid) || rentals.isClaimed(uuid)) return false;
  if (session.service && session.service !== service) return false;
  return !(service === 'vpn' && kind !== undefined && session.kind && session.kind !== kind);
}

/** Whether a session has the variables of the start. The API does not always say, or not plainly, so it only tells several apart. */
function hasEnvs({ user_envs = {} }: Session, { envs }: Sought): boolean {
  return Object.entries(envs).every(([name, value]) => user_envs[name] === value);
}

function ambiguousError({ operation, node_id }: Sought, found: readonly Session[], cause: unknown): OctaSessionError {
  const running = found.map(({ uuid }) => uuid);
  return new OctaSessionError({
    message: `${operation}: the answer was lost, and more than one new session is on node ${node_id}: ${running.join(', ')}; stop those that are not yours`,
    reason: 'ambiguous',
    session: running[0] ?? '',
    running,
    cause,
  });
}

/**
 * Looks for the session that a start has brought about although its answer was lost. Asks on through faults, and past other starts
 * on the node that have no answer yet. Throws OctaSessionError when it could be more than one. Nothing ends it early: it is looked
 * for to save money.
 */
export async function findLost(sought: Sought, search: Search, lost: unknown): Promise<Found> {
  const { active, time, rentals, withinMs } = search;
  if (withinMs === 0) return 'not known';
  const deadline = new Deadline(time, withinMs);
  const lastLookMs = Math.min(lookEveryMs, withinMs / 4);
  for (;;) {
    const sessions = await Promise.resolve(active(deadline.bound({}, oneLookMs))).catch(() => undefined);
    const candidates = sessions?.filter((session) => mayBe(session, sought, rentals)) ?? [];
    const found = candidates.length > 1 ? candidates.filter((session) => hasEnvs(session, sought)) : candidates;
    const others = rentals.underWay(placeOf(sought.service, sought.node_id));
    if (found[0] !== undefined && found.length === 1 && !others) return { uuid: found[0].uuid };
    if (candidates.length > 1 && !others) throw ambiguousError(sought, candidates, lost);
    const untilLastLookMs = deadline.leftMs - lastLookMs;
    // The last look decides: that there was nothing at first says little.
    if (untilLastLookMs <= 0) return sessions !== undefined && !others ? 'none' : 'not known';
    await time.sleep(Math.min(lookEveryMs, untilLastLookMs));
  }
}
