/** What an account lives through with the SDK, from its first look around to its last Wei; told over HTTP to a simulator. */
import { expect } from 'vitest';
import { type OperationId, operations } from '../../generated/operations.ts';
import * as sdk from '../../src/index.ts';
import type { SessionResource } from '../../src/resources/services/session.ts';
import type { OctaSimulator } from '../../src/testing/index.ts';
import { documented } from '../support/spec.ts';
import { callOf } from './calls.ts';

/** Where the story is told. */
export interface Stage {
  /** What the clients ask: the simulator, or what stands before it. */
  readonly url: string;
  readonly simulator: OctaSimulator;
  /** The one that the simulator knows. */
  readonly apiKey: string;
  /** A price for a node, as large as the way to the simulator can bear. Unit: as of the operation. */
  readonly basePrice: bigint;
  readonly fetch?: sdk.OctaClientOptions['fetch'];
}

/** One answer as it came. */
export interface Answered {
  readonly operation: string;
  readonly status: number;
  readonly headers: Headers;
}

/** Statuses by operation, in ascending order, each once. */
export type Statuses = Readonly<Record<string, readonly number[]>>;

interface Scene {
  readonly simulator: OctaSimulator;
  readonly basePrice: bigint;
  readonly client: sdk.OctaClient;
  /** Its key is wrong. Not missing: that would be a violation of the spec, to both proxies. */
  readonly stranger: sdk.OctaClient;
  /** Has no key. */
  readonly visitor: sdk.OctaClient;
}

const ids = Object.keys(operations) as OperationId[];
const image = { disk_size: 20, image: 'ubuntu:24.04' };
const soon = { pollIntervalMs: 5 };
const tenMinutesMs = 600_000;
const dayMs = 24 * 3_600_000;

/** What the simulator answers in the story, of its own accord. */
export const statusesOfStory = {
  getAccount: [200, 401],
  generateWallet: [200, 401],
  getBalance: [200, 401],
  listApps: [200, 401],
  getNetwork: [200],
  listNodes: [200, 401],
  getNode: [200, 401, 404],
  downloadNodeIdent: [200, 401, 404],
  downloadNodeLogs: [200, 401, 404],
  updateNodePrices: [200, 401, 404],
  rebootNode: [200, 401, 404],
  listSessions: [200, 401],
  listMrMachines: [200, 401],
  startMr: [200, 401],
  listRenderMachines: [200, 401],
  startRender: [201, 400, 401],
  listVpnNodes: [200, 401],
  startVpn: [201, 400, 401],
  getSessionInfo: [200, 401, 404],
  getSessionLogs: [200, 401, 404],
  stopSession: [200, 401, 404],
  getIdleJob: [200, 401, 404],
  getIdleJobLogs: [200, 401, 404],
} satisfies Record<OperationId, readonly number[]>;

/** A client that notes every answer. */
export function clientOn(
  { url, fetch }: Pick<Stage, 'url' | 'fetch'>,
  apiKey: string | undefined,
  answers: Answered[],
): sdk.OctaClient {
  return new sdk.OctaClient({
    baseUrl: url,
    apiKey,
    fetch,
    retries: 0,
    logLevel: 'silent',
    onResponse: ({ request: { operation }, status, headers }) => void answers.push({ operation, status, headers }),
  });
}

export function statusesOf(answers: readonly Pick<Answered, 'operation' | 'status'>[]): Statuses {
  const byOperation = new Map<string, Set<number>>();
  for (const { operation, status } of answers) {
    byOperation.set(operation, (byOperation.get(operation) ?? new Set()).add(status));
  }
  const entries = [...byOperation].map(([id, seen]) => [id, [...seen].sort((left, right) => left - right)]);
  return Object.fromEntries(entries);
}

/** Answers with a status, or a type of content, that is not documented for their operation. */
export function undocumented(answers: readonly Answered[]): string[] {
  const known = new Set(documented.map(({ id, status, mediaType }) => `${id} ${status} ${mediaType}`));
  const seen = answers.map(({ operation, status, headers }) => `${operation} ${status} ${headers.get('content-type')}`);
  return seen.filter((each) => !known.has(each));
}

/** What a call throws. */
export function failure(call: PromiseLike<unknown>): Promise<unknown> {
  return Promise.resolve(call).then(
    () => expect.unreachable('the call was to fail'),
    (error: unknown) => error,
  );
}

function firstOf<Item>(items: readonly Item[]): Item {
  const [first] = items;
  if (first === undefined) throw new Error('there is none');
  return first;
}

async function lookAround({ client, visitor, simulator }: Scene): Promise<void> {
  expect((await visitor.network.get()).market_price).toBeGreaterThan(0);
  expect(await client.apps.list()).toEqual(await visitor.apps.list());
  const { balance, wallet } = await client.accounts.get();
  expect({ balance, wallet }).toEqual({ balance: simulator.balance, wallet: '' });
  expect(await client.accounts.balance()).toEqual({ balance });
  const { address } = await client.accounts.generateWallet();
  expect((await client.accounts.get()).wallet).toBe(address);
  const { mr, render, vpn } = client.services;
  const offers = await Promise.all([mr.available(), render.available(), vpn.available()]);
  for (const offer of offers) expect(offer.length).toBeGreaterThan(2);
  expect(await client.sessions.list()).toEqual([]);
  expect(await client.sessions.list({ recent: true })).toEqual([]);
  // By path, with an answer that is as exact.
  expect((await client.api.GET('/accounts/balance')).data).toEqual({ balance });
}

async function operateNodes({ client, simulator, basePrice }: Scene): Promise<void> {
  const all = await client.nodes.list();
  const { id } = firstOf(all);
  const { location } = await client.nodes.get(id);
  const there = await client.nodes.list({ country: location?.isocode });
  expect(there.map((node) => node.location?.country)).toEqual(there.map(() => location?.country));
  const { uuid: app } = firstOf(await client.apps.list());
  expect((await client.nodes.list({ app })).length).toBeGreaterThan(0);
  await client.nodes.updatePrices(id, { base: basePrice, storage: 900_000, traffic: '3400000' });
  const params = { path: { node_id: id } };
  await client.api.PATCH('/nodes/{node_id}/prices', { params, body: { storage: 901_000n } });
  const changed = (await client.nodes.list()).find((node) => node.id === id);
  expect(changed?.prices).toEqual({ base: basePrice, storage: 901_000n, traffic: 3_400_000n });
  await client.nodes.reboot(id);
  expect(simulator.machine(id).reboots).toBe(1);
  expect(await (await client.nodes.downloadIdent(id)).text()).toContain(String(id));
  expect(await (await client.nodes.downloadLogs(id)).text()).toContain('rebooted 1 times');
  expect(await client.idleJobs.get(id, 7)).toMatchObject({ is_up: true });
  expect(await client.idleJobs.get(id, 9)).toMatchObject({ is_up: false });
  expect(await client.idleJobs.logs(id, 7)).toContain('Worker 7 started');
}

/** What remains of a session that is over. */
async function lookBack({ client, simulator }: Scene, session: SessionResource, reason: number): Promise<void> {
  const { uuid } = session;
  const truth = simulator.sessions.find((each) => each.uuid === uuid);
  const recent = (await client.sessions.list({ recent: true })).find((each) => each.uuid === uuid);
  expect(recent).toMatchObject({
    service: truth?.service,
    node_id: truth?.node_id,
    started_at: truth?.startedAt,
    finished_at: truth?.finishedAt,
    charge_amount: truth?.chargeWei,
    termination_reason: reason,
  });
  const { system } = await session.logs({ recent: true });
  expect(system.at(-1)?.msg).toContain(`Reason: ${reason}`);
  // One after the other: a rejection that nobody waits for yet would count as unhandled.
  for (const call of [() => session.info(), () => session.logs(), () => session.stop()]) {
    expect(await failure(call())).toBeInstanceOf(sdk.OctaNotFoundError);
  }
}

/** A session that is not ready, then ready, then stopped. */
async function live(scene: Scene, session: SessionResource, score?: number): Promise<sdk.ServiceInfo> {
  const { client, simulator } = scene;
  const starting = await session.info();
  expect(starting).toMatchObject({ uuid: session.uuid, is_ready: false });
  expect((await session.logs()).container).toBe('');
  expect(await client.sessions.list()).toMatchObject([{ uuid: session.uuid, is_ready: false }]);
  simulator.machine(Number(starting.node_id)).readyAfter(0);
  const ready = await session.waitUntilReady(soon);
  expect(await client.sessions.list()).toMatchObject([{ uuid: session.uuid, is_ready: true }]);
  await simulator.advance(tenMinutesMs);
  const { system } = await session.logs();
  expect(system.at(-1)?.msg).toBe('service configured');
  expect((await session.info()).charge_amount).toBeGreaterThan(0n);
  await session.stop({ score });
  await lookBack(scene, session, 0);
  return ready;
}

async function rentMachine(scene: Scene): Promise<void> {
  const { client, simulator } = scene;
  const { mr } = client.services;
  const app = firstOf(await client.apps.list());
  const { node_id } = firstOf(await mr.find({ minGpus: 1, sort: 'vram' }));
  simulator.machine(node_id).neverReady();
  const session = await mr.start({ node_id, app, ports: [22, 6006], envs: { SEED: '7' } });
  expect((await mr.available()).map((machine) => machine.node_id)).not.toContain(node_id);
  // Refused within HTTP 200.
  const busy = await failure(mr.start({ node_id, ...image }));
  expect(busy).toBeInstanceOf(sdk.OctaProvisionRejectedError);
  expect(busy).toMatchObject({ rejections: [{ reason: 'Node is busy' }] });
  const ready = await live(scene, session, 5);
  expect(ready).toMatchObject({ kind: 'base', app_name: app.name, user_envs: { SEED: '7' } });
  expect(Object.keys(ready.ports_matrix ?? {})).toEqual(['22', '6006']);
  expect(simulator.sessions).toMatchObject([{ state: 'ended', score: 5 }]);
}

async function rentSeveralMachines({ client, simulator }: Scene): Promise<void> {
  const { mr } = client.services;
  const numbers = (await mr.available()).slice(0, 4).map(({ node_id }) => node_id);
  const [first = 0, second = 0, third = 0, fourth = 0] = numbers;
  simulator.machine(second).refuse('Node is under maintenance');
  const owner = { organization_id: 12, project_id: 'p-7' };
  const results = await mr.startMany([first, second, third].map((node_id) => ({ node_id, ...image, ...owner })));
  expect(results.map(({ status }) => status)).toEqual(['started', 'rejected', 'started']);
  simulator.machine(second).refuse('Node is under maintenance');
  await using session = await mr.rent({ candidates: [second, fourth], ...image, http_ports: [8888] }, soon);
  const sources = new Set<string>();
  for await (const { source } of session.followLogs(soon)) {
    if (sources.add(source).size === 2) break;
  }
  expect((await client.sessions.list()).map(({ node_id }) => node_id)).toEqual([first, third, fourth]);
  const { stopped } = await client.sessions.stopAll({ service: 'mr' });
  expect(stopped.length).toBe(3);
}

async function rentRenderNode(scene: Scene): Promise<void> {
  const { client, simulator } = scene;
  const { render } = client.services;
  const { node_id } = firstOf(await render.find());
  simulator.machine(node_id).neverReady();
  const session = await render.start({ node_id, disk_size: 100, envs: { SCENE: '4' }, 'multi-gpu-worker': true });
  const busy = await failure(render.start({ node_id, disk_size: 100 }));
  expect(busy).toBeInstanceOf(sdk.OctaBadRequestError);
  expect(busy).toMatchObject({ body: { message: 'Node is busy' } });
  expect(await live(scene, session)).toMatchObject({ service: 'render', user_envs: { SCENE: '4' } });
}

const relayOrders: readonly (readonly [Omit<sdk.StartVpnOptions, 'node_id'>, unknown])[] = [
  [{}, expect.stringMatching(/^\[Interface\]\n/)],
  [{ subkind: 'openvpn', organization_id: '12', project_id: 7 }, expect.stringMatching(/^client\n/)],
  [{ subkind: 'ss' }, expect.stringMatching(/^ss:\/\//)],
  [{ subkind: 'v2ray' }, expect.stringMatching(/^trojan:\/\//)],
  [{ subkind: 'v2ray', protocol: 'vmess' }, expect.stringMatching(/^vmess:\/\//)],
  [{ subkind: 'v2ray', protocol: 'vless' }, expect.stringMatching(/^vless:\/\//)],
  [{ subkind: 'http_proxy' }, { ip: expect.any(String), port: 3128 }],
];

async function rentRelays(scene: Scene): Promise<void> {
  const { client, simulator } = scene;
  const { vpn } = client.services;
  const { node_id } = firstOf(await vpn.find({ sort: 'download' }));
  for (const [order, config] of relayOrders) {
    simulator.machine(node_id).neverReady();
    const session = await vpn.start({ ...order, node_id } as sdk.StartVpnOptions);
    expect(await failure(vpn.start({ node_id }))).toBeInstanceOf(sdk.OctaBadRequestError);
    expect(await live(scene, session, 3)).toMatchObject({ kind: order.subkind ?? 'wg', config });
  }
}

async function loseMachine(scene: Scene): Promise<void> {
  const { client, simulator } = scene;
  const { node_id } = firstOf(await client.services.mr.available());
  const session = await client.services.mr.start({ node_id, ...image });
  const reasons: unknown[] = [];
  for await (const { termination_reason } of session.watch(soon)) {
    reasons.push(termination_reason);
    simulator.machine(node_id).die();
  }
  expect(reasons).toEqual([undefined, 2]);
  await lookBack(scene, session, 2);
  expect((await client.services.mr.available()).map((machine) => machine.node_id)).not.toContain(node_id);
}

async function runOutOfMoney(scene: Scene): Promise<void> {
  const { client, simulator } = scene;
  const { mr, vpn } = client.services;
  const { node_id } = firstOf(await mr.find({ sort: 'price' }));
  const session = await mr.start({ node_id, ...image });
  while (simulator.running.length > 0) await simulator.advance(dayMs);
  await lookBack(scene, session, 3);
  expect(await failure(mr.start({ node_id, ...image }))).toMatchObject({
    rejections: [{ reason: 'Insufficient balance' }],
  });
  const relay = firstOf(await vpn.available());
  expect(await failure(vpn.start({ node_id: relay.node_id }))).toBeInstanceOf(sdk.OctaBadRequestError);
  expect(await client.accounts.balance()).toEqual({ balance: simulator.balance });
  simulator.deposit(simulator.spent);
  expect(await client.accounts.balance()).toEqual({ balance: simulator.balance });
}

async function askForWhatIsNot({ client, stranger }: Scene): Promise<void> {
  for (const id of ids.filter((each) => operations[each].auth !== 'none')) {
    expect(await failure(callOf[id](stranger, {}))).toBeInstanceOf(sdk.OctaAuthenticationError);
  }
  // No simulator has the nodes and sessions that these calls name.
  for (const id of ids.filter((each) => operations[each].path.includes('{'))) {
    expect(await failure(callOf[id](client, {}))).toBeInstanceOf(sdk.OctaNotFoundError);
  }
}

const scenes = [
  lookAround,
  operateNodes,
  rentMachine,
  rentSeveralMachines,
  rentRenderNode,
  rentRelays,
  loseMachine,
  runOutOfMoney,
  askForWhatIsNot,
];

/** Tells the whole story, and gives every answer in it. At its end nothing runs. */
export async function tellStory(stage: Stage): Promise<readonly Answered[]> {
  const { simulator, basePrice, apiKey } = stage;
  const answers: Answered[] = [];
  const [client, stranger, visitor] = [apiKey, 'a-wrong-key', undefined].map((key) => clientOn(stage, key, answers));
  if (client === undefined || stranger === undefined || visitor === undefined) throw new Error('no clients');
  for (const scene of scenes) await scene({ simulator, basePrice, client, stranger, visitor });
  expect(simulator.running).toEqual([]);
  return answers;
}

/** Every documented answer that was not seen yet: errors as the simulator words them, successes as in the spec. */
export async function tellTheRest(stage: Stage, seen: readonly Answered[]): Promise<readonly Answered[]> {
  const answers: Answered[] = [];
  const client = clientOn(stage, stage.apiKey, answers);
  const known = (id: string, status: number) =>
    [...seen, ...answers].some((each) => each.operation === id && each.status === status);
  for (const { id, status, value } of documented) {
    if (known(id, status)) continue;
    const body = status < 400 ? value : undefined;
    const headers = status === 429 || status === 503 ? { 'retry-after': '1' } : {};
    stage.simulator.fail(id, { status, body, headers });
    const call = callOf[id](client, {});
    if (status < 400) await call;
    else expect(await failure(call)).toMatchObject({ status, request: { operation: id } });
  }
  return answers;
}

/** All that is documented, in the form of what is seen. */
export const documentedStatuses = statusesOf(documented.map(({ id, status }) => ({ operation: id, status })));
