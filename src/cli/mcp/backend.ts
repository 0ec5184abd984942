/** What the tools work on: the API, or a simulator; with a ledger and a reaper. */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import type { Clock, LeaseLedger, OctaClient } from '../../index.ts';
import { fileLedger, type LedgerProblem, stopOnExit } from '../../node/index.ts';
import { systemClock } from '../../system-clock.ts';
import { memoryLedger, OctaSimulator } from '../../testing/index.ts';
import { accountClient } from '../account.ts';
import { type CommandIo, type Io, tell } from '../io.ts';
import { Quotes } from './quotes.ts';
import { Rentals } from './rentals.ts';
import type { Settings } from './settings.ts';
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
  readonly checkLedger: () => void;
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
function observed(ledger: LeaseLedger, onSession: (leaseId: string, uuid: string) => void): LeaseLedger {
  return {
    async put(record) {
      if ('leaseId' in record && record.uuid !== undefined) onSession(record.leaseId, record.uuid);
      await ledger.put(record);
    },
    claim: (...given) => ledger.claim(...given),
    delete: (id) => ledger.delete(id),
    list: () => ledger.list(),
  };
}

/** Puts the parts together. */
function assemble({ io, settings, clock, now, checkLedger, folder, newId, ...world }: World): Backend {
  const { limits, keep } = settings;
  const ledger = observed(world.ledger, (leaseId, uuid) => rentals.noteSession(leaseId, uuid));
  const client: OctaClient = accountClient(io, ledger, {
    maxTotalSpend: limits?.maxTotalSpend,
    onLateSession: ({ leaseId, session }) => rentals.noteSession(leaseId, session),
  });
  const rentals: Rentals = new Rentals({ client, ledger, checkLedger, clock, now, limits, keep, newId });
  return { client, settings, clock, now, rentals, quotes: new Quotes(newId, now), folder };
}

/** What a test brings along. */
export interface SimulatedWorld extends Partial<Pick<World, 'ledger' | 'newId'>> {
  readonly simulator?: OctaSimulator | undefined;
}

/** A simulator in place of the API. */
export function simulatedBackend(settings: Settings, io: CommandIo, given: SimulatedWorld = {}): Backend {
  const simulator = given.simulator ?? new OctaSimulator({ seed: settings.seed, speed: 1, startedAt: Date.now() });
  let ids = 0;
  return assemble({
    io: { ...io, env: { ...io.env, OCTA_API_KEY: 'simulated', OCTA_BASE_URL: undefined }, fetch: simulator.fetch },
    settings,
    clock: simulator.clock,
    now: () => simulator.now,
    ledger: given.ledger ?? memoryLedger(),
    checkLedger: () => undefined,
    folder: undefined,
    newId: given.newId ?? (() => String(++ids)),
  });
}

/** A ledger in a folder. Its check throws as long as a file cannot be read that may contain an amount. */
function ledgerIn(folder: string, io: CommandIo): Pick<World, 'ledger' | 'checkLedger'> {
  const unusable: string[] = [];
  const onProblem = ({ file, reason, message }: LedgerProblem) => {
    tell(io, message, 'warn');
    if (reason !== 'foreign' && !basename(file).startsWith('beat.')) unusable.push(file);
  };
  const checkLedger = () => {
    const file = unusable.find(existsSync);
    if (file === undefined) return;
    throw new Error(`${file} cannot be used, so what was spent is unknown; delete it if you know what was spent`);
  };
  return { ledger: fileLedger(folder, { onProblem }), checkLedger };
}

/** The API, with a ledger in a folder, and a reaper in case this process is killed. Throws Misuse. */
export function apiBackend(settings: Settings, io: CommandIo): Backend {
  const folder = settings.ledger ?? defaultLedger(io);
  const backend = assemble({
    io,
    settings,
    clock: systemClock,
    now: Date.now,
    ...ledgerIn(folder, io),
    folder,
    newId: randomUUID,
  });
  // The command itself handles the signals. Tests use their own `fetch`, which a reaper could not use.
  if (settings.limits !== undefined && io.fetch === undefined)
    stopOnExit(backend.client, { signals: [], reaper: true });
  return backend;
}
