/** The steps that only read. All tours use them. */
import { type App, formatOcta, type MrMachine, type OctaClient, type Session } from '../../src/index.ts';
import { count, duration, shorten, time, unknown, usd } from './format.ts';
import { facts, print, step, table } from './output.ts';

const listed = 8;

/** Shows the network. Returns the price of 1 OCTA in USD. */
export async function showNetwork(client: OctaClient): Promise<number> {
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

/** Shows the account. Returns its balance in Wei. */
export async function showAccount(client: OctaClient, marketPrice: number): Promise<bigint> {
  step('The account and its exact balance', 'client.accounts.get(), client.accounts.balance()');
  const account = await client.accounts.get();
  const { balance } = await client.accounts.balance();
  facts([
    ['Account', account.email],
    ['Balance in Wei', balance.toString()],
    ['Balance in OCTA', formatOcta(balance, 18)],
    ['Worth', usd(balance, marketPrice)],
  ]);
  const rounded = BigInt(Number(balance));
  if (rounded !== balance) print('', `   As a JavaScript number the balance would be ${rounded} Wei.`);
  return balance;
}

/** Groups equal GPUs: `2 x NVIDIA GeForce RTX 4090`. */
function gpusOf({ gpus }: MrMachine): string {
  const models = gpus.map(({ model }) => model);
  const groups = [...new Set(models)].map((model) => [models.filter((each) => each === model).length, model] as const);
  return groups.map(([number, model]) => `${number} x ${model}`).join(', ');
}

function vramOf({ gpus }: MrMachine): string {
  const gibibytes = gpus.reduce((sum, gpu) => sum + gpu.mem_total_mb, 0) / 1024;
  return `${Math.round(gibibytes)} GB`;
}

/** Shows machines with a GPU. Returns them, the cheapest first. */
export async function showMachines(client: OctaClient): Promise<MrMachine[]> {
  step('The cheapest machines with a GPU', 'client.services.mr.find({ minGpus: 1 })');
  const machines = await client.services.mr.find({ minGpus: 1 });
  table(machines.slice(0, listed), [
    { title: 'Node', show: ({ node_id }) => String(node_id), align: 'right' },
    { title: 'Where', show: ({ city, country }) => shorten(city === country ? city : `${city}, ${country}`, 28) },
    { title: 'GPUs', show: (machine) => shorten(gpusOf(machine), 40) },
    { title: 'VRAM', show: vramOf, align: 'right' },
    { title: 'Down Mbit/s', show: ({ net_down_mbits }) => net_down_mbits.toFixed(0), align: 'right' },
    { title: 'Up Mbit/s', show: ({ net_up_mbits }) => net_up_mbits.toFixed(0), align: 'right' },
    { title: 'USD per hour', show: ({ total_price_usd }) => total_price_usd?.toFixed(4) ?? unknown, align: 'right' },
  ]);
  print('', `   ${count(machines.length)} machines have a GPU. Those without a readable price are last.`);
  return machines;
}

/** Shows and returns the apps. */
export async function showApps(client: OctaClient): Promise<App[]> {
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

/** Shows and returns the sessions that ended recently. `headers` are sent with the request. */
export async function showSessions(
  client: OctaClient,
  marketPrice: number,
  headers: Readonly<Record<string, string>> = {},
): Promise<ChargedSession[]> {
  step('Recent sessions and their exact cost', 'client.sessions.list({ recent: true })');
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
  const sessions = recent.length === 1 ? '1 session' : `${recent.length} sessions`;
  print('', `   ${sessions}, ${formatOcta(total)} OCTA in total: exact, summed as bigint.`);
  return recent;
}
