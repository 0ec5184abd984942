/** A complete rental on the simulator, as a user of the SDK would write it, and then two failures. */
import {
  type App,
  formatOcta,
  isOctaError,
  type MrMachine,
  OctaClient,
  type Progress,
  parseOcta,
  type ServiceInfo,
  type SessionResource,
  sshCommand,
} from '../../src/index.ts';
import type { OctaSimulator } from '../../src/testing/index.ts';
import { usd } from './format.ts';
import { showAccount, showApps, showMachines, showNetwork, showSessions } from './looking.ts';
import { facts, print, redraw, step } from './output.ts';

/** What the steps of the rental work with. */
interface Rental {
  readonly client: OctaClient;
  /** Ends the demo and stops its sessions. */
  readonly signal: AbortSignal;
  readonly machines: readonly MrMachine[];
  readonly app: App;
  /** Unit: USD per OCTA. */
  readonly marketPrice: number;
}

/** Time between polls, in simulated time. Unit: ms. */
const pollIntervalMs = 1_000;
/** How many lines of the container are shown. */
const linesShown = 6;
/** How long the charge is shown. Unit: s of the session. */
const secondsShown = 20;
/** What the guarded session may cost. Unit: Wei. */
const limit = parseOcta('0.01');

/** Describes a step of `rent`. */
function meaningOf({ step, session = '', node_id, info, error }: Progress): string {
  const reason = isOctaError(error) ? error.message : '';
  if (step === 'starting') return `starting on node ${node_id}`;
  if (step === 'refused') return `node ${node_id} refused: ${reason}`;
  if (step === 'adopted') return `found session ${session.slice(0, 8)}; the response to the start was lost (${reason})`;
  if (step === 'waiting') return info?.progress ?? `cannot read the session: ${reason}`;
  return step === 'ready' ? 'ready' : `stopping: ${reason}`;
}

function showProgress(progress: Progress): void {
  const meaning = meaningOf(progress);
  const line = `   ${Math.round(progress.elapsedMs / 1000)
    .toString()
    .padStart(3)} s   ${meaning}`;
  // A line with a reason stays visible.
  if (progress.step === 'refused' || progress.step === 'adopted') print(line);
  else redraw(line, meaning);
}

function showCharge({ charge_amount = 0n, duration = 0 }: ServiceInfo, marketPrice: number): void {
  const octa = formatOcta(charge_amount, 18);
  redraw(`   ${String(duration).padStart(3)} s   ${octa} OCTA   ${usd(charge_amount, marketPrice, 6)}`);
}

function rent({ client, signal, machines, app }: Rental): Promise<SessionResource> {
  const candidates = machines.slice(0, 3);
  return client.services.mr.rent({ candidates, app }, { signal, pollIntervalMs, onProgress: showProgress });
}

async function showLogs(session: SessionResource, { signal }: Rental): Promise<void> {
  step('Its logs, as they arrive', 'session.followLogs()');
  let lines = 0;
  for await (const { source, text } of session.followLogs({ signal, pollIntervalMs })) {
    print(`   ${source.padEnd(9)}   ${text}`);
    if (source === 'container') lines += 1;
    if (lines === linesShown) break;
  }
}

async function watchCharge(session: SessionResource, { signal, marketPrice }: Rental): Promise<void> {
  step('What it costs, second by second', 'session.watch()');
  const begun = (await session.info({ signal })).duration ?? 0;
  for await (const info of session.watch({ signal, pollIntervalMs })) {
    showCharge(info, marketPrice);
    if ((info.duration ?? 0) >= begun + secondsShown) break;
  }
}

/** Rents, uses and stops a session. Returns its UUID. The end of the scope stops the session after any failure. */
async function useMachine(rental: Rental): Promise<string> {
  const { app } = rental;
  step(`Rent the cheapest that does not refuse, with ${app.name}`, 'client.services.mr.rent({ candidates, app })');
  await using session = await rent(rental);
  const info = await session.info();
  print('');
  facts([
    ['Session', session.uuid],
    ['SSH', sshCommand(info) ?? 'none'],
    ...Object.entries(info.urls ?? {}).map(([port, url]) => [`Port ${port}`, url] as const),
  ]);
  await showLogs(session, rental);
  await watchCharge(session, rental);
  step('Stop it, with a rating', 'session.stop({ score: 5 })');
  await session.stop({ score: 5 });
  print('   Stopped. After a failure, the end of the scope would have stopped it.');
  return session.uuid;
}

/** Shows that the balance decreased by the charge of the session. */
async function settle({ client, marketPrice }: Rental, uuid: string, before: bigint): Promise<void> {
  const recent = await showSessions(client, marketPrice);
  const charge = recent.find((session) => session.uuid === uuid)?.charge_amount;
  step('The balance, to the Wei', 'client.accounts.balance()');
  const { balance: after } = await client.accounts.balance();
  facts([
    ['Balance before', `${formatOcta(before, 18)} OCTA`],
    ['Balance after', `${formatOcta(after, 18)} OCTA`],
    ['Before - after', `${formatOcta(before - after, 18).padStart(formatOcta(before, 18).length)} OCTA`],
    ['Charge', `${formatOcta(charge ?? 0n, 18).padStart(formatOcta(before, 18).length)} OCTA`],
  ]);
  if (before - after !== charge) throw new Error('The balance did not decrease by the charge.');
  print('', '   Both amounts are equal, digit for digit.');
}

/** Shows a start whose response is lost, and then a session that reaches its limit. */
async function goWrong(rental: Rental, loseAnswer: () => void): Promise<void> {
  const { client, signal, marketPrice } = rental;
  step('The response to a start is lost', 'client.services.mr.rent({ candidates, app })');
  print('   The connection breaks after the machine is rented. Another start would rent a second machine.', '');
  loseAnswer();
  await using session = await rent(rental);
  const active = await client.sessions.list();
  print('', `   Sessions running: ${active.length}. Nothing is lost, and nothing is paid for twice.`);

  step('A limit is reached', `session.guard({ maxSpend: parseOcta('${formatOcta(limit)}') })`);
  using guard = session.guard({ maxSpend: limit });
  for await (const info of session.watch({ signal, pollIntervalMs })) showCharge(info, marketPrice);
  const { reason } = await guard.done;
  const recent = await client.sessions.list({ recent: true });
  const charge = recent.find(({ uuid }) => uuid === session.uuid)?.charge_amount ?? 0n;
  print(
    '',
    `   The guard stopped the session (${reason}) at ${formatOcta(charge, 18)} of ${formatOcta(limit, 18)} OCTA.`,
  );
}

/** Runs all steps. Throws OctaAbortError after an abort of the signal; then no session runs. */
export async function rentOn(simulator: OctaSimulator, signal: AbortSignal): Promise<void> {
  const client = new OctaClient({ apiKey: 'any-key-will-do', fetch: simulator.fetch });
  const marketPrice = await showNetwork(client);
  const before = await showAccount(client, marketPrice);
  const machines = await showMachines(client);
  const [app] = await showApps(client);
  if (app === undefined) throw new Error('The simulator has no app.');
  const rental = { client, signal, machines, app, marketPrice };
  const uuid = await useMachine(rental);
  await settle(rental, uuid, before);
  await goWrong(rental, () => simulator.fail('startMr', { lost: 'after' }));
  const { length } = await client.sessions.list();
  print('', `The demo is complete. Sessions still running: ${length}.`);
  await client.close();
}
