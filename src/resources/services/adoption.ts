/** Finding the session of a start whose answer was lost. */
import type { Session } from '../../../generated/models.ts';
import type { RequestOptions } from '../../core/option-types.ts';
import { OctaSessionError } from '../../errors/session-error.ts';
import { mayPass } from './failures.ts';
import type { LiveSession } from './live-session.ts';
import type { Rentals } from './rentals.ts';

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

/** Time between two looks, and longest wait for one answer. Unit: ms. */
const lookEveryMs = 1_000;
const oneLookMs = 5_000;

/** Whether a session has no variable that contradicts those of the start; the API does not always say which it has. */
function mayHaveEnvs({ user_envs }: Session, envs: Readonly<Record<string, string>>): boolean {
  if (user_envs === undefined || Object.keys(user_envs).length === 0) return true;
  return Object.entries(envs).every(([name, value]) => user_envs[name] === value);
}

function mayBe(session: Session, { service, node_id, kind, envs, known }: Sought, rentals: Rentals): boolean {
  if (!session.uuid || session.node_id !== node_id || known.has(session.uuid) || rentals.isClaimed(session.uuid))
    return false;
  if (session.service && session.service !== service) return false;
  if (service === 'vpn' && kind !== undefined && session.kind && session.kind !== kind) return false;
  return mayHaveEnvs(session, envs);
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
 * The uuid of the session that a start has brought about although its answer was lost; undefined when none appears in time. Asks
 * on through faults. Throws OctaSessionError when it could be more than one. Nothing ends it early: it is looked for to save money.
 */
export async function findLost(sought: Sought, search: Search, lost: unknown): Promise<string | undefined> {
  const { active, time, rentals, withinMs } = search;
  const endsAt = time.now() + withinMs;
  for (;;) {
    try {
      const sessions = await active({ timeoutMs: oneLookMs, totalTimeoutMs: 3 * oneLookMs });
      const found = sessions.filter((session) => mayBe(session, sought, rentals));
      if (found.length > 1) throw ambiguousError(sought, found, lost);
      if (found[0] !== undefined) return found[0].uuid;
    } catch (error) {
      if (!mayPass(error)) throw error instanceof OctaSessionError ? error : lost;
    }
    if (time.now() >= endsAt) return undefined;
    await time.sleep(Math.min(lookEveryMs, endsAt - time.now()));
  }
}
