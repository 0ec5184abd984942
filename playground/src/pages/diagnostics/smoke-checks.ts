/** Reads of the SDK, each with a short note about the response. */
import { formatOcta, type OctaClient } from '@octaspace/sdk';

/** Ids that earlier checks found. */
export interface Found {
  nodeId?: number | undefined;
  appId?: string | undefined;
  session?: { readonly uuid: string; readonly recent: boolean } | undefined;
}

/** One check. It returns undefined if there is no id to check. */
export interface Check {
  readonly name: string;
  readonly run: (client: OctaClient, found: Found) => Promise<string | undefined>;
}

function counted(items: readonly unknown[], what: string): string {
  return `${items.length} ${what}${items.length === 1 ? '' : 's'}`;
}

async function sessionsOf(client: OctaClient, found: Found, recent: boolean): Promise<string> {
  const sessions = await client.sessions.list({ recent });
  const [first] = sessions;
  if (first !== undefined) found.session ??= { uuid: first.uuid, recent };
  return counted(sessions, recent ? 'recent session' : 'active session');
}

export const checks: readonly Check[] = [
  { name: 'network.get', run: async (client) => `${(await client.network.get()).market_price} USD per OCTA` },
  {
    name: 'accounts.get',
    run: async (client) => ((await client.accounts.get()).wallet ? 'with a wallet' : 'without a wallet'),
  },
  {
    name: 'accounts.balance',
    run: async (client) => {
      const { balance } = await client.accounts.balance();
      return balance === undefined ? 'unreadable' : `${formatOcta(balance, 3)} OCTA`;
    },
  },
  {
    name: 'apps.list',
    run: async (client, found) => {
      const apps = await client.apps.list();
      found.appId = apps[0]?.uuid;
      return counted(apps, 'app');
    },
  },
  {
    name: 'apps.get',
    run: async (client, { appId }) => (appId === undefined ? undefined : (await client.apps.get(appId)).name),
  },
  {
    name: 'nodes.list',
    run: async (client, found) => {
      const nodes = await client.nodes.list();
      found.nodeId = nodes[0]?.id;
      return counted(nodes, 'node');
    },
  },
  {
    name: 'nodes.get',
    run: async (client, { nodeId }) =>
      nodeId === undefined ? undefined : `node ${(await client.nodes.get(nodeId)).id}`,
  },
  {
    name: 'nodes.downloadIdent',
    run: async (client, { nodeId }) =>
      nodeId === undefined ? undefined : `${(await client.nodes.downloadIdent(nodeId)).size} bytes`,
  },
  {
    name: 'nodes.downloadLogs',
    run: async (client, { nodeId }) =>
      nodeId === undefined ? undefined : `${(await client.nodes.downloadLogs(nodeId)).size} bytes`,
  },
  { name: 'sessions.list', run: (client, found) => sessionsOf(client, found, false) },
  { name: 'sessions.list recent', run: (client, found) => sessionsOf(client, found, true) },
  {
    name: 'session.logs',
    run: async (client, { session }) => {
      if (session === undefined) return undefined;
      const { system } = await client.services.session(session.uuid).logs({ recent: session.recent });
      return counted(system, 'line');
    },
  },
  { name: 'services.mr.available', run: async (client) => counted(await client.services.mr.available(), 'machine') },
  {
    name: 'services.render.available',
    run: async (client) => counted(await client.services.render.available(), 'render node'),
  },
  { name: 'services.vpn.available', run: async (client) => counted(await client.services.vpn.available(), 'relay') },
  {
    name: 'idleJobs.get',
    run: async (client, { nodeId }) =>
      nodeId === undefined ? undefined : (await client.idleJobs.get(nodeId, 1)).is_up ? 'running' : 'not running',
  },
  {
    name: 'idleJobs.logs',
    run: async (client, { nodeId }) =>
      nodeId === undefined ? undefined : `${(await client.idleJobs.logs(nodeId, 1)).length} characters`,
  },
];
