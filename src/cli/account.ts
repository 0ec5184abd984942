/** What the commands about an account's sessions have in common. */
import { type LeaseLedger, type Logger, OctaClient, type Session } from '../index.ts';
import { Misuse } from './arguments.ts';
import { type Io, writeLines } from './io.ts';
import { readableLine } from './readable.ts';

/** Writes one line for a person, beside the results. */
export function tell({ stderr }: Io, text: string): void {
  writeLines(stderr, readableLine(`octaspace: ${text}`));
}

/** A client of the account that the environment names. Throws Misuse without a key. */
export function accountClient(io: Io, ledger?: LeaseLedger): OctaClient {
  const apiKey = io.env.OCTA_API_KEY?.trim();
  if (!apiKey) throw new Misuse('OCTA_API_KEY is not set; it must hold the API key of the account');
  const write = (message: string) => tell(io, message);
  const logger: Logger = { error: write, warn: write, info: write, debug: write };
  const baseUrl = io.env.OCTA_BASE_URL?.trim() || undefined;
  return OctaClient.fromEnv({ apiKey, baseUrl, fetch: io.fetch, ledger, logger });
}

/** "1 lease", "2 leases". */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** Whether sessions are of a lease, by the variable that marks them. */
function leaseIdOf({ user_envs = {} }: Session): string | undefined {
  return user_envs.OCTA_LEASE_ID || undefined;
}

/** A session without its variables, which may hold secrets. */
export function shownSession(session: Session) {
  const { uuid, service, node_id, duration, charge_amount } = session;
  return { uuid, service, node_id, duration, charge_amount, lease_id: leaseIdOf(session) };
}

/** An error in one line. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Waits; an abort cuts it short. */
export function rest(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
