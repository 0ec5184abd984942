/** `octaspace mcp`: a server of the Model Context Protocol. */
import { isOctaError } from '../../index.ts';
import { counted, errorText, rest } from '../account.ts';
import { type CommandIo, exitCodes, tell } from '../io.ts';
import { apiBackend, type Backend, simulatedBackend } from './backend.ts';
import type { Rental } from './rental.ts';
import { loadSdk } from './sdk.ts';
import { serveHttp } from './serve-http.ts';
import { serveStdio } from './serve-stdio.ts';
import { readSettings } from './settings.ts';

/** Time between two searches for leases of dead servers. Unit: ms. */
const reconcileEveryMs = 60_000;
/** Time limit for closing the server after its sessions were stopped. Unit: ms. */
const closeWithinMs = 10_000;

/** Until the signal, stops sessions of dead servers in the ledger, and enforces the limits of kept sessions. */
async function reconcileOthers({ client, rentals }: Backend, io: CommandIo, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const leases = await client.leases.list();
      const own = new Set(rentals.all.map(({ init }) => init.id));
      if (leases.some(({ leaseId }) => !own.has(leaseId))) {
        const { leases: settled } = await client.leases.reconcile();
        const stopped = settled.filter(({ verdict }) => verdict === 'stopped').length;
        if (stopped > 0) tell(io, `stopped ${counted(stopped, 'session')} of dead servers`);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!isOctaError(error)) throw error;
      tell(
        io,
        `cannot reconcile the ledger; trying again in ${reconcileEveryMs / 1_000} s: ${errorText(error)}`,
        'warn',
      );
    }
    await rest(reconcileEveryMs, signal);
  }
}

/** Aborted by the signal of the command, and at the end of the server. */
function endingOf(io: CommandIo): AbortController {
  const ending = new AbortController();
  const end = () => ending.abort();
  if (io.signal.aborted) end();
  io.signal.addEventListener('abort', end, { once: true });
  return ending;
}

function greet({ settings, folder }: Backend, io: CommandIo): void {
  if (settings.seed !== undefined) tell(io, 'simulated: rents nothing and costs nothing');
  if (folder !== undefined && settings.limits !== undefined) tell(io, `the ledger is ${folder}`);
  if (settings.limits === undefined) tell(io, 'read-only; to rent, start it with --max-total-spend');
}

/** Closes the client, which stops all sessions that are neither kept nor over. */
async function close({ client }: Backend): Promise<void> {
  const patience = new AbortController();
  const closing = client.close({ stopSessions: true }).catch(() => undefined);
  await Promise.race([closing, rest(closeWithinMs, patience.signal)]);
  patience.abort();
}

/** Serves until the client disconnects, or the signal. Throws Misuse. */
export async function mcp(given: readonly string[], surroundings: CommandIo): Promise<number> {
  const settings = readSettings(given);
  const sdk = await loadSdk();
  const ending = endingOf(surroundings);
  const io: CommandIo = { ...surroundings, signal: ending.signal };
  const backend = settings.seed === undefined ? apiBackend(settings, io) : simulatedBackend(settings, io);
  greet(backend, io);
  const isGuarding = settings.seed === undefined && settings.limits !== undefined;
  const upkeep = isGuarding ? reconcileOthers(backend, io, ending.signal) : Promise.resolve();
  let left: readonly Rental[] = [];
  try {
    left = await (settings.port === undefined ? serveStdio : serveHttp)(sdk, backend, io);
  } finally {
    ending.abort();
    await close(backend);
    await Promise.race([upkeep, rest(1_000, new AbortController().signal)]);
  }
  if (left.length === 0) return exitCodes.ok;
  tell(
    io,
    `${counted(left.length, 'session')} may still run: ${left.map(({ uuid, init }) => uuid ?? init.id).join(', ')}`,
    'error',
  );
  return exitCodes.failed;
}
