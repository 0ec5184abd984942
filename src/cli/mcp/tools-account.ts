/** Tools about the account, and about one offer. */
import {
  getAccount,
  getNetwork,
  listApps,
  listMrMachines,
  listRenderMachines,
  listVpnNodes,
} from '../../../generated/operations.ts';
import { type OctaClient, weiToUsd } from '../../index.ts';
import { budgetOf, budgetSchema } from './budget-shown.ts';
import { priceOf, priceSchema, weiPerHour } from './prices.ts';
import { type Order, quoteValidMs } from './quotes.ts';
import type { Zod } from './sdk.ts';
import { type Tool, type ToolCall, tool } from './tool.ts';
import { amount, amountSchema, known, nameText, rounded, someAmount } from './values.ts';

function getAccountTool(z: Zod): Tool {
  return tool(z, {
    name: 'get_account',
    title: 'Account and balance',
    description: 'Shows the balance of the account, its value in USD, and what this server may still spend.',
    operations: [getAccount, getNetwork],
    input: {},
    output: {
      account_uuid: z.string(),
      balance: amountSchema(z, 'Balance of the account.'),
      balance_usd: z.number().describe('Current value of the balance. Unit: USD.'),
      budget: budgetSchema(z),
    },
    untrusted: ['account_uuid'],
    run: async (_, call) => {
      const { client, signal } = call;
      const [{ account_uuid, balance }, { market_price }] = await Promise.all([
        client.accounts.get({ signal }),
        client.network.get({ signal }),
      ]);
      return known({
        account_uuid: nameText(account_uuid),
        balance: amount(balance),
        balance_usd: rounded(weiToUsd(balance, market_price), 2),
        budget: await budgetOf(call),
      });
    },
  });
}

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
  if (kind === 'render_node') return { kind, order: { node_id, disk_size: disk_size ?? 10 } };
  if (kind === 'relay') {
    return { kind, order: vpn_kind === 'v2ray' ? { node_id, subkind: vpn_kind } : { node_id, subkind: vpn_kind } };
  }
  const { image = '', app_uuid, ports, http_ports, envs, start_command } = given;
  const container = { node_id, ports, http_ports, envs, start_command };
  if (app_uuid === undefined) return { kind, order: { ...container, image, disk_size: disk_size ?? 10 } };
  const app = await client.apps.get(app_uuid);
  const least = app.extra?.min_disk_size;
  return { kind, order: { ...container, app, disk_size: disk_size ?? (least === undefined ? 10 : Math.ceil(least)) } };
}

/** The offer of a node now; undefined if it cannot be rented. */
async function offerOf({ kind, node_id }: QuoteInput, { client, signal }: ToolCall) {
  const { mr, vpn, render } = client.services;
  const isIt = (node: { readonly node_id: number }) => node.node_id === node_id;
  if (kind === 'relay') {
    const relay = (await vpn.available({ signal })).find(isIt);
    return relay && { usdPerGb: relay.traffic_price_usd };
  }
  const machine = (await (kind === 'machine' ? mr : render).available({ signal })).find(isIt);
  return machine && { price: priceOf(machine), perHour: weiPerHour(machine) };
}

function costOf(perHour: bigint | undefined, minutes: number): bigint | undefined {
  const seconds = BigInt(Math.ceil(minutes * 60));
  return perHour === undefined ? undefined : (perHour * seconds + 3_599n) / 3_600n;
}

function quoteTool(z: Zod): Tool {
  return tool(z, {
    name: 'quote',
    title: 'Quote',
    description:
      'Checks whether a node can still be rented, and what it costs. Rents nothing. Pass its quote_id to rent or run, once, within 10 minutes. The session costs at most the max_spend_octa that you pass there.',
    operations: [listMrMachines, listVpnNodes, listRenderMachines, listApps],
    input: quoteInput(z),
    output: {
      available: z.boolean().describe('Whether the node can be rented now.'),
      quote_id: z.string().optional(),
      valid_minutes: z.number().optional(),
      price: priceSchema(z).optional(),
      usd_per_gb: z.number().optional().describe('Relays: price of traffic.'),
      estimate: amountSchema(z, 'Price for the given minutes, without traffic.').optional(),
      estimate_usd: z.number().optional(),
      budget: budgetSchema(z),
    },
    untrusted: [],
    run: async ({ minutes = 60, ...given }, call) => {
      checkArguments(given);
      const [offer, order] = await Promise.all([offerOf(given, call), orderOf(given, call.client)]);
      const budget = await budgetOf(call);
      if (offer === undefined) return known({ available: false, budget });
      const { id: quote_id } = call.quotes.add(order, given.node_id);
      const usd = offer.price?.usd_per_hour;
      return known({
        available: true,
        quote_id,
        valid_minutes: quoteValidMs / 60_000,
        price: offer.price,
        usd_per_gb: offer.usdPerGb,
        estimate: someAmount(costOf(offer.perHour, minutes)),
        estimate_usd: usd === undefined ? undefined : rounded((usd * minutes) / 60, 4),
        budget,
      });
    },
  });
}

/** The tools about the account, and about one offer. */
export function accountTools(z: Zod): Tool[] {
  return [getAccountTool(z), quoteTool(z)];
}
