/** Starts, and their many responses. */
import { defaultWeiPerSecond, type Machine } from './catalogue.ts';
import type { Asked, Reply } from './exchange.ts';
import { jsonText } from './json.ts';
import type { MarketSession, Ordered, Service, Sessions } from './session.ts';
import type { StartAnswer, StartScript, Switches } from './switches.ts';

type Item = Ordered & { readonly id?: unknown };

interface Started {
  readonly item: Item;
  /** The session of this item; undefined if it was refused. */
  readonly session: MarketSession | undefined;
  readonly refusal?: string | undefined;
}

const withoutEffect = /^lost-before$|-without-effect$/;

/** Handles starts of one service. */
export class Starts {
  readonly #sessions: Sessions;
  readonly #switches: Switches;
  readonly #now: () => number;

  constructor(sessions: Sessions, switches: Switches, now: () => number) {
    this.#sessions = sessions;
    this.#switches = switches;
    this.#now = now;
  }

  /** Responds to the start of an item of `offers`. */
  take(service: Service, asked: Asked, offers: readonly Machine[]): Reply {
    const script = this.#nextScript();
    const { answer = this.#switches.startAnswer, answerDelayMs = this.#switches.startDelayMs } = script;
    const items = [asked.body].flat().map((item): Item => ({ ...Object(item), service, kind: kindOf(service, item) }));
    const begin = () => items.map((item) => this.#begin(item, { asked, script, offers, answer }));
    const started = begin();
    if (answer === 'repeated') started.splice(0, started.length, ...begin());
    const extra =
      answer === 'two-uuids'
        ? items.slice(0, 1).map((item) => this.#begin(item, { asked, script, offers, answer }))
        : [];
    const reply = this.#replyTo(answer, [...started, ...extra], Array.isArray(asked.body));
    return { ...reply, afterMs: answerDelayMs };
  }

  #nextScript(): StartScript {
    const next = this.#switches.nextStarts.shift() ?? {};
    return typeof next === 'string' ? { answer: next } : next;
  }

  #begin(
    item: Item,
    given: {
      readonly asked: Asked;
      readonly script: StartScript;
      readonly offers: readonly Machine[];
      readonly answer: StartAnswer;
    },
  ): Started {
    const { asked, script, offers, answer } = given;
    const offer = offers.find(({ node_id }) => node_id === Number(item.node_id));
    const refusal = offer === undefined ? 'Node not found' : this.#switches.refusals[item.node_id];
    if (refusal !== undefined || withoutEffect.test(answer)) return { item, session: undefined, refusal };
    const { beginDelayMs = this.#switches.beginDelayMs, lags } = script;
    const weiPerSecond = offer?.weiPerSecond ?? defaultWeiPerSecond;
    const begunAt = this.#now() + beginDelayMs;
    const { headers } = asked;
    return { item, session: this.#sessions.begin(item, { owner: 'client', begunAt, headers, lags, weiPerSecond }) };
  }

  #uuid({ uuid }: MarketSession): string {
    return this.#switches.uuidCase.start === 'upper' ? uuid.toUpperCase() : uuid;
  }

  /** One entry of the response. */
  #entry({ item, session, refusal = 'Node is busy' }: Started): Record<string, unknown> {
    const { id } = item;
    return session === undefined ? { id, reason: refusal, status: 1 } : { uuid: this.#uuid(session), id };
  }

  #replyTo(answer: StartAnswer, started: readonly Started[], isList: boolean): Reply {
    const failed = /^(\d+|INTERNAL_ERROR)-/.exec(answer)?.[1];
    if (failed !== undefined) return failure(failed);
    if (answer === 'lost-after' || answer === 'lost-before') return { drop: true };
    if (answer === 'empty') return { status: 200, body: '' };
    if (answer === 'html') return { status: 200, body: '<html><body>Welcome</body></html>', type: 'text/html' };
    const entries = answer.startsWith('reason-')
      ? started.map(({ item }) => this.#entry({ item, session: undefined }))
      : started.map((each) => this.#entry(each));
    if (isList) return { status: 200, body: shaped(answer, entries) };
    const [first = {}] = entries;
    const { uuid, reason } = first;
    return uuid === undefined
      ? { status: 400, body: jsonText({ message: reason }) }
      : { status: 201, body: jsonText({ uuid }) };
  }
}

function kindOf(service: Service, item: unknown): string | undefined {
  const { subkind = 'wg' } = Object(item);
  return service === 'vpn' ? String(subkind) : undefined;
}

function failure(what: string): Reply {
  if (what === 'INTERNAL_ERROR') return { status: 500, body: jsonText({ message: 'INTERNAL_ERROR' }) };
  const status = Number(what);
  const headers: Record<string, string> = status === 429 ? { 'retry-after': '1' } : {};
  return { status, body: jsonText({ error: `refused with ${status}` }), headers };
}

/** The text of the entries, in the form of the chosen response. */
function shaped(answer: StartAnswer, entries: readonly Record<string, unknown>[]): string {
  switch (answer) {
    case 'empty-list':
      return '[]';
    case 'cut-off':
      return jsonText(entries).slice(0, -10);
    case 'short':
      return jsonText(entries.slice(0, -1));
    case 'object-for-array':
      return jsonText(entries[0]);
    case 'ids-from-1':
      return jsonText(entries.map((entry, index) => ({ ...entry, id: index + 1 })));
    case 'ids-as-text':
      return jsonText(entries.map((entry) => ({ ...entry, id: String(entry.id) })));
    case 'ids-all-0':
      return jsonText(entries.map((entry) => ({ ...entry, id: 0 })));
    case 'no-ids':
      return jsonText(entries.map(({ id: _, ...entry }) => entry));
    case 'ids-reversed':
      return jsonText(entries.toReversed());
    default:
      return jsonText(entries);
  }
}
