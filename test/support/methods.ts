/** Every method of the resources that sends one request, and the operations that calls use. */
import { type OperationId, operations } from '../../generated/operations.ts';
import { OctaClient } from '../../src/index.ts';
import { Resource } from '../../src/resources/resource.ts';
import { type CallOfOperation, calls } from '../contract/calls.ts';
import { jsonAnswer, recordingClient } from './recording.ts';
import { documented } from './spec.ts';

/** Every public method that sends one request, with a call of it. */
export const methods: Readonly<Record<string, (...given: Parameters<CallOfOperation>) => PromiseLike<unknown>>> = {
  'accounts.balance': calls.getBalance,
  'accounts.generateWallet': calls.generateWallet,
  'accounts.get': calls.getAccount,
  'apps.get': (client) => client.apps.get('249b4cb3-3db1-4c06-98a4-772ba88cd81c'),
  'apps.list': calls.listApps,
  'idleJobs.get': calls.getIdleJob,
  'idleJobs.logs': calls.getIdleJobLogs,
  'network.get': calls.getNetwork,
  'nodes.downloadIdent': calls.downloadNodeIdent,
  'nodes.downloadLogs': calls.downloadNodeLogs,
  'nodes.get': calls.getNode,
  'nodes.list': calls.listNodes,
  'nodes.reboot': calls.rebootNode,
  'nodes.updatePrices': calls.updateNodePrices,
  'services.mr.available': calls.listMrMachines,
  'services.mr.find': (client) => client.services.mr.find(),
  'services.mr.start': calls.startMr,
  'services.mr.startMany': (client) => client.services.mr.startMany([{ node_id: 1, disk_size: 5, image: 'ubuntu' }]),
  'services.render.available': calls.listRenderMachines,
  'services.render.find': (client) => client.services.render.find(),
  'services.render.start': calls.startRender,
  'services.session.info': calls.getSessionInfo,
  'services.session.logs': calls.getSessionLogs,
  'services.session.stop': calls.stopSession,
  'services.vpn.available': calls.listVpnNodes,
  'services.vpn.find': (client) => client.services.vpn.find(),
  'services.vpn.start': calls.startVpn,
  'sessions.find': (client) => client.sessions.find('5dd2'),
  'sessions.list': calls.listSessions,
};

function operationAt(request: string): OperationId[] {
  const [method, path = ''] = request.split(/[ ?]/);
  const ids = Object.keys(operations) as OperationId[];
  return ids.filter((id) => {
    const pattern = operations[id].path.replace(/\{\w+\}/g, '[^/]+');
    return operations[id].method === method && new RegExp(`^${pattern}$`).test(path);
  });
}

/** Responds to each request with the first example of its operation. */
function answerTo(method: string, path: string): Response {
  const [id] = operationAt(`${method} ${path}`);
  const example = documented.find((each) => each.id === id);
  return jsonAnswer(JSON.stringify(example?.value), example?.status);
}

/** The requests of a call, as `METHOD /path?query body`, if each gets the first example of its operation. */
export async function requestsOf(call: (client: OctaClient) => PromiseLike<unknown>): Promise<readonly string[]> {
  const { client, requests } = recordingClient(answerTo);
  await call(client);
  return requests;
}

/** The operations that a call uses. */
export async function operationsOf(call: (client: OctaClient) => PromiseLike<unknown>): Promise<OperationId[]> {
  return (await requestsOf(call)).flatMap(operationAt);
}

/** Methods that every resource has for itself. */
const internal = new Set(Object.getOwnPropertyNames(Resource.prototype));

function methodsOf(holder: object, path: string): string[] {
  const prototype: object = Object.getPrototypeOf(holder);
  const names = Object.entries(Object.getOwnPropertyDescriptors(prototype))
    .filter(([name, { value }]) => typeof value === 'function' && !internal.has(name) && name !== 'session')
    .map(([name]) => name);
  const nested = Object.entries(holder).flatMap(([name, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null && name !== 'api' ? methodsOf(value, `${path}${name}.`) : [],
  );
  return [...(path === '' ? [] : names.map((name) => path + name)), ...nested];
}

/** Every public method of the resources of a client, such as `nodes.list`, and of a session: `services.session.info`. */
export function publicMethods(): string[] {
  const client = new OctaClient();
  return [...methodsOf(client, ''), ...methodsOf(client.services.session('a-uuid'), 'services.session.')].sort();
}
