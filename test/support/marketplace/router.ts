/** Finds the operation of a request, and its response if there is no fault. */
import { account, type Machine, machineRecord, network, relayRecord } from './catalogue.ts';
import type { Asked, Operation, Reply } from './exchange.ts';
import { jsonText } from './json.ts';
import { Logs } from './logs.ts';
import { activeRecord, infoRecord, recentRecord, type Teller } from './records.ts';
import type { MarketSession } from './session.ts';
import { Starts } from './starts.ts';
import { Stops } from './stops.ts';

/** What can be rented. */
export interface Offers {
  readonly machines: readonly Machine[];
  readonly relays: readonly Machine[];
  readonly renderMachines: readonly Machine[];
}

const fixed: Readonly<Record<string, Operation>> = {
  'GET /network': 'network',
  'GET /accounts': 'account',
  'GET /accounts/balance': 'balance',
  'GET /services/mr': 'listMr',
  'GET /services/render': 'listRender',
  'GET /services/vpn': 'listVpn',
  'POST /services/mr': 'startMr',
  'POST /services/render': 'startRender',
  'POST /services/vpn': 'startVpn',
};

/** The operation of a request, and the UUID in its path. */
export function routeOf(method: string, path: string): { operation: Operation; uuid: string | undefined } {
  const { pathname, searchParams } = new URL(path, 'http://server');
  const recent = searchParams.get('recent') === 'true';
  if (method === 'GET' && pathname === '/sessions')
    return { operation: recent ? 'recent' : 'sessions', uuid: undefined };
  const [, start, uuid, end] = /^\/(services|site)\/([^/]+)\/([^/]+)$/.exec(pathname) ?? [];
  if (start === 'site') return { operation: 'site', uuid };
  const ofSession = { 'GET info': 'info', 'GET logs': 'logs', 'POST stop': 'stop' } as const;
  const named = Object.entries(ofSession).find(([name]) => name === `${method} ${end}`)?.[1];
  if (named !== undefined) return { operation: named, uuid };
  return { operation: fixed[`${method} ${pathname}`] ?? 'unknown', uuid: undefined };
}

const ok = (value: unknown): Reply => ({ status: 200, body: jsonText(value) });
const notFound: Reply = { status: 404, body: '{"error":"Session not found"}' };

export class Router {
  readonly #teller: Teller;
  readonly #offers: Offers;
  readonly #starts: Starts;
  readonly #stops: Stops;
  readonly #logs: Logs;
  readonly #lists = { active: 0, recent: 0 };

  constructor(teller: Teller, offers: Offers, now: () => number) {
    const { sessions, switches, openedAt } = teller;
    this.#teller = teller;
    this.#offers = offers;
    this.#starts = new Starts(sessions, switches, now);
    this.#stops = new Stops(sessions, switches, now);
    this.#logs = new Logs(sessions, switches, openedAt);
  }

  reply(asked: Asked): Reply {
    const { machines, relays, renderMachines } = this.#offers;
    switch (asked.operation) {
      case 'network':
        return ok(network);
      case 'account':
        return ok(account);
      case 'balance':
        return ok({ balance: account.balance });
      case 'listMr':
        return ok(machines.map(machineRecord));
      case 'listRender':
        return ok(renderMachines.map(machineRecord));
      case 'listVpn':
        return ok(relays.map(relayRecord));
      case 'startMr':
        return this.#starts.take('mr', asked, machines);
      case 'startRender':
        return this.#starts.take('render', asked, renderMachines);
      case 'startVpn':
        return this.#starts.take('vpn', asked, relays);
      case 'sessions':
        return this.#list(asked, false);
      case 'recent':
        return this.#list(asked, true);
      case 'unknown':
        return { status: 404, body: '{"error":"Not found"}' };
      default:
        return this.#ofSession(asked, this.#teller.sessions.find(asked.uuid ?? ''));
    }
  }

  #ofSession({ operation, path }: Asked, session: MarketSession | undefined): Reply {
    const { sessions, switches } = this.#teller;
    if (operation === 'stop') return this.#stops.take(session);
    if (session === undefined) return notFound;
    if (operation === 'site') {
      const answers = sessions.isRunning(session) && sessions.ageOf(session) >= switches.siteAfterMs;
      return answers ? { status: 200, body: 'hello', type: 'text/plain' } : { status: 502, body: '' };
    }
    if (!sessions.isKnown(session, 'infoLagMs')) return notFound;
    const ended = sessions.hasEnded(session);
    if (operation === 'logs') return ended && !path.endsWith('?recent=true') ? notFound : ok(this.#logs.of(session));
    if (ended && switches.infoAfterEnd === '404') return notFound;
    if (ended && switches.infoAfterEnd === '410') return { status: 410, body: '{"error":"Gone"}' };
    return ok(infoRecord(session, this.#teller));
  }

  #list({ headers, at }: Asked, recent: boolean): Reply {
    const { sessions, switches } = this.#teller;
    const kind = recent ? 'recent' : 'active';
    const nth = this.#lists[kind];
    this.#lists[kind] += 1;
    if (this.#isEmpty({ recent, nth, at, headers })) return ok([]);
    const view = headers['x-view'];
    const listed = sessions.all
      .filter((session) => (recent ? sessions.isListedAsRecent(session) : sessions.isListed(session)))
      .filter((session) => !switches.views || session.view === view)
      .map((session) => (recent ? recentRecord : activeRecord)(session, this.#teller));
    return ok(switches.listTwice ? listed.flatMap((each) => [each, each]) : listed);
  }

  #isEmpty(list: { recent: boolean; nth: number; at: number; headers: Asked['headers'] }): boolean {
    const { switches } = this.#teller;
    const { emptyLists } = switches;
    if (typeof emptyLists === 'function') return emptyLists(list);
    if (list.recent || emptyLists <= 0) return false;
    switches.emptyLists = emptyLists - 1;
    return true;
  }
}
