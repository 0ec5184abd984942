/** What the tools work on: the API, or a simulator; with a ledger, a budget and a reaper. */
import { createHash, randomUUID } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Clock, LeaseLedger, OctaClient } from '../../index.ts';
import { fileLedger, stopOnExit } from '../../node/index.ts';
import { systemClock } from '../../system-clock.ts';
import { memoryLedger, OctaSimulator } from '../../testing/index.ts';
import { accountClient, leaseVariableOf } from '../account.ts';
import { type CommandIo, type Io, tell } from '../io.ts';
import { Budget } from './limits.ts';
import { Quotes } from './quotes.ts';
import { Rentals } from './rentals.ts';
import type { Settings } from './settings.ts';
import { fileSpendStore, memorySpendStore, type SpendStore } from './spend-store.ts';
import type { Shared } from './tool.ts';

/** What the tools work on. */
export interface Backend extends Shared {
  /** Folder of the ledger; undefined: it is in memory. */
  readonly folder: string | undefined;
}

/** What differs between the API and a simulator. */
interface World {
  readonly io: CommandIo;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly now: () => number;
  readonly ledger: LeaseLedger;
  readonly store: SpendStore;
  readonly folder: string | undefined;
  /** Creates unique ids. */
  readonly newId: () => string;
}

/** The folder for the state of programs. */
function stateFolder({ env }: Io): string {
  const home = env.HOME ?? homedir();
  if (process.platform === 'win32') return env.LOCALAPPDATA ?? join(home, 'AppData', 'Local');
  if (process.platform === 'darwin') return join(home, 'Library', 'Application Support');
  return env.XDG_STATE_HOME || join(home, '.local', 'state');
}

/** The default folder of the ledger: one for each key and API, because a ledger must not be compared with another account. */
export function defaultLedger(io: Io): string {
  const account = `${io.env.OCTA_BASE_URL?.trim() ?? ''} ${io.env.OCTA_API_KEY?.trim() ?? ''}`;
  const name = createHash('sha256').update(account).digest('hex').slice(0, 16);
  return join(stateFolder(io), 'octaspace', 'mcp', name);
}

/** A ledger that reports which session belongs to which lease. */
function observed(ledger: LeaseLedger, onSession: (leaseId: string, uuid: string) => Promise<void>): LeaseLedger {
  return {
    async put(record) {
      if ('leaseId' in record && record.uuid !== undefined) await onSession(record.leaseId, record.uuid);
      await ledger.put(record);
    },
    claim: (...given) => ledger.claim(...given),
    delete: (id) => ledger.delete(id),
    list: () => ledger.list(),
  };
}

/** Puts the parts together. */
function assemble({ io, settings, clock, now, store, folder, newId, ...world }: World): Backend {
  const note = (leaseId: string, uuid: string) => rentals.noteSession(leaseId, uuid);
  const ledger = observed(world.ledger, (leaseId, uuid) => {
    // If this fails, the session can still be found by its mark.
    return note(leaseId, uuid).catch((error: unknown) => tell(io, `cannot record session ${uuid}: ${error}`, 'warn'));
  });
  const onLateSession = ({ leaseId, session }: { leaseId: string; session: string }) => note(leaseId, session);
  const client: OctaClient = accountClient(io, ledger, { onLateSession });
  const budget = settings.limits === undefined ? undefined : new Budget(settings.limits, store, now);
  const books = { client, variable: leaseVariableOf(io) };
  const rentals: Rentals = new Rentals({ books, clock, now, budget, keep: settings.keep, newId });
  return { client, settings, clock, now, budget, rentals, quotes: new Quotes(newId, now), folder };
}

/** A simulator in place of the API. */
export function simulatedBackend(settings: Settings, io: CommandIo, given?: OctaSimulator): Backend {
  const simulator = given ?? new OctaSimulator({ seed: settings.seed, speed: 1, startedAt: Date.now() });
  let ids = 0;
  return assemble({
    io: { ...io, env: { ...io.env, OCTA_API_KEY: 'simulated', OCTA_BASE_URL: undefined }, fetch: simulator.fetch },
    settings,
    clock: simulator.clock,
    now: () => simulator.now,
    ledger: memoryLedger(),
    store: memorySpendStore(),
    folder: undefined,
    newId: () => String(++ids),
  });
}

/** The API, with a ledger in a folder, and a reaper in case this process is killed. Throws Misuse. */
export function apiBackend(settings: Settings, io: CommandIo): Backend {
  const folder = settings.ledger ?? defaultLedger(io);
  const backend = assemble({
    io,
    settings,
    clock: systemClock,
    now: Date.now,
    ledger: fileLedger(folder, { onProblem: ({ message }) => tell(io, message, 'warn') }),
    store: fileSpendStore(join(folder, 'spending')),
    folder,
    newId: randomUUID,
  });
  // The command itself handles the signals. Tests use their own `fetch`, which a reaper could not use.
  if (settings.limits !== undefined && io.fetch === undefined)
    stopOnExit(backend.client, { signals: [], reaper: true });
  return backend;
}
