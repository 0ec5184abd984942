/** The tool that checks an offer. */
import {
  getNetwork,
  listApps,
  listMrMachines,
  listRenderMachines,
  listSessions,
  listVpnNodes,
} from '../../../generated/operations.ts';
import type { MrMachine, OctaClient, RenderMachine } from '../../index.ts';
import { costFor, freeDiskGb, hasDisk, type MachinePrice, priceWithDisk } from '../machine-price.ts';
import { budgetOf, budgetSchema } from './budget-shown.ts';
import { priceSchema, shownPrice } from './prices.ts';
import { type Order, quoteValidMs } from './quotes.ts';
import type { Zod } from './sdk.ts';
import { type Tool, type ToolCall, tool } from './tool.ts';
import { amountSchema, known, rounded, someAmount } from './values.ts';

/** Disk of an order that does not name one. Unit: GB. */
const defaultDisk = 10;

/** What quote takes. */
function quoteInput(z: Zod) {
  const port = z.number().int().min(1).max(65_535);
  return {
    kind: z.enum(['machine', 'relay', 'render_node']).describe('What the node is.'),
    node_id: z.number().int().min(0).describe('The node, from find_machines, find_relays or find_render_nodes.'),
    image: z.string().min(1).max(300).optional().describe('Machines: Docker image to run, such as "ubuntu:24.04".'),
    app_uuid: z
      .string()
      .min(1)
      .max(100)
      .optional()
      .describe('Machines: app to run instead of an image, from list_apps.'),
    disk_gb: z
      .number()
      .int()
      .min(1)
      .max(100_000)
      .optional()
      .describe('Machines and render nodes: disk to rent. Default 10, or the minimum of the app. Unit: GB.'),
    ports: z.array(port).max(32).optional().describe('Machines: TCP and UDP ports to open.'),
    http_ports: z.array(port).max(32).optional().describe('Machines: HTTP ports to open; each gets a URL.'),
    envs: z
      .record(z.string(), z.string())
      .optional()
      .describe(
        'Machines: environment variables. They are not secret: everyone who can see the session can read them.',
      ),
    start_command: z
      .string()
      .max(16_000)
      .optional()
      .describe('Machines: command of the container. For a command that ends, use run.'),
    vpn_kind: z
      .enum(['wg', 'openvpn', 'ss', 'v2ray', 'http_proxy'])
      .optional()
      .describe('Relays: VPN software. Default wg.'),
    minutes: z.number().min(1).max(28_800).optional().describe('How long it is needed, for the estimate. Default 60.'),
  };
}

interface QuoteInput {
  readonly kind: Order['kind'];
  readonly node_id: number;
  readonly image?: string | undefined;
  readonly app_uuid?: string | undefined;
  readonly disk_gb?: number | undefined;
  readonly ports?: number[] | undefined;
  readonly http_ports?: number[] | undefined;
  readonly envs?: Record<string, string> | undefined;
  readonly start_command?: string | undefined;
  readonly vpn_kind?: 'wg' | 'openvpn' | 'ss' | 'v2ray' | 'http_proxy' | undefined;
}

/** Which arguments belong to which kind. */
const argumentsOf: Readonly<Record<Order['kind'], readonly (keyof QuoteInput)[]>> = {
  machine: ['image', 'app_uuid', 'disk_gb', 'ports', 'http_ports', 'envs', 'start_command'],
  relay: ['vpn_kind'],
  render_node: ['disk_gb'],
};

function checkArguments(given: QuoteInput): void {
  const special = Object.values(argumentsOf).flat();
  const odd = special.find((name) => given[name] !== undefined && !argumentsOf[given.kind].includes(name));
  if (odd !== undefined) {
    throw new Error(`${odd} is not valid for kind ${given.kind}; allowed: ${argumentsOf[given.kind].join(', ')}`);
  }
  if (given.kind !== 'machine') return;
  const count = [given.image, given.app_uuid].filter((each) => each !== undefined).length;
  if (count !== 1) throw new Error('a machine needs either image or app_uuid');
}

/** What to rent. Reads the app, if there is one. */
async function orderOf(given: QuoteInput, client: OctaClient): Promise<Order> {
  const { kind, node_id, disk_gb: disk_size, vpn_kind } = given;
  if (kind === 'render_node') return { kind, order: { node_id, disk_size: disk_size ?? defaultDisk } };
  if (kind === 'relay') {
    return { kind, order: vpn_kind === 'v2ray' ? { node_id, subkind: vpn_kind } : { node_id, subkind: vpn_kind } };
  }
  const { image = '', app_uuid, ports, http_ports, envs, start_command } = given;
  const container = { node_id, ports, http_ports, envs, start_command };
  if (app_uuid === undefined) return { kind, order: { ...container, image, disk_size: disk_size ?? defaultDisk } };
  const app = await client.apps.get(app_uuid);
  const least = app.extra?.min_disk_size;
  return {
    kind,
    order: { ...container, app, disk_size: disk_size ?? (least === undefined ? defaultDisk : Math.ceil(least)) },
  };
}

/** A node that can be rented now. */
interface Offer {
  /** Of a machine or a render node. */
  readonly price?: MachinePrice | undefined;
  /** Of a relay. */
  readonly usdPerGb?: number | undefined;
}

/** Why a node cannot be rented. */
interface Refusal {
  readonly reason: string;
}

/** Why a node is not in its catalogue. */
async function unlistedReason({ kind, node_id }: QuoteInput, { client, rentals, signal }: ToolCall): Promise<string> {
  const own = rentals.open.find(({ init }) => init.quote.nodeId === node_id);
  if (own !== undefined) return `node ${node_id} is in use: rental ${own.init.id} of this server runs or starts there`;
  // This only makes the reason more exact.
  const sessions = await client.sessions.list({ signal }).catch(() => []);
  const other = sessions.find((session) => session.node_id === node_id);
  if (other !== undefined) return `node ${node_id} is in use: another session of the account runs there`;
  const next = { machine: 'find_machines', relay: 'find_relays', render_node: 'find_render_nodes' }[kind];
  return `node ${node_id} is not listed any more, or is not a ${kind.replace('_', ' ')}; call ${next} for others`;
}

function machineOffer(machine: MrMachine | RenderMachine, diskGb: number, marketPrice: number): Offer | Refusal {
  if (hasDisk(machine, diskGb)) return { price: priceWithDisk(machine, diskGb, marketPrice) };
  const free = `${freeDiskGb(machine) ?? 0} GB of free disk`;
  return { reason: `node ${machine.node_id} has ${free}, less than the ${diskGb} GB wanted` };
}

/** The offer of a node now, or why it cannot be rented. */
async function offerOf(given: QuoteInput, order: Order, call: ToolCall): Promise<Offer | Refusal> {
  const { client, signal } = call;
  const { mr, vpn, render } = client.services;
  const isIt = (node: { readonly node_id: number }) => node.node_id === given.node_id;
  if (order.kind === 'relay') {
    const relay = (await vpn.available({ signal })).find(isIt);
    return relay === undefined ? { reason: await unlistedReason(given, call) } : { usdPerGb: relay.traffic_price_usd };
  }
  const [machines, { market_price: marketPrice }] = await Promise.all([
    (order.kind === 'machine' ? mr : render).available({ signal }),
    client.network.get({ signal }),
  ]);
  const machine = machines.find(isIt);
  if (machine === undefined) return { reason: await unlistedReason(given, call) };
  return machineOffer(machine, order.order.disk_size ?? defaultDisk, marketPrice);
}

/** The price of a number of minutes, in whole seconds. */
function estimateOf(perHour: bigint | undefined, minutes: number): bigint | undefined {
  return perHour === undefined ? undefined : costFor(perHour, Math.ceil(minutes * 60) * 1_000);
}

function quoteOutput(z: Zod) {
  return {
    available: z.boolean().describe('Whether the node can be rented now.'),
    reason: z.string().optional().describe('Why it cannot be rented.'),
    quote_id: z.string().optional(),
    valid_minutes: z.number().optional(),
    price: priceSchema(z, 'with the disk, without traffic').optional(),
    usd_per_gb: z.number().optional().describe('Relays: price of traffic.'),
    estimate: amountSchema(z, 'Price for the given minutes, with the disk, without traffic.').optional(),
    estimate_usd: z.number().optional(),
    budget: budgetSchema(z),
  };
}

function quoteTool(z: Zod): Tool {
  return tool(z, {
    name: 'quote',
    title: 'Quote',
    description:
      'Checks whether a node can still be rented, and what it costs with its disk. Rents nothing. Pass its quote_id to rent or run, once, within 10 minutes. The session costs at most the max_spend_octa that you pass there.',
    operations: [listMrMachines, listVpnNodes, listRenderMachines, listApps, listSessions, getNetwork],
    input: quoteInput(z),
    output: quoteOutput(z),
    untrusted: [],
    run: async ({ minutes = 60, ...given }, call) => {
      checkArguments(given);
      const order = await orderOf(given, call.client);
      const [offer, budget] = await Promise.all([offerOf(given, order, call), budgetOf(call)]);
      if ('reason' in offer) return known({ available: false, reason: offer.reason, budget });
      const { id: quote_id } = call.quotes.add(order, given.node_id);
      const { weiPerHour, usdPerHour } = offer.price ?? {};
      return known({
        available: true,
        quote_id,
        valid_minutes: quoteValidMs / 60_000,
        price: order.kind === 'relay' ? undefined : shownPrice(usdPerHour, weiPerHour),
        usd_per_gb: offer.usdPerGb,
        estimate: someAmount(estimateOf(weiPerHour, minutes)),
        estimate_usd: usdPerHour === undefined ? undefined : rounded((usdPerHour * minutes) / 60, 4),
        budget,
      });
    },
  });
}

/** The tools that check offers. */
export function quoteTools(z: Zod): Tool[] {
  return [quoteTool(z)];
}
