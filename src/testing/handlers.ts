/** The handler of each operation. */
import type { OperationId } from '../../generated/operations.ts';
import { isRecord } from '../codec/record.ts';
import { type Answer, bytesAnswer, emptyAnswer, errorAnswer, jsonAnswer } from './answers.ts';
import { detailedNode, isInCountry, listedNode, type OperatorNode } from './operator-nodes.ts';
import { getSessionInfo, getSessionLogs, listSessions, stopSession } from './session-handlers.ts';
import { startMr, startOne } from './starts.ts';
import type { Handler, Work } from './work.ts';

function balanceOf({ world, now }: Work): bigint | string {
  const wei = world.ledger.balanceAt(now);
  return world.options.quirks && world.whims.chance(0.3) ? String(wei) : wei;
}

/** The response to a command without a result: an empty object, or no body. */
function done(isEmpty: boolean): Answer {
  return isEmpty ? emptyAnswer : jsonAnswer({});
}

function account(work: Work): Answer {
  const { account_uuid, uid, email, avatar, ref_code, wallet } = work.world.account;
  return jsonAnswer({ account_uuid, uid, email, balance: balanceOf(work), avatar, ref_code, wallet });
}

function generateWallet({ world, now }: Work): Answer {
  const { account, random } = world;
  // Different each time, even within one millisecond.
  const address = `0x${random.fork(`wallet/${account.wallet}/${now}`).hex(40)}`;
  account.wallet = address;
  return jsonAnswer({ address });
}

/** A handler for the node in the path. */
function withNode(use: (node: OperatorNode, work: Work) => Answer): Handler {
  return (work) => {
    const node = work.world.nodes.find(({ id }) => String(id) === work.parameters.node_id);
    return node === undefined ? errorAnswer(404, 'Node not found') : use(node, work);
  };
}

function listNodes({ world, now, query }: Work): Answer {
  const [country, appId] = [query.get('country'), query.get('app')];
  const app = world.apps.find(({ uuid }) => uuid === appId);
  const runs = ({ machine }: OperatorNode): boolean =>
    app !== undefined &&
    Number(machine.wire.free_disk) >= app.minDiskSize * 1e9 &&
    (machine.wire.is_has_gpu === true || !app.needsGpu);
  const nodes = world.nodes.filter(
    (node) => (country === null || isInCountry(node, country)) && (appId === null || runs(node)),
  );
  return jsonAnswer(nodes.map((node) => listedNode(node, world.nodeView(node.id, now))));
}

function updatePrices(node: OperatorNode, { body }: Work): Answer {
  const given = Object.entries(isRecord(body) ? body : {}).filter(([, value]) => value !== undefined);
  const { prices } = node;
  const changes = given.filter(([name]) => Object.hasOwn(prices, name));
  if (changes.length === 0) return errorAnswer(422, 'Invalid params: no price is given');
  Object.assign(prices, Object.fromEntries(changes.map(([name, value]) => [name, BigInt(String(value))])));
  return done(node.answersEmpty);
}

function reboot(node: OperatorNode, { now }: Work): Answer {
  node.rebootedAt = now;
  node.reboots++;
  return done(node.answersEmpty);
}

function nodeLog(node: OperatorNode, { now }: Work): string {
  return `${new Date(now).toISOString()} node ${node.id} up, rebooted ${node.reboots} times\n`;
}

/** Idle jobs have the numbers 1 to 100. Every third job is down. */
function jobOf(work: Work): number | undefined {
  const { world, parameters } = work;
  const job = Number(parameters.job_id);
  const known = world.nodes.some(({ id }) => String(id) === parameters.node_id);
  return known && Number.isInteger(job) && job >= 1 && job <= 100 ? job : undefined;
}

function getIdleJob(work: Work): Answer {
  const job = jobOf(work);
  if (job === undefined) return errorAnswer(404, 'Job not found');
  if (job % 3 === 0) return jsonAnswer({ is_up: false, uptime: 0, error: 'container exited with code 137' });
  const { now, world } = work;
  return jsonAnswer({ is_up: true, uptime: Math.floor((now - world.options.startedAt) / 1000) + job * 60 });
}

async function gzipped(text: string): Promise<string> {
  const packed = new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'));
  const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

async function getIdleJobLogs(work: Work): Promise<Answer> {
  const job = jobOf(work);
  if (job === undefined) return errorAnswer(404, 'Job not found');
  return jsonAnswer({ data: await gzipped(`Worker ${job} started\nfound ${job % 8} GPUs\n`) });
}

/** Every operation of the API. */
export const handlers: Readonly<Record<OperationId, Handler>> = {
  getAccount: account,
  generateWallet,
  getBalance: (work) => jsonAnswer({ balance: balanceOf(work) }),
  listApps: ({ world }) => jsonAnswer(world.apps.map(({ wire }) => wire)),
  getNetwork: ({ world, now }) => jsonAnswer(world.networkFigures(now)),
  listNodes,
  getNode: withNode((node, { world, now }) => jsonAnswer(detailedNode(node, world.nodeView(node.id, now)))),
  downloadNodeIdent: withNode(({ id }) => bytesAnswer(`octa-node-ident ${id}\n`)),
  downloadNodeLogs: withNode((node, work) => bytesAnswer(nodeLog(node, work))),
  updateNodePrices: withNode(updatePrices),
  rebootNode: withNode(reboot),
  listSessions,
  listMrMachines: ({ world, now }) => jsonAnswer(world.available('mr', now).map(({ wire }) => wire)),
  startMr: ({ world, now, body }) => startMr(world, body, now),
  listRenderMachines: ({ world, now }) => jsonAnswer(world.available('render', now).map(({ wire }) => wire)),
  startRender: ({ world, now, body }) => startOne(world, { service: 'render', body, now, word: 'queued' }),
  listVpnNodes: ({ world, now }) => jsonAnswer(world.available('vpn', now).map(({ wire }) => wire)),
  startVpn: ({ world, now, body }) => startOne(world, { service: 'vpn', body, now, word: 'starting' }),
  getSessionInfo,
  getSessionLogs,
  stopSession,
  getIdleJob,
  getIdleJobLogs,
};
