/** How each operation is called through its resource method, with arguments such as an application gives. */
import type { OperationId } from '../../generated/operations.ts';
import type { OctaClient, OctaPromise, RequestOptions } from '../../src/index.ts';

export type CallOfOperation = (client: OctaClient, options: RequestOptions) => OctaPromise<unknown>;

const uuid = '5dd2d308-db91-4bda-86ff-e512d711b363';
const machine = {
  node_id: 9010,
  disk_size: 50,
  image: 'ubuntu:24.04',
  app: '249b4cb3-3db1-4c06-98a4-772ba88cd81c',
  envs: { NOTEBOOK_DIR: '/workspace' },
  ports: [22],
  http_ports: [8888],
  start_command: 'sleep infinity',
};
const prices = { base: 3_100_000_000_000_000n, storage: 900_000_000_000, traffic: '3400000000000' };

/** One call per operation; an operation without one does not compile. */
export const calls = {
  getAccount: (client, options) => client.accounts.get(options),
  getBalance: (client, options) => client.accounts.balance(options),
  generateWallet: (client, options) => client.accounts.generateWallet(options),
  listApps: (client, options) => client.apps.list(options),
  getNetwork: (client, options) => client.network.get(options),
  listNodes: (client, options) => client.nodes.list({ country: 'DE', app: machine.app, ...options }),
  getNode: (client, options) => client.nodes.get(9010, options),
  downloadNodeIdent: (client, options) => client.nodes.downloadIdent(9010, options),
  downloadNodeLogs: (client, options) => client.nodes.downloadLogs(9010, options),
  updateNodePrices: (client, options) => client.nodes.updatePrices(9010, prices, options),
  rebootNode: (client, options) => client.nodes.reboot(9010, options),
  listSessions: (client, options) => client.sessions.list({ recent: true, ...options }),
  listMrMachines: (client, options) => client.services.mr.available(options),
  startMr: (client, options) => client.services.mr.start(machine, options),
  listRenderMachines: (client, options) => client.services.render.available(options),
  startRender: (client, options) => client.services.render.start({ node_id: 9010, disk_size: 100 }, options),
  listVpnNodes: (client, options) => client.services.vpn.available(options),
  startVpn: (client, options) =>
    client.services.vpn.start({ node_id: 9539, subkind: 'v2ray', protocol: 'vless' }, options),
  getSessionInfo: (client, options) => client.services.session(uuid).info(options),
  getSessionLogs: (client, options) => client.services.session(uuid).logs({ recent: true, ...options }),
  stopSession: (client, options) => client.services.session(uuid).stop({ score: 5, ...options }),
  getIdleJob: (client, options) => client.idleJobs.get(9010, 42, options),
  getIdleJobLogs: (client, options) => client.idleJobs.logs(9010, 42, options),
} satisfies Record<OperationId, CallOfOperation>;

/** The same calls for lookups by a name that a loop gives. @alias */
export const callOf: Readonly<Record<OperationId, CallOfOperation>> = calls;
