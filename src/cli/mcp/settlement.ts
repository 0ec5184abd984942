/** Finds the final charge of a session in the lists of the API. */
import type { OctaClient, Session } from '../../index.ts';

/** A session, or the start of one. */
export interface Settled {
  /** Lease id, which is the mark of its session. */
  readonly id: string;
  readonly uuids: readonly string[];
}

/** What reads the lists. */
export interface Books {
  readonly client: OctaClient;
  /** The variable that holds the mark of a session. */
  readonly variable: string;
}

/** Finds the sessions of a start. */
function matcher({ id, uuids }: Settled, variable: string): (session: Session) => boolean {
  const keys = new Set(uuids);
  return ({ uuid, user_envs = {} }) => keys.has(uuid.toLowerCase()) || user_envs[variable] === id;
}

/** The total charge of the sessions of a start; undefined while one runs, or if the lists do not show it. Unit: Wei. */
export async function finalCharge({ client, variable }: Books, settled: Settled): Promise<bigint | undefined> {
  // Read the active list first: a session that ends between the two requests is in the recent list.
  const active = await client.sessions.list();
  const recent = await client.sessions.list({ recent: true });
  const isOurs = matcher(settled, variable);
  if (active.some(isOurs)) return undefined;
  const ended = new Map(recent.filter(isOurs).map((session) => [session.uuid.toLowerCase(), session.charge_amount]));
  const charges = [...ended.values()];
  const isComplete = ended.size > 0 && settled.uuids.every((uuid) => ended.has(uuid));
  if (!isComplete || charges.includes(undefined)) return undefined;
  return charges.reduce((total: bigint, charge) => total + (charge ?? 0n), 0n);
}
