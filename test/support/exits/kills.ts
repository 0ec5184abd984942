/** Kills programs during a rental, and runs the command that cleans up. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileLedger } from '../../../src/node/index.ts';
import type { Built } from '../built.ts';
import { stopsOfOthers } from '../lifecycle.ts';
import { eventually, openMarket, runCommand, startPlan } from './run.ts';

/** What is left of a killed program after one run of the command. */
export interface Left {
  /** Sessions that the program began, and those of them that ran when it was killed. Unit: count. */
  readonly begun: number;
  readonly ranOn: number;
  readonly running: readonly string[];
  /** Stops of sessions of others. Unit: count. */
  readonly foreignStops: number;
  readonly foreignRunning: number;
  /** States of the leases that are still in the ledger. */
  readonly ledger: readonly string[];
  readonly code: number | null;
  readonly told: string;
}

/** Kills one program at a given time after it was ready. */
export async function killAfter(built: Built, ms: number): Promise<Left> {
  const folder = await mkdtemp(join(tmpdir(), 'octaspace-killed-'));
  await using market = await openMarket({
    switches: { readyAfterMs: 30, startDelayMs: 20, stopDelayMs: 20, listLagMs: 40 },
  });
  market.startForeign({ node_id: 9010, atMs: -600_000 });
  market.startForeign({ node_id: 9010, atMs: -5, envs: { OCTA_LEASE_ID: 'somebody' } });
  const program = startPlan(built, { url: market.url, state: 'loop', end: 'wait', stopOnExit: false, ledger: folder });
  await eventually(() => program.stdout().includes('ready'), 'the program to be ready');
  await sleep(ms);
  program.child.kill('SIGKILL');
  await program.closed;
  // Its last request may still be on the way to the server.
  await sleep(50);
  const ranOn = market.running('client').length;
  const given = ['reap', '--ledger', folder, '--ttl', '0', '--force', '--json'];
  const { code, stdout, stderr } = await runCommand(built, market, given);
  const records = await fileLedger(folder).list();
  await rm(folder, { recursive: true });
  return {
    begun: market.sessions.filter(({ owner }) => owner === 'client').length,
    ranOn,
    running: market.running('client'),
    foreignStops: stopsOfOthers(market),
    foreignRunning: market.running('foreign').length,
    ledger: records.flatMap((record) => ('state' in record ? [record.state] : [])),
    code,
    told: stdout + stderr,
  };
}

/** Whether no session of the program is left, and none of others was touched. */
export function isClean({ running, foreignStops, foreignRunning, ledger, code }: Left): boolean {
  // The record of a start that was never sent stays for longer.
  const isSettled = ledger.every((state) => state === 'starting') && code === (ledger.length === 0 ? 0 : 3);
  return running.length === 0 && foreignStops === 0 && foreignRunning === 2 && isSettled;
}
