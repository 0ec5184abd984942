/** The end of the server: stops its sessions, and says which. */
import { counted } from '../account.ts';
import { type CommandIo, tell } from '../io.ts';
import type { Rental } from './rental.ts';
import type { Shared } from './tool.ts';

function named(rentals: readonly Rental[]): string {
  const names = rentals.map(({ uuid, init }) => uuid ?? init.id);
  return `${counted(rentals.length, 'session')}: ${names.join(', ')}`;
}

/** Stops all sessions that are not kept, and says on standard error what it did. Returns those that may still run. */
export async function stopSessions({ rentals }: Pick<Shared, 'rentals'>, io: CommandIo): Promise<readonly Rental[]> {
  const { open } = rentals;
  const kept = open.filter(({ isKept }) => isKept);
  const ending = open.filter(({ isKept }) => !isKept);
  if (ending.length > 0) tell(io, `stopping ${named(ending)}`);
  const left = await rentals.leaveAll();
  // A start that was cancelled before it was sent has no session.
  const stopped = ending.filter((rental) => rental.uuid !== undefined && !left.includes(rental));
  if (stopped.length > 0) tell(io, `stopped ${named(stopped)}`);
  if (kept.length > 0) tell(io, `kept ${named(kept)}`);
  if (stopped.length + kept.length + left.length === 0) tell(io, 'no sessions are running');
  return left;
}
