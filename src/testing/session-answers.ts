/** Sessions as the API sends them: in the active list, in the recent list, and alone. */
import { isRecord } from '../codec/record.ts';
import { placeFields } from './catalogue.ts';
import { type Session, terminationReasons } from './session.ts';
import { vpnConfig } from './vpn-config.ts';
import type { World } from './world.ts';

type Fields = Record<string, unknown>;

const nowhere = { host: '', port: 0 };

/** The charge, unless the session never shows it. The charge of a running session may fall. */
function chargeFields(session: Session, { luck }: World, now: number): Fields {
  if (luck.isAbout('noCharge', session.uuid)) return {};
  const whole = session.chargeAt(now);
  const wei = session.finishedAt === undefined && luck.strikes('fallingCharge') ? whole / 2n : whole;
  return { charge_amount: session.oddities.textCharge ? String(wei) : wei };
}

function spelt(uuid: string, { options }: World): string {
  return options.conditions.uuidCase === 'upper' ? uuid.toUpperCase() : uuid;
}

/** Traffic so far; grows with the time since readiness. Unit: bytes. */
function traffic(session: Session, now: number): { rx: number; tx: number } {
  const end = Math.min(now, session.finishedAt ?? Number.POSITIVE_INFINITY);
  const seconds = Math.max(0, Math.floor((end - session.readyAt) / 1000));
  const rate = Number.parseInt(session.uuid.slice(0, 4), 16);
  return { rx: seconds * (rate + 1024), tx: seconds * ((rate >> 3) + 128) };
}

function numbersOf(value: unknown): number[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'number') : [];
}

function recordOf(value: unknown): Fields {
  return isRecord(value) ? value : {};
}

/** The address of a session, from a range that is reserved for documentation. */
function addressOf({ uuid }: Session): string {
  return `198.51.100.${(Number.parseInt(uuid.slice(4, 8), 16) % 254) + 1}`;
}

function urlsOf({ request, uuid }: Session): Record<string, string> {
  const short = uuid.slice(0, 8);
  return Object.fromEntries(
    numbersOf(request.http_ports).map((port) => [String(port), `https://${port}-${short}.example.com`]),
  );
}

function reachable(session: Session): Fields {
  const { uuid, request, node } = session;
  const first = 10_000 + (Number.parseInt(uuid.slice(9, 13), 16) % 20_000);
  const ports = [...new Set([22, ...numbersOf(request.ports)])];
  const ip = addressOf(session);
  return {
    public_ip: ip,
    container_id: [uuid.replaceAll('-', '').slice(0, 12)],
    ports_matrix: Object.fromEntries(ports.map((port, index) => [String(port), first + index])),
    urls: urlsOf(session),
    ssh_direct: { host: ip, port: first },
    ssh_proxy: { host: `px-${node.place.country_iso.toLowerCase()}-1.octa.computer`, port: first + 1000 },
    ssh_web: `https://ssh-${uuid.slice(0, 8)}.example.com`,
  };
}

const unreachable = { container_id: [], urls: {}, ssh_direct: nowhere, ssh_proxy: nowhere };

function hardware({ node, request }: Session): Fields {
  const { wire } = node;
  const gpus: unknown = wire.gpus;
  const gpu = Array.isArray(gpus)
    ? gpus.filter(isRecord).map(({ model, mem_total_mb }) => ({ model, mem_total_mb }))
    : [];
  const { cpu_model_name: cpu, cpu_cores, total_memory } = wire;
  return { cpu, cpu_cores, gpu, total_memory, disk: request.disk_size };
}

function appFields({ request }: Session, { apps }: World): Fields {
  const app = apps.find(({ uuid }) => uuid === request.app);
  if (app === undefined) return {};
  return { app_name: app.name, app_logo: `https://example.com/apps/${encodeURIComponent(app.name)}.png` };
}

/** Fields that only sessions of one service have. */
function serviceFields(session: Session, world: World, now: number): Fields {
  const { service, request, node } = session;
  const ready = session.isReady(now);
  const place = placeFields(node.place);
  if (service === 'vpn')
    return { kind: request.subkind ?? 'wg', ...(ready ? { ip: addressOf(session) } : {}), ...place };
  const variables = world.options.conditions.hideVariables ? {} : { user_envs: recordOf(request.envs) };
  const own = { ...place, ...variables, node_hw: hardware(session) };
  if (service === 'render') return own;
  const hasAddress = ready && now >= session.readyAt + world.options.conditions.lies.lateAddressMs;
  return { kind: 'base', ...appFields(session, world), ...(hasAddress ? reachable(session) : unreachable), ...own };
}

/** A session in the active list. */
export function activeSession(session: Session, world: World, now: number): Fields {
  const { uuid, service, startedAt, node, oddities } = session;
  return {
    uuid: spelt(uuid, world),
    service: oddities.noService ? '' : service,
    node_id: node.nodeId,
    progress: session.progressAt(now),
    ...(oddities.noReadiness ? {} : { is_ready: session.isReady(now) }),
    duration: session.secondsAt(now),
    started_at: startedAt,
    ...traffic(session, now),
    ...chargeFields(session, world, now),
    ...serviceFields(session, world, now),
    prices: {
      base_usd: typeof node.wire.base_usd === 'number' ? node.wire.base_usd : 0,
      currency_usd: node.wire.currency_usd === true,
      market_price: world.marketPrice,
    },
  };
}

/** A single session: the fields of the list, and the configuration of a relay. */
export function sessionInfo(session: Session, world: World, now: number): Fields {
  const fields = activeSession(session, world, now);
  if (session.service !== 'vpn') return fields;
  const { subkind = 'wg', protocol = 'trojan' } = session.request;
  const random = world.random.fork(`config/${session.uuid}`);
  const endpoint = { ip: addressOf(session), subkind: String(subkind), protocol: String(protocol), random };
  return { ...fields, config: session.isReady(now) ? vpnConfig(endpoint) : '' };
}

/** The node and the termination reason. The API may omit them if the session was stopped before it was ready. */
function endFields({ node, terminationReason, oddities }: Session, wasReady: boolean): Fields {
  const isVague = !wasReady && terminationReason === terminationReasons.stopped;
  const reason = oddities.textReason ? String(terminationReason) : terminationReason;
  return {
    ...(isVague && oddities.noNode ? {} : { node_id: node.nodeId }),
    ...(isVague && oddities.noReason ? {} : { termination_reason: reason }),
  };
}

/** A session in the recent list, which has other fields, and numbers as text. With `recentShowsRunning`, it may still run. */
export function recentSession(session: Session, world: World, now: number): Fields {
  const { uuid, service, startedAt, node } = session;
  const isOver = session.finishedAt !== undefined;
  const finishedAt = session.finishedAt ?? now;
  const { rx, tx } = traffic(session, now);
  const numbers = { duration: Math.ceil((finishedAt - startedAt) / 1000), rx, tx };
  const texts = Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, String(value)]));
  const wasReady = finishedAt >= session.readyAt;
  return {
    uuid: spelt(uuid, world),
    service,
    ...(service === 'mr' ? appFields(session, world) : {}),
    ...(world.options.quirks ? texts : numbers),
    started_at: startedAt,
    ...(isOver ? { finished_at: finishedAt } : {}),
    ...chargeFields(session, world, now),
    ...(isOver ? endFields(session, wasReady) : { node_id: node.nodeId }),
    urls: service === 'mr' && wasReady ? urlsOf(session) : {},
  };
}
