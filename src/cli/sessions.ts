/** `octaspace sessions`: lists the active sessions. */
import { formatOcta, toJson } from '../index.ts';
import { readableLine } from '../readable.ts';
import { accountClient, counted, shownSession } from './account.ts';
import { commonOptions, readOptions, type Syntax } from './arguments.ts';
import { type CommandIo, exitCodes, paintFor, tell, writeLines } from './io.ts';

/** Help text of `octaspace sessions`. */
export const sessionsUsage = `octaspace sessions: lists the active sessions of the account. It changes nothing.

  --json             prints a JSON array
  --help             this text

Environment: OCTA_API_KEY is the API key, OCTA_BASE_URL another base URL of the API, OCTA_LEASE_VARIABLE the option
leaseVariable of your programs, if they set it.
Exit code: 0 success, even if nothing runs; 1 the API could not be read; 2 misuse.`;

const syntax: Syntax = { command: 'sessions', options: commonOptions };

/** Decimals of an amount of OCTA. */
const octaDigits = 4;
const secondsPerHour = 3_600;
const columns = ['UUID', 'SERVICE', 'NODE', 'RUNS FOR', 'COST', 'LEASE'] as const;

/** Formats a duration, such as 2:05:09. */
function lasting(seconds: number | undefined): string {
  if (seconds === undefined) return '';
  const whole = Math.floor(seconds);
  const parts = [Math.floor(whole / secondsPerHour), Math.floor((whole % secondsPerHour) / 60), whole % 60];
  return parts.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, '0'))).join(':');
}

function cellsOf({ uuid, service, node_id, duration, charge_amount, lease_id }: ReturnType<typeof shownSession>) {
  const cost = charge_amount === undefined ? '' : `${formatOcta(charge_amount, octaDigits)} OCTA`;
  return [uuid, service || 'vpn', String(node_id ?? ''), lasting(duration), cost, lease_id ?? ''];
}

/** Lists the active sessions. Throws Misuse. */
export async function sessions(given: readonly string[], io: CommandIo): Promise<number> {
  readOptions(given, syntax);
  const client = accountClient(io);
  const active = (await client.sessions.list({ signal: io.signal })).map((session) => shownSession(session, io));
  if (io.json) {
    writeLines(io.stdout, readableLine(toJson(active)));
    return exitCodes.ok;
  }
  const paint = paintFor(io);
  const rows = active.map((each) => cellsOf(each).map((cell) => readableLine(String(cell))));
  const widths = columns.map((name, at) => Math.max(name.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd();
  if (rows.length > 0) writeLines(io.stdout, paint('grey', line(columns)), ...rows.map(line));
  tell(io, `${counted(rows.length, 'session')} running`);
  return exitCodes.ok;
}
