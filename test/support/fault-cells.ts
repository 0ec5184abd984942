/** One cell of the fault matrix: a call of one effect with one fault, the expected outcome, and the actual one. */
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { expect } from 'vitest';
import type * as sdk from '../../src/index.ts';
import {
  type FetchLike,
  OctaClient,
  type OctaClientOptions,
  OctaError,
  type OctaPromise,
  type Outcome,
  type RequestOptions,
  type RetryContext,
} from '../../src/index.ts';
import { order, testKey } from './calls.ts';
import { type Fault, type FaultServer, serveFaults } from './fault-server.ts';

/** The effect of an operation, according to the API description. */
export type Effect = 'read' | 'disruptive' | 'billable' | 'idempotent';

/** Sends one call. */
export type Sending = (client: OctaClient, options?: RequestOptions) => OctaPromise<unknown>;

/** A call of each effect, with its name for titles. */
const calls: Readonly<Record<Effect, readonly [name: string, send: Sending]>> = {
  read: ['a read', (client, options) => client.accounts.balance(options)],
  disruptive: ['a reboot', (client, options) => client.nodes.reboot(7, options)],
  billable: ['a start', (client, options) => client.services.mr.start(order, options)],
  idempotent: ['a stop', (client, options) => client.services.session('u-1').stop(options)],
};

/** All calls, in the order of the matrix. */
const effects: readonly Effect[] = ['read', 'disruptive', 'billable', 'idempotent'];

/** The effects that must not happen twice. */
export const onceOnlyEffects: readonly Effect[] = ['disruptive', 'billable'];

/** Name of a class that the SDK throws. */
export type ErrorName = Extract<keyof typeof sdk, `Octa${string}Error`>;

/** A call of each effect with its name, for tables. */
export const callTable = effects.map((effect) => [...calls[effect], effect] as const);

/** How a call ends. */
export interface Cell {
  readonly ends: 'ok' | ErrorName;
  /** Undefined for a call that succeeds. */
  readonly outcome: Outcome | undefined;
  readonly attempts: number;
  /** How often any server of the cell received the whole request. */
  readonly seen: number;
  readonly stoppedBy: sdk.RetryLimit | undefined;
}

/** A cell, or several if the outcome is random. */
export type Cells = Cell | readonly Cell[];

/** One row of the matrix. */
export interface Row {
  readonly number: number;
  /** Each host with the faults of its requests, in order; the last fault applies to all later ones. */
  readonly hosts: readonly (readonly [Fault, ...Fault[]])[];
  /** Cells by effect; some rows have only some effects. */
  readonly cells: Readonly<Partial<Record<Effect, Cells>>>;
  /** Whether a connection is used once before the call, and is still open. */
  readonly primed?: boolean;
  /** Options that differ from those of the other rows. */
  readonly options?: OctaClientOptions;
}

/** The call succeeds. */
export function ok(attempts: number, seen = attempts): Cell {
  return { ends: 'ok', outcome: undefined, attempts, seen, stoppedBy: undefined };
}

/** The call fails. More than one attempt means all allowed attempts. */
export function fails(ends: ErrorName, outcome: Outcome, attempts: number, seen = attempts): Cell {
  return { ends, outcome, attempts, seen, stoppedBy: attempts > 1 ? 'retries' : undefined };
}

/** The same for every effect. */
export function every(cells: Cells): Row['cells'] {
  return { read: cells, disruptive: cells, billable: cells, idempotent: cells };
}

/** One cell for repeatable calls, and one for the others. */
export function apart(repeatable: Cells, onceOnly: Cells): Row['cells'] {
  return { read: repeatable, disruptive: onceOnly, billable: onceOnly, idempotent: repeatable };
}

/** One cell for calls that read JSON of the response, repeatable or not, and one for those that only need success. */
export function byAnswer({ read, billable }: { read: Cells; billable: Cells }, others: Cells): Row['cells'] {
  return { read, disruptive: others, billable, idempotent: others };
}

/** Waits are short, and no time limit expires unless a row sets a short one. */
const quick = {
  retryDelayMs: 5,
  maxRetryDelayMs: 20,
  timeoutMs: 8_000,
  totalTimeoutMs: 20_000,
  logLevel: 'silent',
} as const satisfies OctaClientOptions;

/** Time for everything except waits and time limits. Unit: ms. */
const machineMs = 3_000;

/** Long enough for any further request to arrive. Unit: ms. */
const momentMs = 25;

/** Waits for that time. */
export function aMoment(): Promise<void> {
  return sleep(momentMs);
}

/** The outcome of a call. */
export interface Observed {
  readonly cell: Cell;
  readonly error: OctaError | undefined;
  /** Waits between its attempts. Unit: ms. */
  readonly waitsMs: readonly number[];
  readonly tookMs: number;
}

/** The result or error of a call, as a cell without the observations of the servers. */
export async function settle(
  call: OctaPromise<unknown>,
): Promise<Omit<Cell, 'seen'> & { error: OctaError | undefined }> {
  try {
    const { response } = await call.withResponse();
    return { ends: 'ok', outcome: undefined, attempts: response.attempts, stoppedBy: undefined, error: undefined };
  } catch (error) {
    if (!(error instanceof OctaError)) throw error;
    const { outcome, attempts, stoppedBy } = error;
    // The comparison shows whether the name is one of ours.
    return { ends: error.name as ErrorName, outcome, attempts: attempts.length, stoppedBy, error };
  }
}

/** How often the servers received a request of the call itself, without the ones that opened a connection. */
function timesSeen(servers: readonly FaultServer[]): number {
  return servers.flatMap(({ received }) => received).filter((line) => line !== 'GET /network').length;
}

/** A client of these hosts that waits little between attempts. */
export function faultClient(hosts: readonly { readonly url: string }[], options: OctaClientOptions = {}): OctaClient {
  return new OctaClient({
    ...quick,
    leaseVariable: false,
    apiKey: testKey,
    baseUrls: hosts.map(({ url }) => url),
    ...options,
  });
}

/** Executes one cell. */
export async function observe(row: Row, effect: Effect, fetch: FetchLike | undefined): Promise<Observed> {
  const servers = await Promise.all(row.hosts.map((faults) => serveFaults(...faults)));
  const waitsMs: number[] = [];
  const onRetry = ({ delayMs }: RetryContext) => void waitsMs.push(delayMs);
  const client = faultClient(servers, { ...row.options, fetch, onRetry });
  try {
    if (row.primed) {
      await client.network.get();
      // A connection is free again one turn after its response.
      await aMoment();
    }
    const [, send] = calls[effect];
    const startedAt = performance.now();
    const { error, ...settled } = await settle(send(client));
    const tookMs = performance.now() - startedAt;
    await aMoment();
    return { cell: { ...settled, seen: timesSeen(servers) }, error, waitsMs, tookMs };
  } finally {
    await client.close();
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
  }
}

/** Longest allowed duration of a call: its waits, its time limits, and the time of the machine. Unit: ms. */
function longest({ cell, waitsMs }: Observed, { options }: Row): number {
  const waited = waitsMs.reduce((sum, ms) => sum + ms, 0);
  const limits = cell.attempts * (options?.timeoutMs ?? 0);
  return Math.min(waited + limits, options?.totalTimeoutMs ?? Number.POSITIVE_INFINITY) + machineMs;
}

/** The allowed outcomes of a call; none if the row does not have the effect. */
export function cellsOf({ cells }: Pick<Row, 'cells'>, effect: Effect): readonly Cell[] {
  const given = cells[effect] ?? [];
  return 'ends' in given ? [given] : given;
}

/** Fails the test if a cell has a different outcome. */
export function expectCell(row: Row, effect: Effect, observed: Observed): void {
  const [first, ...others] = cellsOf(row, effect);
  if (others.length === 0) expect(observed.cell).toEqual(first);
  else expect([first, ...others]).toContainEqual(observed.cell);
  if (onceOnlyEffects.includes(effect)) expect(observed.cell.seen).toBeLessThanOrEqual(1);
  expect(observed.tookMs).toBeLessThan(longest(observed, row));
  expect(inspect(observed.error, { depth: 10, showHidden: true })).not.toContain(testKey);
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function sentenceOf({ ends, outcome, attempts, seen }: Cell): string {
  const how = ends === 'ok' ? 'goes well' : `fails with ${ends}, ${outcome},`;
  return `${how} at attempt ${attempts}; seen ${seen === 0 ? 'by nobody' : times(seen)}`;
}

/** The test of each cell: its title, its row and its effect. */
export function cellTests(rows: readonly Row[]): (readonly [title: string, row: Row, effect: Effect])[] {
  return rows.flatMap((row) => {
    const what = row.hosts.map((faults) => faults.map(({ name }) => name).join(' then ')).join(' beside ');
    return effects
      .filter((effect) => row.cells[effect] !== undefined)
      .map((effect) => {
        const sentences = cellsOf(row, effect).map(sentenceOf).join(', or ');
        return [`row ${row.number}: ${what}: ${calls[effect][0]} ${sentences}.`, row, effect] as const;
      });
  });
}
