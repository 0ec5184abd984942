/** The tours of the live API, which only read, and of the mock, which returns only the examples of the spec. */
import {
  type App,
  formatOcta,
  type MrMachine,
  type OctaClient,
  type SessionResource,
  sshCommand,
} from '../../src/index.ts';
import { duration, time, unknown } from './format.ts';
import { showAccount, showApps, showMachines, showNetwork, showSessions } from './looking.ts';
import { facts, print, step } from './output.ts';

function diskFor(app: App): number {
  return Math.max(20, app.extra?.min_disk_size ?? 0);
}

async function start(client: OctaClient, machine: MrMachine, app: App): Promise<SessionResource> {
  const disk_size = diskFor(app);
  step(
    `Rent node ${machine.node_id} and run ${app.name} on it`,
    'client.services.mr.start({ node_id, app, disk_size })',
  );
  const session = await client.services.mr.start({ node_id: machine.node_id, app, disk_size });
  facts([
    ['Session', session.uuid],
    ['Disk', `${disk_size} GB`],
    ['Sent', 'once; a start is not retried after it was sent, so nothing is paid for twice'],
  ]);
  return session;
}

async function showInfo(session: SessionResource): Promise<void> {
  step('The state of the session', 'session.info()');
  const info = await session.info();
  const { progress, is_ready, urls, duration: seconds, charge_amount } = info;
  facts([
    ['Progress', `${progress ?? unknown}${is_ready ? ', ready' : ', not ready yet'}`],
    ['Running for', duration(seconds)],
    ['Charged so far', charge_amount === undefined ? unknown : `${formatOcta(charge_amount)} OCTA`],
    ['SSH', sshCommand(info) ?? unknown],
    ...Object.entries(urls ?? {}).map(([port, url]) => [`Port ${port}`, url] as const),
  ]);
}

async function showLogs(session: SessionResource): Promise<void> {
  step('Its logs', 'session.logs()');
  const { system, container = '' } = await session.logs();
  for (const { ts, msg = '' } of system) print(`   ${time(ts)}  ${msg.trim().replaceAll('\n', ' / ')}`);
  for (const line of container.trim().split('\n')) print(`   > ${line}`);
}

async function stop(session: SessionResource): Promise<void> {
  step('Stop it, with a rating', 'session.stop({ score: 5 })');
  const { alreadyStopped } = await session.stop({ score: 5 });
  facts([
    ['Stopped', alreadyStopped ? 'yes, by an earlier attempt whose response was lost' : 'yes'],
    ['Sent', 'again if a response is lost: stopping twice is safe, and a session that runs on costs money'],
  ]);
}

async function rent(client: OctaClient, machine: MrMachine | undefined, app: App | undefined): Promise<void> {
  if (machine === undefined || app === undefined) throw new Error('The mock has no machine or no app.');
  const session = await start(client, machine, app);
  try {
    await showInfo(session);
    await showLogs(session);
  } finally {
    await stop(session);
  }
}

/** The read-only steps. They start, stop and change nothing. */
export async function readOnlyTour(client: OctaClient): Promise<void> {
  const marketPrice = await showNetwork(client);
  await showAccount(client, marketPrice);
  await showMachines(client);
  await showApps(client);
  await showSessions(client, marketPrice);
}

/** All steps, including a rental. Only for the mock. */
export async function wholeTour(client: OctaClient): Promise<void> {
  const marketPrice = await showNetwork(client);
  await showAccount(client, marketPrice);
  const [machine] = await showMachines(client);
  const [app] = await showApps(client);
  await rent(client, machine, app);
  // This header selects the example that the mock returns.
  await showSessions(client, marketPrice, { prefer: 'example=recent' });
}
