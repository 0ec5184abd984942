/** The steps of the demo, as a user of the SDK would write them. */
import {
  type App,
  formatOcta,
  type MrMachine,
  type OctaClient,
  type Session,
  type SessionResource,
  weiToUsd,
} from '../../src/index.ts';
import { facts, print, step, table } from './output.ts';

/** Whom the steps talk to. */
interface Tour {
  readonly client: OctaClient;
  /** Whether it is the mock, which has to be told which of its examples to answer with. */
  readonly mock: boolean;
}

const unknown = '-';
const listed = 8;

function count(value: number | undefined): string {
  return value === undefined ? unknown : value.toLocaleString('en-US');
}

function usd(wei: bigint, marketPrice: number): string {
  return `${weiToUsd(wei, marketPrice).toFixed(2)} USD`;
}

function time(unixMs: number | undefined): string {
  return unixMs === undefined ? unknown : new Date(unixMs).toISOString().slice(0, 16).replace('T', ' ');
}

function duration(seconds: number | undefined): string {
  if (seconds === undefined) return unknown;
  const minutes = Math.floor(seconds / 60);
  if (minutes === 0) return `${seconds} s`;
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 3)}...`;
}

async function showNetwork({ client }: Tour): Promise<number> {
  step('The network, which needs no key', 'client.network.get()');
  const { market_price, nodes, power, marketplace } = await client.network.get();
  facts([
    ['Price of 1 OCTA', `${market_price} USD`],
    ['Nodes', `${count(nodes?.count)} in ${count(nodes?.locations)} places`],
    ['GPUs', count(power?.gpus)],
    ['Nodes rented', count(marketplace?.nodes_rented)],
    ['Nodes idle', count(marketplace?.nodes_idle)],
  ]);
  return market_price;
}

async function showAccount({ client }: Tour, marketPrice: number): Promise<void> {
  step('The account and its exact balance', 'client.accounts.get(), client.accounts.balance()');
  const account = await client.accounts.get();
  const { balance } = await client.accounts.balance();
  facts([
    ['Account', account.email],
    ['Balance in Wei', balance.toString()],
    ['Balance in OCTA', formatOcta(balance)],
    ['Worth', usd(balance, marketPrice)],
  ]);
  const rounded = BigInt(Number(balance));
  if (rounded !== balance) print('', `   As a JavaScript number the balance would be ${rounded} Wei.`);
}

type PricedMachine = MrMachine & { readonly total_price_usd: number };

/** A machine whose price is missing or unreadable is never among the cheapest. */
function hasPrice(machine: MrMachine): machine is PricedMachine {
  return machine.total_price_usd !== undefined && Number.isFinite(machine.total_price_usd);
}

/** Equal GPUs in a group: `2 x NVIDIA GeForce RTX 4090`. */
function gpusOf({ gpus }: MrMachine): string {
  const models = gpus.map(({ model }) => model);
  const groups = [...new Set(models)].map((model) => [models.filter((each) => each === model).length, model] as const);
  return groups.map(([number, model]) => `${number} x ${model}`).join(', ');
}

function vramOf({ gpus }: MrMachine): string {
  const gibibytes = gpus.reduce((sum, gpu) => sum + gpu.mem_total_mb, 0) / 1024;
  return `${Math.round(gibibytes)} GB`;
}

async function showMachines({ client }: Tour): Promise<PricedMachine | undefined> {
  step('The cheapest machines with a GPU', 'client.services.mr.available()');
  const machines = await client.services.mr.available();
  const withGpu = machines.filter(({ gpus }) => gpus.length > 0);
  const cheapest = withGpu.filter(hasPrice).sort((left, right) => left.total_price_usd - right.total_price_usd);
  table(cheapest.slice(0, listed), [
    { title: 'Node', show: ({ node_id }) => String(node_id), align: 'right' },
    { title: 'Where', show: ({ city, country }) => shorten(city === country ? city : `${city}, ${country}`, 28) },
    { title: 'GPUs', show: (machine) => shorten(gpusOf(machine), 40) },
    { title: 'VRAM', show: vramOf, align: 'right' },
    { title: 'Down Mbit/s', show: ({ net_down_mbits }) => net_down_mbits.toFixed(0), align: 'right' },
    { title: 'Up Mbit/s', show: ({ net_up_mbits }) => net_up_mbits.toFixed(0), align: 'right' },
    { title: 'USD per hour', show: ({ total_price_usd }) => total_price_usd.toFixed(4), align: 'right' },
  ]);
  const unpriced = withGpu.length - cheapest.length;
  const without =
    unpriced === 0 ? '' : `; ${unpriced} without a readable price ${unpriced === 1 ? 'is' : 'are'} left out`;
  print('', `   ${withGpu.length} of ${machines.length} machines have a GPU${without}.`);
  return cheapest[0];
}

async function showApps({ client }: Tour): Promise<App[]> {
  step('Apps that can run on them', 'client.apps.list()');
  const apps = await client.apps.list();
  table(apps.slice(0, listed), [
    { title: 'Name', show: ({ name }) => shorten(name, 30) },
    { title: 'Image', show: ({ image }) => shorten(image, 44) },
    { title: 'Ports', show: ({ ports }) => ports.join(' ') || unknown },
    { title: 'HTTP ports', show: ({ http_ports }) => http_ports.join(' ') || unknown },
  ]);
  if (apps.length > listed) print('', `   ${apps.length - listed} more are not shown.`);
  return apps;
}

type ChargedSession = Session & { readonly charge_amount: bigint };

function hasCharge(session: Session): session is ChargedSession {
  return session.charge_amount !== undefined;
}

async function showSessions({ client, mock }: Tour, marketPrice: number): Promise<void> {
  step('Recent sessions and what exactly they cost', 'client.sessions.list({ recent: true })');
  const headers = mock ? { prefer: 'example=recent' } : {};
  const recent = (await client.sessions.list({ recent: true, headers })).filter(hasCharge);
  table(recent.slice(0, listed), [
    { title: 'Session', show: ({ uuid }) => uuid.slice(0, 8) },
    { title: 'Service', show: ({ service }) => service || unknown },
    { title: 'Ended (UTC)', show: ({ finished_at }) => time(finished_at) },
    { title: 'Ran for', show: (session) => duration(session.duration), align: 'right' },
    { title: 'OCTA', show: ({ charge_amount }) => formatOcta(charge_amount, 18), align: 'right' },
    { title: 'Worth', show: ({ charge_amount }) => usd(charge_amount, marketPrice), align: 'right' },
  ]);
  const total = recent.reduce((sum, { charge_amount }) => sum + charge_amount, 0n);
  print('', `   ${recent.length} sessions, ${formatOcta(total)} OCTA together: exact, summed as bigint.`);
}

function diskFor(app: App): number {
  return Math.max(20, app.extra?.min_disk_size ?? 0);
}

async function start(client: OctaClient, machine: MrMachine, app: App): Promise<SessionResource> {
  step(`Rent node ${machine.node_id} and run ${app.name} on it`, 'client.services.mr.start({ node_id, image, ... })');
  const { image, ports, http_ports, envs = {}, start_command = '', uuid } = app;
  const container = { image, ports, http_ports, envs, start_command, app: uuid };
  const session = await client.services.mr.start({ node_id: machine.node_id, disk_size: diskFor(app), ...container });
  facts([
    ['Session', session.uuid],
    ['Disk', `${diskFor(app)} GB`],
    ['Sent', 'once; a start is never repeated by itself, so nothing is paid for twice'],
  ]);
  return session;
}

async function showInfo(session: SessionResource): Promise<void> {
  step('How the session is doing', 'session.info()');
  const { progress, is_ready, ssh_direct, urls, duration: seconds, charge_amount } = await session.info();
  const ssh = ssh_direct?.host ? `ssh -p ${ssh_direct.port} root@${ssh_direct.host}` : unknown;
  facts([
    ['Progress', `${progress ?? unknown}${is_ready ? ', ready' : ', not ready yet'}`],
    ['Running for', duration(seconds)],
    ['Charged so far', charge_amount === undefined ? unknown : `${formatOcta(charge_amount)} OCTA`],
    ['SSH', ssh],
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
    ['Stopped', alreadyStopped ? 'yes, by an earlier attempt whose answer was lost' : 'yes'],
    ['Sent', 'again if an answer is lost; stopping twice does no harm, not stopping costs money'],
  ]);
}

async function rent(client: OctaClient, machine: MrMachine | undefined, app: App | undefined): Promise<void> {
  if (machine === undefined || app === undefined)
    throw new Error('The mock offers no machine with a price, or no app.');
  const session = await start(client, machine, app);
  try {
    await showInfo(session);
    await showLogs(session);
  } finally {
    await stop(session);
  }
}

/** What reading alone can show; nothing is started, stopped or changed. */
export async function readOnlyTour(client: OctaClient): Promise<void> {
  const tour = { client, mock: false };
  const marketPrice = await showNetwork(tour);
  await showAccount(tour, marketPrice);
  await showMachines(tour);
  await showApps(tour);
  await showSessions(tour, marketPrice);
}

/** Everything, from looking around to paying the bill; for the mock only, because it rents. */
export async function wholeTour(client: OctaClient): Promise<void> {
  const tour = { client, mock: true };
  const marketPrice = await showNetwork(tour);
  await showAccount(tour, marketPrice);
  const machine = await showMachines(tour);
  const [app] = await showApps(tour);
  await rent(client, machine, app);
  await showSessions(tour, marketPrice);
}
