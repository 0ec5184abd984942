/** Helpers that the session commands share. */
import { type LeaseLedger, OctaClient, type OctaClientOptions, type Session } from '../index.ts';
import { Misuse } from './arguments.ts';
import { type CommandIo, type Io, loggerTo } from './io.ts';

/** Creates a client from the environment. Throws Misuse if OCTA_API_KEY is missing. */
export function accountClient(io: CommandIo, ledger?: LeaseLedger, more?: OctaClientOptions): OctaClient {
  const apiKey = io.env.OCTA_API_KEY?.trim();
  if (!apiKey) throw new Misuse('OCTA_API_KEY is not set; set it to the API key of the account');
  const logger = loggerTo(io);
  const baseUrl = io.env.OCTA_BASE_URL?.trim() || undefined;
  const leaseVariable = leaseVariableOf(io);
  return OctaClient.fromEnv({ ...more, apiKey, baseUrl, fetch: io.fetch, ledger, leaseVariable, logger });
}

/** "1 lease", "2 leases". */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** The variable that holds the lease id of a session. */
export function leaseVariableOf({ env }: Io): string {
  return env.OCTA_LEASE_VARIABLE?.trim() || 'OCTA_LEASE_ID';
}

/** A session without its variables, which may hold secrets. */
export function shownSession({ uuid, service, node_id, duration, charge_amount, user_envs = {} }: Session, io: Io) {
  return { uuid, service, node_id, duration, charge_amount, lease_id: user_envs[leaseVariableOf(io)] || undefined };
}

/** Formats an error as one line. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Waits for `ms`, or until the abort. */
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
