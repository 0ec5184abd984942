/** A whole rental on the simulator, as a user of the SDK would write it; then two things that can go wrong. */
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
  /** Ends everything; what was rented is stopped then. */
  readonly signal: AbortSignal;
  readonly machines: readonly MrMachine[];
  readonly app: App;
  /** Unit: USD per OCTA. */
  readonly marketPrice: number;
}

/** Short, for the simulator has quick seconds. Unit: ms. */
const pollIntervalMs = 1_000;
/** How many lines of the container are shown. */
const linesShown = 6;
/** For how long the charge is shown. Unit: s of the session. */
const secondsShown = 20;
/** What the session under guard may cost. Unit: Wei. */
const limit = parseOcta('0.01');

/** What a step of `rent` means. */
function meaningOf({ step, session = '', node_id, info, error }: Progress): string {
  const reason = isOctaError(error) ? error.message : '';
  if (step === 'starting') return `starting on node ${node_id}`;
  if (step === 'refused') return `node ${node_id} refused: ${reason}`;
  if (step === 'adopted') return `adopted session ${session.slice(0, 8)}, for the answer was lost (${reason})`;
  if (step === 'waiting') return info?.progress ?? `no news: ${reason}`;
  return step === 'ready' ? 'ready' : `stopping: ${reason}`;
}

function showProgress(progress: Progress): void {
  const meaning = meaningOf(progress);
  const line = `   ${Math.round(progress.elapsedMs / 1000)
    .toString()
    .padStart(3)} s   ${meaning}`;
  // What says why something went another way stays to be read.
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
  step('Its logs, as they come', 'session.followLogs()');
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

/** From the start to the stop; gives the UUID. Whatever happens in between, the end of the scope stops the session. */
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
  print('   Stopped. Had anything gone wrong before, the end of the scope would have stopped it.');
  return session.uuid;
}

/** Shows that the balance went down by what the session cost. */
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
  if (before - after !== charge) throw new Error('The balance did not go down by the charge.');
  print('', '   The two are equal, digit for digit.');
}

/** A start whose answer is lost, and then a limit that is reached. */
async function goWrong(rental: Rental, loseAnswer: () => void): Promise<void> {
  const { client, signal, marketPrice } = rental;
  step('The answer to a start is lost', 'client.services.mr.rent({ candidates, app })');
  print('   The connection breaks when the machine is rented already. Another start would rent a second one.', '');
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

/** Everything. Throws OctaAbortError when the signal ends it; nothing is left running then. */
export async function rentOn(simulator: OctaSimulator, signal: AbortSignal): Promise<void> {
  const client = new OctaClient({ apiKey: 'any-key-will-do', fetch: simulator.fetch });
  const marketPrice = await showNetwork(client);
  const before = await showAccount(client, marketPrice);
  const machines = await showMachines(client);
  const [app] = await showApps(client);
  if (app === undefined) throw new Error('The simulator offers no app.');
  const rental = { client, signal, machines, app, marketPrice };
  const uuid = await useMachine(rental);
  await settle(rental, uuid, before);
  await goWrong(rental, () => simulator.fail('startMr', { lost: 'after' }));
  const { length } = await client.sessions.list();
  print('', `That is all. Sessions still running: ${length}.`);
  await client.close();
}
