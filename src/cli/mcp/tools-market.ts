/** Tools that read relays, apps and the market. */
import { getNetwork, listApps, listVpnNodes } from '../../../generated/operations.ts';
import type { App, VpnNode } from '../../index.ts';
import { hintFor, hintSchema, untrustedInHint } from './hints.ts';
import type { Zod } from './sdk.ts';
import { type Tool, tool } from './tool.ts';
import { countryText, limitInput, untrustedIn } from './tools-machines.ts';
import { known, longText, nameText, rounded } from './values.ts';

function shownRelay({ node_id, country, city, residential, ...relay }: VpnNode) {
  return known({
    node_id,
    country: nameText(country),
    city: nameText(city),
    residential,
    download_mbits: relay.net_down_mbits,
    upload_mbits: relay.net_up_mbits,
    usd_per_gb: relay.traffic_price_usd === undefined ? undefined : rounded(relay.traffic_price_usd),
  });
}

function findRelays(z: Zod): Tool {
  return tool(z, {
    name: 'find_relays',
    title: 'Find VPN relays',
    description: 'Finds VPN relays that can be rented now, the cheapest first. Next: quote.',
    operations: [listVpnNodes],
    input: {
      country: z.string().min(1).max(100).optional().describe(countryText),
      residential: z
        .boolean()
        .optional()
        .describe('Whether its address belongs to a home connection. Default: either.'),
      max_usd_per_gb: z.number().min(0).optional().describe('Highest price of traffic. Unit: USD per GB.'),
      limit: limitInput(z),
    },
    output: {
      total: z.number().int().describe('How many meet the criteria.'),
      relays: z.array(
        z.strictObject({
          node_id: z.number().int(),
          country: z.string(),
          city: z.string(),
          residential: z.boolean().optional(),
          download_mbits: z.number().optional().describe('0: not measured.'),
          upload_mbits: z.number().optional().describe('0: not measured.'),
          usd_per_gb: z.number().optional(),
        }),
      ),
      ...hintSchema(z),
    },
    untrusted: [...untrustedIn('relays'), ...untrustedInHint],
    run: async ({ country, residential, max_usd_per_gb: maxUsdPerGb, limit = 10 }, { client, signal }) => {
      const market = client.services.vpn;
      const found = await market.find({ country, residential, maxUsdPerGb, signal });
      const hint = found.length > 0 ? {} : await hintFor('relay', { country }, { market, signal });
      return { total: found.length, relays: found.slice(0, limit).map(shownRelay), ...hint };
    },
  });
}

function shownApp({ uuid, name, image, category, description, ports, http_ports, extra }: App) {
  return known({
    app_uuid: nameText(uuid),
    name: nameText(name),
    image: nameText(image),
    category: nameText(category),
    description: description === undefined ? undefined : longText(description, 300),
    ports,
    http_ports,
    min_disk_gb: extra?.min_disk_size,
  });
}

function listAppsTool(z: Zod): Tool {
  return tool(z, {
    name: 'list_apps',
    title: 'List apps',
    description: 'Lists apps: images with settings that a rented machine can run. Pass app_uuid to quote.',
    operations: [listApps],
    input: {
      search: z.string().min(1).max(100).optional().describe('A part of the name, the category or the image.'),
      limit: limitInput(z),
    },
    output: {
      total: z.number().int().describe('Number of matching apps.'),
      apps: z.array(
        z.strictObject({
          app_uuid: z.string(),
          name: z.string(),
          image: z.string(),
          category: z.string().optional(),
          description: z.string().optional(),
          ports: z.array(z.number().int()),
          http_ports: z.array(z.number().int()),
          min_disk_gb: z.number().optional(),
        }),
      ),
    },
    untrusted: ['name', 'image', 'category', 'description'].map((name) => `apps[].${name}`),
    run: async ({ search = '', limit = 10 }, { client, signal }) => {
      const key = search.toLowerCase();
      const has = (text: string | undefined) => text?.toLowerCase().includes(key) === true;
      const apps = await client.apps.list({ signal });
      const found = apps.filter(({ name, category, image }) => [name, category, image].some(has));
      return { total: found.length, apps: found.slice(0, limit).map(shownApp) };
    },
  });
}

function getMarket(z: Zod): Tool {
  return tool(z, {
    name: 'get_market',
    title: 'Market figures',
    description: 'Shows the price of one OCTA, how many nodes are free, and the average price of each GPU model.',
    operations: [getNetwork],
    input: {},
    output: {
      usd_per_octa: z.number(),
      nodes_rented: z.number().optional(),
      nodes_idle: z.number().optional(),
      sessions_24h: z.number().optional(),
      gpus: z.array(
        z.strictObject({ model: z.string(), usd_per_hour: z.number().optional(), offers: z.number().optional() }),
      ),
    },
    untrusted: ['gpus[].model'],
    run: async (_, { client, signal }) => {
      const { market_price: usd_per_octa, marketplace = {} } = await client.network.get({ signal });
      const { nodes_rented, nodes_idle, sessions_24h, gpus = {} } = marketplace;
      const models = Object.entries(gpus).slice(0, 100);
      return known({
        usd_per_octa,
        nodes_rented,
        nodes_idle,
        sessions_24h,
        gpus: models.map(([model, { avg_price: usd_per_hour, count: offers }]) =>
          known({ model: nameText(model), usd_per_hour, offers }),
        ),
      });
    },
  });
}

/** Tools that read relays, apps and the market. */
export function marketTools(z: Zod): Tool[] {
  return [findRelays(z), listAppsTool(z), getMarket(z)];
}
