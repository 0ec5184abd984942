/** The checks of `octaspace smoke`: read-only calls, each with a short note about the response. */
import { formatOcta, isNotFound, type Node, type OctaClient, type RequestOptions, type Session } from '../index.ts';

/** The names for `--suite`. */
export const suites = ['network', 'account', 'apps', 'nodes', 'sessions', 'services', 'idle-jobs'] as const;
export type Suite = (typeof suites)[number];

/** What a check works with. */
export interface Bench {
  readonly client: OctaClient;
  /** Options of each call. */
  readonly options: RequestOptions;
  /** Ids of a node and of an idle job on it. */
  readonly idleJob: readonly [nodeId: string, jobId: string] | undefined;
  /** What earlier checks found. */
  readonly found: { nodes?: readonly Node[]; active?: readonly Session[]; recent?: readonly Session[] };
}

/** The result of a check that did not fail. */
export type Outcome = { readonly note: string } | { readonly skipped: string };

/** One check. */
export interface Check {
  readonly suite: Suite;
  readonly name: string;
  /** Whether it needs a key. */
  readonly needsKey: boolean;
  readonly run: (bench: Bench) => Promise<Outcome>;
}

function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

const octaDigits = 3;

async function checkNetwork({ client, options }: Bench): Promise<Outcome> {
  const { market_price: price, nodes } = await client.network.get(options);
  const parts = nodes?.count === undefined ? [] : [counted(nodes.count, 'node')];
  return { note: [...parts, `${price} USD per OCTA`].join(', ') };
}

async function checkAccount({ client, options }: Bench): Promise<Outcome> {
  const { wallet } = await client.accounts.get(options);
  return { note: wallet ? 'with a wallet' : 'without a wallet' };
}

async function checkBalance({ client, options }: Bench): Promise<Outcome> {
  const { balance } = await client.accounts.balance(options);
  // Absent if the response had no readable form of it, which counts as drift.
  return { note: balance === undefined ? 'unreadable' : `${formatOcta(balance, octaDigits)} OCTA` };
}

async function checkApps({ client, options }: Bench): Promise<Outcome> {
  return { note: counted((await client.apps.list(options)).length, 'app') };
}

async function checkNodes({ client, options, found }: Bench): Promise<Outcome> {
  found.nodes = await client.nodes.list(options);
  return { note: counted(found.nodes.length, 'node') };
}

async function checkNode({ client, options, found: { nodes } }: Bench): Promise<Outcome> {
  if (nodes === undefined) return { skipped: 'nodes.list failed' };
  const [first] = nodes;
  if (first === undefined) return { skipped: 'there is no node' };
  const { id, state } = await client.nodes.get(first.id, options);
  return { note: `node ${id}, ${state || 'no state'}` };
}

async function checkActive({ client, options, found }: Bench): Promise<Outcome> {
  found.active = await client.sessions.list(options);
  return { note: counted(found.active.length, 'active session') };
}

async function checkRecent({ client, options, found }: Bench): Promise<Outcome> {
  found.recent = await client.sessions.list({ ...options, recent: true });
  return { note: counted(found.recent.length, 'recent session') };
}

/** The first session, preferably an active one; or why there is none. */
function firstSession({ active, recent }: Bench['found']): { readonly uuid: string; readonly ended: boolean } | string {
  const [first] = active ?? [];
  const [last] = recent ?? [];
  if (first !== undefined) return { uuid: first.uuid, ended: false };
  if (last !== undefined) return { uuid: last.uuid, ended: true };
  return active === undefined || recent === undefined
    ? 'sessions.list or sessions.recent failed'
    : 'there is no session';
}

async function checkInfo({ client, options, found }: Bench): Promise<Outcome> {
  const session = firstSession(found);
  if (typeof session === 'string') return { skipped: session };
  try {
    const { service, progress } = await client.services.session(session.uuid).info(options);
    return { note: [service || 'no service', progress].filter(Boolean).join(', ') };
  } catch (error) {
    // The API does not document whether it returns info of sessions that have ended.
    if (session.ended && isNotFound(error)) return { skipped: 'the only session has ended' };
    throw error;
  }
}

async function checkLogs({ client, options, found }: Bench): Promise<Outcome> {
  const session = firstSession(found);
  if (typeof session === 'string') return { skipped: session };
  const { system } = await client.services.session(session.uuid).logs({ ...options, recent: session.ended });
  return { note: counted(system.length, 'system log line') };
}

async function checkMachines({ client, options }: Bench): Promise<Outcome> {
  const machines = await client.services.mr.available(options);
  const prices = machines.flatMap(({ total_price_usd: price }) => (price === undefined ? [] : [price]));
  const cheapest = prices.length === 0 ? [] : [`from ${Math.min(...prices)} USD per hour`];
  return { note: [counted(machines.length, 'machine'), ...cheapest].join(', ') };
}

async function checkRender({ client, options }: Bench): Promise<Outcome> {
  return { note: counted((await client.services.render.available(options)).length, 'machine') };
}

async function checkRelays({ client, options }: Bench): Promise<Outcome> {
  return { note: counted((await client.services.vpn.available(options)).length, 'relay') };
}

const withoutJob: Outcome = { skipped: 'needs --idle-job NODE/JOB, because the API does not list idle jobs' };

async function checkIdleJob({ client, options, idleJob }: Bench): Promise<Outcome> {
  if (idleJob === undefined) return withoutJob;
  const { is_up: isUp } = await client.idleJobs.get(...idleJob, options);
  return { note: isUp === true ? 'running' : 'not running' };
}

async function checkIdleJobLogs({ client, options, idleJob }: Bench): Promise<Outcome> {
  if (idleJob === undefined) return withoutJob;
  return { note: counted((await client.idleJobs.logs(...idleJob, options)).length, 'character') };
}

/** Every check, in the order in which they run. */
export const checks: readonly Check[] = [
  { suite: 'network', name: 'network.get', needsKey: false, run: checkNetwork },
  { suite: 'account', name: 'account.get', needsKey: true, run: checkAccount },
  { suite: 'account', name: 'account.balance', needsKey: true, run: checkBalance },
  { suite: 'apps', name: 'apps.list', needsKey: false, run: checkApps },
  { suite: 'nodes', name: 'nodes.list', needsKey: true, run: checkNodes },
  { suite: 'nodes', name: 'nodes.get', needsKey: true, run: checkNode },
  { suite: 'sessions', name: 'sessions.list', needsKey: true, run: checkActive },
  { suite: 'sessions', name: 'sessions.recent', needsKey: true, run: checkRecent },
  { suite: 'sessions', name: 'session.info', needsKey: true, run: checkInfo },
  { suite: 'sessions', name: 'session.logs', needsKey: true, run: checkLogs },
  { suite: 'services', name: 'services.mr', needsKey: true, run: checkMachines },
  { suite: 'services', name: 'services.render', needsKey: true, run: checkRender },
  { suite: 'services', name: 'services.vpn', needsKey: true, run: checkRelays },
  { suite: 'idle-jobs', name: 'idle-jobs.get', needsKey: true, run: checkIdleJob },
  { suite: 'idle-jobs', name: 'idle-jobs.logs', needsKey: true, run: checkIdleJobLogs },
];
