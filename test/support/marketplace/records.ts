/** The records of sessions in the API, which are not always true. */
import { Digits } from './json.ts';
import type { MarketSession, Sessions } from './session.ts';
import type { Switches } from './switches.ts';

/** The input for the records. */
export interface Teller {
  readonly sessions: Sessions;
  readonly switches: Switches;
  /** The wall clock of the server when it opened. Unit: Unix ms. */
  readonly openedAt: number;
  /** Address of this server, for `urls`. */
  readonly url: string;
}

const huge = 10n ** 40n;

function spelt(uuid: string, spelling: 'lower' | 'upper'): string {
  return spelling === 'upper' ? uuid.toUpperCase() : uuid;
}

/** A time of the server in the format of the API. */
function unixMs(at: number, { openedAt, switches }: Teller): number {
  return Math.round(openedAt + at + switches.serverClockOffsetMs);
}

function startedAt({ begunAt }: MarketSession, teller: Teller): number | string | undefined {
  const ms = unixMs(begunAt, teller);
  switch (teller.switches.startedAt) {
    case 'ms':
      return ms;
    case 's':
      return Math.round(ms / 1000);
    case 'iso':
      return new Date(ms).toISOString();
    case 'absent':
      return undefined;
  }
}

function charge({ weiPerSecond }: MarketSession, ageMs: number, { switches }: Teller): unknown {
  const wei = (weiPerSecond * BigInt(Math.round(ageMs))) / 1_000n;
  switch (switches.charge) {
    case 'normal':
      return wei;
    case 'absent':
      return undefined;
    case 'falling-back':
      return ageMs % 20_000 < 10_000 ? wei : wei / 2n;
    case 'negative':
      return -wei;
    case 'huge':
      return huge;
    case 'text':
      return wei.toString();
    case 'float':
      return new Digits(`${wei}.5`);
  }
}

function addresses({ uuid, ports, http_ports, service, node_id }: MarketSession, { url }: Teller): object {
  if (service === 'vpn') return { ip: '203.0.113.9', country: 'Poland', country_iso: 'PL', city: 'Zakrzew' };
  const matrix = ports.map((port, index) => [port, 10_000 + (node_id % 100) * 100 + index]);
  const ssh = matrix.find(([port]) => port === 22)?.[1];
  return {
    public_ip: '203.0.113.7',
    ports_matrix: Object.fromEntries(matrix),
    urls: Object.fromEntries(http_ports.map((port) => [port, `${url}/site/${uuid}/${port}`])),
    ssh_direct: ssh === undefined ? {} : { host: '203.0.113.7', port: ssh },
    ssh_proxy: ssh === undefined ? {} : { host: 'px-fr-1.octa.computer', port: 30_005 },
  };
}

function readiness(ageMs: number, { readyAfterMs, readyBy }: Switches): object {
  if (ageMs < readyAfterMs) return { progress: 'preparing', is_ready: false };
  if (readyBy === 'flag') return { progress: 'almost there', is_ready: true };
  return readyBy === 'progress' ? { progress: 'running' } : { progress: 'service configured', is_ready: true };
}

function vpnConfig({ kind, uuid }: MarketSession): unknown {
  if (kind === 'http_proxy') return { ip: '203.0.113.9', port: 8_080 };
  if (kind === 'v2ray') return `trojan://${uuid}@203.0.113.9:443`;
  return `[Interface]\nPrivateKey = ${uuid}\nAddress = 10.0.0.2/32\n[Peer]\nEndpoint = 203.0.113.9:51820\n`;
}

function nodeId({ node_id }: MarketSession, { nodeIdAsText }: Switches): number | string {
  return nodeIdAsText ? String(node_id) : node_id;
}

/** The record of a running session. */
function record(session: MarketSession, ageMs: number, teller: Teller): object {
  const { switches } = teller;
  const { service, kind = service === 'mr' ? 'base' : undefined, envs } = session;
  const addressAfterMs = switches.addressAfterMs ?? switches.readyAfterMs;
  return {
    ...{ service, kind, app_name: '', node_id: nodeId(session, switches) },
    ...readiness(ageMs, switches),
    duration: switches.duration === 'absent' ? undefined : Math.ceil(ageMs / 1_000),
    started_at: startedAt(session, teller),
    ...{ rx: 0, tx: 0, charge_amount: charge(session, ageMs, teller) },
    container_id: service === 'mr' ? [1] : undefined,
    user_envs: switches.hideVariables || service === 'vpn' ? undefined : envs,
    ...(ageMs < addressAfterMs ? {} : addresses(session, teller)),
    prices: { base_usd: 3_400, currency_usd: false, market_price: 0.104 },
  };
}

/** The record of the active list. */
export function activeRecord(session: MarketSession, teller: Teller): object {
  const uuid = spelt(session.uuid, teller.switches.uuidCase.list);
  return { uuid, ...record(session, teller.sessions.ageOf(session), teller) };
}

/** The response of `info`. For an ended session it shows no end, unless the switches add it. */
export function infoRecord(session: MarketSession, teller: Teller): object {
  const { sessions, switches } = teller;
  const { readyAfterMs, infoAfterEnd, uuidCase } = switches;
  const { endedAt = 0 } = session;
  const ageMs =
    infoAfterEnd === '200-counting' ? sessions.ageOf({ ...session, endedAt: undefined }) : sessions.ageOf(session);
  const hasConfig = session.service === 'vpn' && ageMs >= readyAfterMs;
  const tellsEnd = sessions.hasEnded(session) && infoAfterEnd === '200-with-end';
  return {
    uuid: spelt(session.uuid, uuidCase.info),
    ...record(session, ageMs, teller),
    config: hasConfig ? vpnConfig(session) : undefined,
    finished_at: tellsEnd ? unixMs(endedAt, teller) : undefined,
  };
}

/** The record of the recent list, in which some numbers are text. */
export function recentRecord(session: MarketSession, teller: Teller): object {
  const { sessions, switches } = teller;
  const { service, kind, endedAt, terminationReason } = session;
  const ageMs = sessions.ageOf(session);
  const finished = endedAt !== undefined && sessions.hasEnded(session) ? unixMs(endedAt, teller) : undefined;
  return {
    ...{ uuid: spelt(session.uuid, switches.uuidCase.list), service, kind, app_name: '' },
    node_id: nodeId(session, switches),
    duration: switches.duration === 'absent' ? undefined : String(Math.ceil(ageMs / 1_000)),
    started_at: startedAt(session, teller),
    finished_at: finished ?? (switches.recentHoldsRunning === 'zero-end' ? 0 : undefined),
    ...{ rx: '0', tx: '0', charge_amount: charge(session, ageMs, teller) },
    termination_reason: finished === undefined ? undefined : terminationReason,
  };
}
