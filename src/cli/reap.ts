/** `octaspace reap`: stops the sessions that dead programs have left in a ledger. */
import { statSync } from 'node:fs';
import { isOctaError, type OctaClient, OctaConfigurationError, type ReconcileResult, toJson } from '../index.ts';
import { fileLedger, type LedgerProblem } from '../node/index.ts';
import { readableLine } from '../readable.ts';
import { accountClient, counted, errorText, rest, shownSession } from './account.ts';
import {
  commonOptions,
  Misuse,
  type NumberRule,
  numberOf,
  readOptions,
  type Syntax,
  textOf,
  type Values,
} from './arguments.ts';
import { type CommandIo, exitCodes, type Io, type Paint, paintFor, tell, writeLines } from './io.ts';

/** Help text of `octaspace reap`. */
export const reapUsage = `octaspace reap: stops the sessions of dead programs that are in a ledger.
Lists sessions that are not in the ledger, and leaves them alone.

  --ledger DIR       folder of the ledger: the one passed to fileLedger()
  --watch            repeats until it gets a signal, for use as a sidecar
  --dry-run          stops and writes nothing; shows what it would stop
  --forget           deletes the records of lost starts: older than 15 minutes, without a session
  --ttl S            a program counts as dead after S seconds without a heartbeat, which it writes every 15 seconds;
                     a run takes at least S if a program is dead; default: OCTA_LEASE_TTL_MS, in milliseconds, else 60
  --force            required with a --ttl below 30: declares all programs that use the ledger dead, without waiting
  --json             prints JSON: one text, or with --watch one line per round
  --help             this text

Environment: OCTA_API_KEY is the API key, OCTA_BASE_URL another base URL of the API, OCTA_LEASE_VARIABLE the option
leaseVariable of your programs, if they set it.
Exit code: 0 all leases are settled, 1 the ledger or the API could not be read, 2 misuse, 3 a lease is unresolved,
or a file that may be a lease cannot be used.`;

const syntax: Syntax = {
  command: 'reap',
  options: {
    ledger: { type: 'string' },
    watch: { type: 'boolean' },
    'dry-run': { type: 'boolean' },
    forget: { type: 'boolean' },
    ttl: { type: 'string' },
    force: { type: 'boolean' },
    ...commonOptions,
  },
};

/** Time between two rounds of --watch. Unit: ms. */
const roundEveryMs = 15_000;

const seconds: NumberRule = { allowed: 'a number of seconds, 0 or more', fits: (value) => value >= 0 };

/** Unit of --ttl, and its smallest value without --force: `reconcile` refuses less too. Unit: ms. */
const second = 1_000;
const leastTtlMs = 30_000;

/** Value of OCTA_LEASE_TTL_MS; undefined if it is not set. Unit: ms. */
function variableTtl({ env }: Io): number | undefined {
  const variable = env.OCTA_LEASE_TTL_MS?.trim();
  if (!variable) return undefined;
  const ms = /^\d+$/.test(variable) ? Number(variable) : Number.NaN;
  if (Number.isSafeInteger(ms)) return ms;
  throw new Misuse(
    `OCTA_LEASE_TTL_MS is ${JSON.stringify(variable)}; allowed: a whole number of milliseconds, 0 or more`,
  );
}

/** Value of --ttl or OCTA_LEASE_TTL_MS; 0 with --force, undefined for the default. Unit: ms. */
function ttlOf(values: Values, io: Io): number | undefined {
  const given = numberOf(values, 'ttl', seconds);
  const ttlMs = given === undefined ? variableTtl(io) : given * second;
  const isShort = ttlMs !== undefined && ttlMs < leastTtlMs;
  if (values.force === true) {
    if (isShort) return 0;
    throw new Misuse('--force is only valid with a --ttl below 30');
  }
  // OCTA_LEASE_TTL_MS=0 means the same as --ttl 0 --force.
  if (!isShort || (given === undefined && ttlMs === 0)) return ttlMs;
  const what = given === undefined ? `OCTA_LEASE_TTL_MS=${ttlMs}` : `--ttl ${given}`;
  throw new Misuse(
    `${what} needs --force: programs write a heartbeat only every 15 seconds, so with less than 30 the sessions of running programs are stopped too`,
  );
}

function folderOf(values: Values): string {
  const folder = textOf(values, 'ledger');
  if (folder === undefined) throw new Misuse('missing --ledger; set it to the folder of the ledger');
  const found = statSync(folder, { throwIfNoEntry: false });
  // A sidecar may start before the first lease exists.
  if (found === undefined && values.watch === true) return folder;
  if (found?.isDirectory() === true) return folder;
  throw new Misuse(
    `--ledger is ${JSON.stringify(folder)}, ${found === undefined ? 'which does not exist' : 'not a folder'}`,
  );
}

/** Files that may be leases, and that the ledger cannot use now. The ledger of the client reports each file only once. */
async function unusableIn(folder: string): Promise<readonly LedgerProblem[]> {
  const problems: LedgerProblem[] = [];
  await fileLedger(folder, { onProblem: (problem) => problems.push(problem) }).list();
  return problems.filter(({ mayBeLease }) => mayBeLease);
}

/** The result of one round. */
interface Result extends ReconcileResult {
  readonly unusable: readonly LedgerProblem[];
}

type Lease = ReconcileResult['leases'][number];

const colours = {
  over: 'grey',
  stopped: 'green',
  adopted: 'green',
  owned: 'grey',
  lost: 'yellow',
  unresolved: 'red',
} as const;

function lineOf({ leaseId, uuid, verdict, error }: Lease, paint: Paint): string {
  const session = uuid === undefined ? 'no session is known' : `session ${uuid}`;
  const why = error === undefined ? [] : [errorText(error)];
  const text = [`lease ${leaseId}`, session, ...why].join('  ');
  return `${paint(colours[verdict], verdict.padEnd('unresolved'.length))}  ${readableLine(text)}`;
}

function write(io: CommandIo, { leases, unmarked, unusable }: Result, values: Values): void {
  if (!io.json) {
    const paint = paintFor(io);
    const ofOthers = unmarked.map(
      ({ uuid, node_id }) => `${paint('grey', 'not ours  ')}  ${readableLine(`session ${uuid}  node ${node_id}`)}`,
    );
    if (leases.length + unmarked.length > 0) {
      writeLines(io.stdout, ...leases.map((lease) => lineOf(lease, paint)), ...(values.watch === true ? [] : ofOthers));
    }
    return;
  }
  const shown = leases.map(({ leaseId, uuid, verdict, error }) => {
    return { leaseId, uuid, verdict, error: error === undefined ? undefined : errorText(error) };
  });
  const text = toJson(
    {
      leases: shown,
      unmarked: unmarked.map((each) => shownSession(each, io)),
      unusable: unusable.map(({ file, reason, message }) => ({ file, reason, message })),
    },
    values.watch === true ? undefined : 2,
  );
  writeLines(io.stdout, ...text.split('\n').map(readableLine));
}

/** "2 leases: 1 stopped, 1 owned; 1 file cannot be used". */
function summaryOf({ leases, unusable }: Result): string {
  const verdicts = Object.keys(colours).flatMap((verdict) => {
    const count = leases.filter((lease) => lease.verdict === verdict).length;
    return count === 0 ? [] : [`${count} ${verdict}`];
  });
  const text = [counted(leases.length, 'lease'), verdicts.join(', ')].filter(Boolean).join(': ');
  return unusable.length === 0
    ? text
    : `${text}; ${counted(unusable.length, 'file')} cannot be used, and may be a lease whose session still runs`;
}

/** Runs one round. Returns its exit code. */
async function round(
  client: OctaClient,
  io: CommandIo,
  { values, ttlMs, folder }: { values: Values; ttlMs: number | undefined; folder: string },
): Promise<number> {
  const settings = { dryRun: values['dry-run'] === true, forget: values.forget === true, ttlMs };
  const result = { ...(await client.leases.reconcile(settings)), unusable: await unusableIn(folder) };
  const isUnusable = result.unusable.length > 0;
  const isNews = isUnusable || result.leases.some(({ verdict }) => verdict !== 'owned');
  if (values.watch !== true || isNews) {
    write(io, result, values);
    tell(io, summaryOf(result));
  }
  const verdicts = result.leases.map(({ verdict }) => verdict);
  if (verdicts.includes('lost')) tell(io, 'records of lost starts are kept for 7 days, or until --forget');
  return isUnusable || verdicts.includes('unresolved') ? exitCodes.unresolved : exitCodes.ok;
}

async function watch(client: OctaClient, io: CommandIo, given: Parameters<typeof round>[2]): Promise<number> {
  let code: number = exitCodes.ok;
  while (!io.signal.aborted) {
    try {
      code = await round(client, io, given);
    } catch (error) {
      if (!isOctaError(error) || error instanceof OctaConfigurationError) throw error;
      tell(io, `this round failed; trying again in ${roundEveryMs / 1000} s: ${error.message}`, 'error');
      code = exitCodes.failed;
    }
    await rest(roundEveryMs, io.signal);
  }
  return code;
}

/** Reconciles a ledger with the API, once or repeatedly. Throws Misuse. */
export async function reap(given: readonly string[], io: CommandIo): Promise<number> {
  const values = readOptions(given, syntax);
  const ttlMs = ttlOf(values, io);
  const folder = folderOf(values);
  const ledger = fileLedger(folder, { onProblem: ({ message }) => tell(io, message, 'warn') });
  const client = accountClient(io, ledger);
  const count = (await client.leases.list()).length;
  tell(
    io,
    `${counted(count, 'lease')} in ${folder}; a program without a heartbeat for ${(ttlMs ?? 60_000) / 1000} s counts as dead`,
  );
  io.signal.addEventListener('abort', () => tell(io, 'exiting after this round; send a second signal to exit at once'));
  try {
    return await (values.watch === true ? watch : round)(client, io, { values, ttlMs, folder });
  } finally {
    await client.close();
  }
}
