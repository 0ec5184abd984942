/** One request from its arrival to its response, over `fetch` or HTTP. */
import type { OperationId } from '../../generated/operations.ts';
import { type Answer, errorAnswer, messageAnswer } from './answers.ts';
import { type ParsedBody, parseBody, problemWithBody } from './bodies.ts';
import { type Delivery, deliveryOf, receivedText, statusAnswer, withoutBody } from './delivery.ts';
import { Era } from './era.ts';
import type { Fault, FaultScript } from './faults.ts';
import { handlers } from './handlers.ts';
import type { ResolvedOptions } from './options.ts';
import { type RecordedRequest, Records, urlWithout, valueWithout } from './records.ts';
import { type Route, routeOf } from './routes.ts';
import { refusedWithin200 } from './start-lies.ts';
import type { VirtualClock } from './virtual-clock.ts';
import type { World } from './world.ts';

/** A request, read from `fetch` or HTTP. */
export interface IncomingRequest {
  readonly method: string;
  /** The URL of the request, which may be relative. */
  readonly url: string;
  /** Path and query of the URL. */
  readonly path: string;
  /** Headers by their names in lower case, without the API key. */
  readonly headers: Readonly<Record<string, string>>;
  /** The API key of the request. */
  readonly key: string | undefined;
  readonly body: string | undefined;
}

/** One request in progress. */
export interface Exchange {
  readonly entry: RecordedRequest;
  readonly delivery: Promise<Delivery>;
  /** Sets the outcome of the request; only the first call counts. */
  finish(outcome: 'answered' | 'failed' | 'aborted', status?: number): void;
  /** Calls `act` when the simulator is reset. Returns a function that removes it. */
  onReset(act: () => void): () => void;
}

/** What exchanges depend on. */
export interface ExchangeContext {
  readonly clock: VirtualClock;
  readonly script: FaultScript;
  readonly options: Pick<ResolvedOptions, 'latencyMs' | 'apiKey' | 'requireKey' | 'basePath' | 'keepRequests'>;
  /** The current world. */
  world(): World;
  /** Unit: Unix ms, whole. */
  now(): number;
}

type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

/** What is known about a request when it has arrived. */
interface Arrival {
  readonly request: IncomingRequest;
  /** Path and query below the base path. */
  readonly path: string;
  readonly route: Route | undefined;
  readonly query: URLSearchParams;
  readonly body: ParsedBody;
  /** The era in which it arrived. */
  readonly era: Era;
}

/** Bodies larger than this are not kept. Unit: characters. */
const largestKept = 65_536;

/** The path below the base path; undefined if it is not below. */
function pathBelow(basePath: string, path: string): string | undefined {
  return path.startsWith(`${basePath}/`) ? path.slice(basePath.length) : undefined;
}

/** The response that a fault sends instead of processing the request. */
function scripted({ body }: Arrival, fault: Fault | undefined): Answer | undefined {
  if (fault === undefined) return undefined;
  if ('status' in fault) return statusAnswer(fault);
  return 'refuse' in fault ? refusedWithin200('value' in body ? body.value : undefined, fault.refuse) : undefined;
}

/** Receives requests, and responds to them when their time has come. */
export class Exchanges {
  readonly #context: ExchangeContext;
  readonly #records: Records;
  #counts = new Map<OperationId | undefined, number>();
  #era = new Era();

  constructor(context: ExchangeContext) {
    this.#context = context;
    this.#records = new Records(context.options.keepRequests);
  }

  /** The requests, in the order of their arrival. */
  get recorded(): readonly RecordedRequest[] {
    return this.#records.all;
  }

  /** Forgets all requests. Those in progress end as lost, and have no effect. */
  reset(): void {
    this.#records.clear();
    this.#counts = new Map();
    this.#era.end();
    this.#era = new Era();
  }

  /** Receives a request. Throws the error of a match function of a fault. */
  begin(request: IncomingRequest, onFinish?: (entry: RecordedRequest) => void): Exchange {
    const arrival = this.#arrive(request);
    const entry = this.#record(arrival);
    this.#records.add(entry);
    let carried: Delivery = { how: 'lost' };
    const finish: Exchange['finish'] = (outcome, status) => {
      if (entry.outcome !== 'pending') return;
      entry.outcome = outcome;
      entry.status = status;
      // Without a status, no part of the response has arrived.
      if (status !== undefined) this.#context.world().rentals.show(() => receivedText(carried));
      onFinish?.(entry);
    };
    const fault = this.#faultFor(arrival, finish);
    if (fault !== undefined) entry.fault = fault;
    const delivery = this.#deliver(arrival, entry).then((made) => {
      carried = made;
      return made;
    });
    return { entry, delivery, finish, onReset: (act) => arrival.era.onEnd(act) };
  }

  #arrive(request: IncomingRequest): Arrival {
    const below = pathBelow(this.#context.options.basePath, request.path);
    const path = below ?? request.path;
    const mark = path.indexOf('?');
    // HEAD is GET without a response body.
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const route = below === undefined ? undefined : routeOf(method, mark === -1 ? path : path.slice(0, mark));
    const query = new URLSearchParams(mark === -1 ? '' : path.slice(mark + 1));
    return { request, path, route, query, body: parseBody(request.body), era: this.#era };
  }

  #faultFor({ request, path, route, body }: Arrival, finish: Exchange['finish']): Fault | undefined {
    const { method, url, headers } = request;
    const operation = route?.operation;
    const nth = (this.#counts.get(operation) ?? 0) + 1;
    this.#counts.set(operation, nth);
    const value = 'value' in body ? body.value : undefined;
    try {
      return this.#context.script.take({ operation, method, url, path, headers, body: value, nth });
    } catch (error) {
      finish('failed');
      throw error;
    }
  }

  #record({ request, path, route, body }: Arrival): Writable<RecordedRequest> {
    const { method, url, headers, key = '', body: text = '' } = request;
    const value = 'value' in body ? body.value : undefined;
    const kept = text.length > largestKept ? `[${text.length} characters, not kept]` : valueWithout(value, key);
    return {
      operation: route?.operation,
      method,
      url: urlWithout(url, key),
      path: urlWithout(path, key),
      // Headers are text, so the result is text, too.
      headers: valueWithout(headers, key) as Record<string, string>,
      body: kept,
      at: this.#context.now(),
      processed: false,
      status: undefined,
      outcome: 'pending',
    };
  }

  /** Responds after the duration of the request. If the client gives up meanwhile, processing continues; only a reset stops it. */
  #deliver(arrival: Arrival, entry: Writable<RecordedRequest>): Promise<Delivery> {
    const { clock, options } = this.#context;
    return new Promise((resolve, reject) => {
      let timer: unknown;
      const wait = (ms: number, then: () => void) => {
        timer = clock.setTimer(then, ms, 'answer');
      };
      const stopListening = arrival.era.onEnd(() => {
        clock.clearTimer(timer);
        resolve({ how: 'lost' });
      });
      const give = (delivery: Delivery) => {
        stopListening();
        resolve(delivery);
      };
      const work = () => {
        const release = clock.occupy();
        const done = (delivery: Delivery) => {
          const laterMs = 'answer' in delivery ? (delivery.answer.laterMs ?? 0) : 0;
          if (laterMs > 0) wait(laterMs, () => give(delivery));
          else give(delivery);
        };
        this.#work(arrival, entry).then(done).catch(reject).finally(release);
      };
      wait(options.latencyMs + (entry.fault?.delayMs ?? 0), work);
    });
  }

  async #work(arrival: Arrival, entry: Writable<RecordedRequest>): Promise<Delivery> {
    const { fault } = entry;
    if (fault !== undefined && 'lost' in fault && fault.lost === 'before') return { how: 'lost' };
    const world = this.#context.world();
    const now = this.#context.now();
    world.settle(now);
    const requestId = world.requestIds.uuid();
    const answer = scripted(arrival, fault) ?? this.#refusal(arrival);
    if (answer === undefined) entry.processed = true;
    const given = answer ?? (await this.#process(arrival, world, now));
    const date = new Date(now).toUTCString();
    const whole = { ...given, headers: { 'x-request-id': requestId, date, ...given.headers } };
    return deliveryOf(arrival.request.method === 'HEAD' ? withoutBody(whole) : whole, fault);
  }

  /** The response to a request that must not be processed. */
  #refusal({ request, route, body }: Arrival): Answer | undefined {
    if (route === undefined) return errorAnswer(404);
    const { row, operation } = route;
    const { apiKey, requireKey } = this.#context.options;
    const { key = '' } = request;
    const isMissing = key === '' && requireKey && row.auth === 'required';
    const isWrong = isMissing || (key !== '' && apiKey !== undefined && key !== apiKey);
    if (row.auth !== 'none' && isWrong) return errorAnswer(401);
    if ('malformed' in body) return messageAnswer(400, 'Invalid JSON');
    const problem = problemWithBody(operation, body.value);
    return problem === undefined ? undefined : errorAnswer(422, `Invalid params: ${problem}`);
  }

  #process({ route, query, body }: Arrival, world: World, now: number): Answer | Promise<Answer> {
    if (route === undefined || 'malformed' in body) return errorAnswer(404);
    const { operation, parameters } = route;
    return handlers[operation]({ world, now, parameters, query, body: body.value });
  }
}
