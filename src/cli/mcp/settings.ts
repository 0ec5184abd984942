/** Options of `octaspace mcp`. */
import { formatOcta } from '../../index.ts';
import {
  commonOptions,
  Misuse,
  numberOf,
  octaOf,
  portNumber,
  positiveNumber,
  readOptions,
  type Syntax,
  textOf,
  type Values,
} from '../arguments.ts';

/** What limits the sessions of the server. */
export interface Limits {
  /** Highest `max_spend_octa` of a session. Unit: Wei. */
  readonly maxSpend: bigint;
  /** What all sessions may cost within 24 hours. Unit: Wei. */
  readonly maxTotalSpend: bigint;
  /** Highest `max_minutes` of a session. */
  readonly maxMinutes: number;
  /** How many sessions may run at once. */
  readonly maxSessions: number;
}

/** The options of the command line. */
export interface Settings {
  /** The limits; undefined: the server only reads. */
  readonly limits: Limits | undefined;
  /** Whether the server has the tools for the nodes and the wallet of the account. */
  readonly isOperator: boolean;
  /** Whether rented sessions run on when their client disconnects. */
  readonly keep: boolean;
  /** After this time without a request, a client over HTTP counts as disconnected. Unit: ms. */
  readonly idleMs: number;
  /** Port for HTTP; undefined: standard input and output. */
  readonly port: number | undefined;
  /** Folder of the ledger; undefined: the default one. */
  readonly ledger: string | undefined;
  /** Seed of the simulator; undefined: the API. */
  readonly seed: string | undefined;
}

/** Help text of `octaspace mcp`. */
export const mcpUsage = `octaspace mcp: a server of the Model Context Protocol. It lets an agent find, rent and stop machines.
It uses standard input and output, or HTTP. Without --max-total-spend it only reads.

  --max-total-spend OCTA   what all its sessions may cost within 24 hours, including those before a restart
  --max-spend OCTA         what one session may cost, at most --max-total-spend, which is the default
  --max-minutes N          how long one session may run; default 60
  --max-sessions N         how many sessions may run at once; default 1
  --keep                   rented sessions run on, within their limits, when the client disconnects
  --allow operator         adds tools that operate the nodes of the account, and create wallets
  --http PORT              serves HTTP on 127.0.0.1; 0 is a free port
  --idle-minutes N         with --http: a client without a request for this long counts as disconnected; default 10
  --ledger DIR             folder of the ledger; default: one for each API key in the state folder of the user
  --simulate SEED          uses a simulated API; needs no API key, and costs nothing
  --json                   prints JSON to stderr
  --help                   this text

Needs the packages @modelcontextprotocol/sdk and zod.
Environment: OCTA_API_KEY is the API key, OCTA_BASE_URL another base URL of the API, OCTA_MCP_TOKEN the token that
clients send with --http; by default one is generated and printed.
When standard input ends, and on SIGINT, SIGTERM and SIGHUP, it stops its sessions and exits.
Exit code: 0 all its sessions are over, 1 one may still run, 2 misuse, or the port is in use.`;

const octaExample = '2.5';

const syntax: Syntax = {
  command: 'mcp',
  options: {
    http: { type: 'string' },
    ledger: { type: 'string' },
    'max-spend': { type: 'string' },
    'max-total-spend': { type: 'string' },
    'max-minutes': { type: 'string' },
    'max-sessions': { type: 'string' },
    'idle-minutes': { type: 'string' },
    allow: { type: 'string' },
    keep: { type: 'boolean' },
    simulate: { type: 'string' },
    ...commonOptions,
  },
  examples: {
    http: '4020',
    ledger: './ledger',
    'max-spend': octaExample,
    'max-total-spend': octaExample,
    'max-minutes': '60',
    'max-sessions': '2',
    'idle-minutes': '10',
    allow: 'operator',
    simulate: '1',
  },
};

const oneOrMore = {
  allowed: 'a whole number, 1 or more',
  fits: (value: number) => Number.isSafeInteger(value) && value > 0,
};
/** Longest session; a timer can run for at most 24 days. Unit: minutes. */
const mostMinutes = 20 * 24 * 60;
const someMinutes = {
  allowed: `a number of minutes above 0, at most ${mostMinutes}`,
  fits: (value: number) => value > 0 && value <= mostMinutes,
};

/** Throws Misuse if one session may cost more than all together: then the lower limit would apply, which is not what was meant. */
function checkSpend(maxSpend: bigint | undefined, maxTotalSpend: bigint): void {
  if (maxSpend === undefined || maxSpend <= maxTotalSpend) return;
  const [one, all] = [formatOcta(maxSpend), formatOcta(maxTotalSpend)];
  throw new Misuse(`--max-spend is ${one}; allowed: at most --max-total-spend, which is ${all}`);
}

function limitsOf(values: Values): Limits | undefined {
  const maxTotalSpend = octaOf(values, 'max-total-spend', octaExample);
  const maxSpend = octaOf(values, 'max-spend', octaExample);
  const maxMinutes = numberOf(values, 'max-minutes', someMinutes) ?? 60;
  const maxSessions = numberOf(values, 'max-sessions', oneOrMore) ?? 1;
  if (maxTotalSpend !== undefined) {
    checkSpend(maxSpend, maxTotalSpend);
    return { maxTotalSpend, maxSpend: maxSpend ?? maxTotalSpend, maxMinutes, maxSessions };
  }
  const idle = ['max-spend', 'max-minutes', 'max-sessions', 'keep'].find((name) => values[name] !== undefined);
  if (idle !== undefined) throw new Misuse(`--${idle} needs --max-total-spend; without it, the server rents nothing`);
  return undefined;
}

function isOperatorIn(values: Values): boolean {
  const allowed = textOf(values, 'allow');
  if (allowed === undefined) return false;
  if (allowed === 'operator') return true;
  throw new Misuse(`--allow is ${JSON.stringify(allowed)}; allowed: operator`);
}

/** Reads the command line. Throws Misuse. */
export function readSettings(given: readonly string[]): Settings {
  const values = readOptions(given, syntax);
  const port = numberOf(values, 'http', portNumber);
  const idleMinutes = numberOf(values, 'idle-minutes', positiveNumber);
  if (idleMinutes !== undefined && port === undefined) throw new Misuse('--idle-minutes is only valid with --http');
  const seed = textOf(values, 'simulate');
  const ledger = textOf(values, 'ledger');
  if (seed !== undefined && ledger !== undefined) throw new Misuse('--ledger cannot be used with --simulate');
  return {
    limits: limitsOf(values),
    isOperator: isOperatorIn(values),
    keep: values.keep === true,
    idleMs: (idleMinutes ?? 10) * 60_000,
    port,
    ledger,
    seed,
  };
}
