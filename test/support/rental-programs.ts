/** A program with its own client. It may die: after that, it does nothing. */
import {
  type LateSession,
  type LeaseLedger,
  OctaClient,
  type OctaClientOptions,
  OctaError,
  OctaSessionError,
} from '../../src/index.ts';
import type { OctaSimulator } from '../../src/testing/index.ts';

/** One item of a request that started something. */
export interface PostedItem {
  /** Its mark; undefined for a relay. */
  readonly mark: string | undefined;
  readonly node: number;
  /** The value that identifies its order. */
  readonly disk: number | undefined;
}

/** One request that started something, and what the program received. */
export interface Post {
  readonly at: number;
  readonly service: 'mr' | 'render' | 'vpn';
  readonly items: readonly PostedItem[];
  /** Status of the response; undefined if the connection was lost, or nothing arrived. */
  status: number | undefined;
  /** The part of the response that was read; undefined if it could not be read. */
  text: string | undefined;
}

/** One session at a point in virtual time. */
export interface Noted {
  /** UUID in lower case. */
  readonly uuid: string;
  readonly at: number;
}

const services = { mr: 'mr', render: 'render', vpn: 'vpn' } as const;

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return Object(value);
}

function itemOf(body: unknown): PostedItem {
  const { node_id, disk_size, envs } = recordOf(body);
  const mark = recordOf(envs).OCTA_LEASE_ID;
  return {
    mark: typeof mark === 'string' ? mark : undefined,
    node: Number(node_id),
    disk: typeof disk_size === 'number' ? disk_size : undefined,
  };
}

/** Never settles; a dead process waits for it. */
function never<Result>(): Promise<Result> {
  return new Promise(() => undefined);
}

/** One program. */
export class Program {
  readonly client: OctaClient;
  readonly simulator: OctaSimulator;
  /** Its own ledger, or a shared one. */
  readonly ledger: LeaseLedger | undefined;
  /** All reports of sessions and leases by the program, in lower case. */
  readonly told: string[] = [];
  readonly posts: Post[] = [];
  readonly stops: Noted[] = [];
  /** When a list of active sessions last showed each session. Unit: Unix ms of the market. */
  readonly listedAt = new Map<string, number>();
  /** When it died, or its client was closed. Unit: Unix ms of the market. */
  diedAt: number | undefined;
  closedAt: number | undefined;
  /** The number of the start with which it dies. */
  diesAtStart: number | undefined;
  readonly #timers = new Set<unknown>();

  constructor(
    simulator: OctaSimulator,
    ledger: LeaseLedger | undefined,
    options: Pick<OctaClientOptions, 'maxTotalSpend'> = {},
  ) {
    this.simulator = simulator;
    this.ledger = ledger;
    const tell = (line: string): void => void this.told.push(line.toLowerCase());
    this.client = new OctaClient({
      apiKey: 'a-key',
      fetch: (url, init) => this.#fetch(String(url), init ?? {}),
      clock: this.#clock(),
      logger: { error: tell, warn: tell, info: () => undefined, debug: () => undefined },
      logLevel: 'warn',
      onLateSession: ({ session, leaseId }: LateSession) => tell(`late: ${session} ${leaseId}`),
      ...(ledger === undefined ? {} : { ledger: this.#mortal(ledger) }),
      ...options,
    });
  }

  get isDead(): boolean {
    return this.diedAt !== undefined;
  }

  die(): void {
    if (this.isDead) return;
    this.diedAt = this.simulator.now;
    for (const timer of this.#timers) this.simulator.clock.clearTimer(timer);
    this.#timers.clear();
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.in(ms, resolve));
  }

  in(ms: number, act: () => void): void {
    this.#set(act, ms, 'limit');
  }

  /** Records the sessions and leases in an error that may be running. */
  hear(error: unknown): void {
    if (error instanceof OctaError) {
      const { leaseId = '', suspects = [] } = error;
      this.told.push(...[leaseId, ...suspects].map((each) => each.toLowerCase()));
    }
    if (error instanceof OctaSessionError) {
      this.told.push(...error.running.map((each) => each.toLowerCase()));
      for (const failure of error.stopFailures) this.hear(failure.error);
    }
    if (typeof error !== 'object' || error === null) return;
    const { cause, error: main, suppressed } = recordOf(error);
    for (const each of [cause, main, suppressed]) if (each !== undefined) this.hear(each);
  }

  /** Whether the program reported a session, or its lease. */
  named(uuid: string, leaseId: string | undefined): boolean {
    const names = leaseId === undefined ? [uuid] : [uuid, leaseId.toLowerCase()];
    return this.told.some((line) => names.some((name) => line.includes(name)));
  }

  #set(act: () => void, ms: number, purpose: 'wait' | 'limit' | 'background'): unknown {
    if (this.isDead) return undefined;
    const timer = this.simulator.clock.setTimer(
      () => {
        this.#timers.delete(timer);
        act();
      },
      ms,
      purpose,
    );
    this.#timers.add(timer);
    return timer;
  }

  #clock() {
    const { clock } = this.simulator;
    return {
      now: () => clock.now(),
      random: () => clock.random?.() ?? 0.5,
      setTimer: (act: () => void, ms: number, purpose: 'wait' | 'limit' | 'background') => this.#set(act, ms, purpose),
      clearTimer: (timer: unknown) => {
        this.#timers.delete(timer);
        clock.clearTimer(timer);
      },
    };
  }

  /** A call that never settles once the process is dead. */
  #alive<Result>(work: Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      work.then(
        (result) => (this.isDead ? undefined : resolve(result)),
        (error: unknown) => (this.isDead ? undefined : reject(error)),
      );
    });
  }

  #mortal(ledger: LeaseLedger): LeaseLedger {
    const wrap = <Given extends unknown[], Result>(method: (...given: Given) => Promise<Result>) => {
      return (...given: Given): Promise<Result> => (this.isDead ? never() : this.#alive(method(...given)));
    };
    return {
      put: wrap((record) => ledger.put(record)),
      claim: wrap((...given: Parameters<LeaseLedger['claim']>) => ledger.claim(...given)),
      delete: wrap((id) => ledger.delete(id)),
      list: wrap(() => ledger.list()),
    };
  }

  async #fetch(url: string, init: RequestInit): Promise<Response> {
    if (this.isDead) return never();
    const path = url.slice(url.indexOf('/', 8));
    const [, first, second, third] = path.split('/');
    const isPost = init.method === 'POST';
    if (first === 'services' && third === 'stop') {
      this.stops.push({ uuid: String(second).toLowerCase(), at: this.simulator.now });
    }
    const service = isPost && third === undefined ? services[second as keyof typeof services] : undefined;
    const post = service === undefined ? undefined : this.#post(service, init.body);
    const pending = this.simulator.fetch(url, init);
    if (post !== undefined && this.posts.length === this.diesAtStart) this.die();
    const response = await this.#alive(pending);
    if (post !== undefined) {
      post.status = response.status;
      this.#onText(response, (text) => {
        post.text = text;
      });
    } else if (first === 'sessions' && !path.includes('recent=true')) {
      this.#onText(response, (text) => this.#noteList(text));
    }
    return response;
  }

  #post(service: Post['service'], body: unknown): Post {
    const parsed: unknown = JSON.parse(String(body));
    const post: Post = {
      at: this.simulator.now,
      service,
      items: [parsed].flat().map(itemOf),
      status: undefined,
      text: undefined,
    };
    this.posts.push(post);
    return post;
  }

  /** Records the body when the SDK has read it completely, by replacing the reader of the stream. */
  #onText({ body }: Response, note: (text: string) => void): void {
    if (body === null) return;
    const reader = body.getReader();
    const read = reader.read.bind(reader);
    const decoder = new TextDecoder();
    let text = '';
    reader.read = async () => {
      const result = await read();
      if (!result.done) text += decoder.decode(result.value, { stream: true });
      else if (!this.isDead) note(text);
      return result;
    };
    // The stream is locked by now, so this reader is the only one.
    Object.defineProperty(body, 'getReader', { value: () => reader });
  }

  #noteList(text: string): void {
    const { now } = this.simulator;
    for (const [, uuid = ''] of text.matchAll(/"uuid":"([^"]+)"/g)) this.listedAt.set(uuid.toLowerCase(), now);
  }
}
