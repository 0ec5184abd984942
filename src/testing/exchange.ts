/** One request from its arrival to its answer, whatever carries them. */
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

/** A request as its carrier read it. */
export interface IncomingRequest {
  readonly method: string;
  /** As it was asked for. */
  readonly url: string;
  /** Path and query of it. */
  readonly path: string;
  /** Names in lower case; the API key is not among them. */
  readonly headers: Readonly<Record<string, string>>;
  /** The API key that came along. */
  readonly key: string | undefined;
  readonly body: string | undefined;
}

/** One request under way. */
export interface Exchange {
  readonly entry: RecordedRequest;
  readonly delivery: Promise<Delivery>;
  /** Says what became of it; only the first time counts. */
  finish(outcome: 'answered' | 'failed' | 'aborted', status?: number): void;
  /** Runs `act` when the simulator is reset; gives what takes that back. */
  onReset(act: () => void): () => void;
}

/** What exchanges happen in. */
export interface ExchangeContext {
  readonly clock: VirtualClock;
  readonly script: FaultScript;
  readonly options: Pick<ResolvedOptions, 'latencyMs' | 'apiKey' | 'requireKey' | 'basePath' | 'keepRequests'>;
  /** The present world. */
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
  /** The time that it came in. */
  readonly era: Era;
}

/** Larger bodies are not kept. Unit: characters. */
const largestKept = 65_536;

/** The path below the base path; undefined for one that is not. */
function pathBelow(basePath: string, path: string): string | undefined {
  return path.startsWith(`${basePath}/`) ? path.slice(basePath.length) : undefined;
}

/** The answer that a fault puts in the place of processing. */
function scripted({ body }: Arrival, fault: Fault | undefined): Answer | undefined {
  if (fault === undefined) return undefined;
  if ('status' in fault) return statusAnswer(fault);
  return 'refuse' in fault ? refusedWithin200('value' in body ? body.value : undefined, fault.refuse) : undefined;
}

/** Takes requests in, and answers them when their time has come. */
export class Exchanges {
  readonly #context: ExchangeContext;
  readonly #records: Records;
  #counts = new Map<OperationId | undefined, number>();
  #era = new Era();

  constructor(context: ExchangeContext) {
    this.#context = context;
    this.#records = new Records(context.options.keepRequests);
  }

  /** The requests that came, in their order. */
  get recorded(): readonly RecordedRequest[] {
    return this.#records.all;
  }

  /** Forgets what came; what is under way ends as lost, and does nothing any more. */
  reset(): void {
    this.#records.clear();
    this.#counts = new Map();
    this.#era.end();
    this.#era = new Era();
  }

  /** Takes a request in. What a fault's own condition throws comes out. */
  begin(request: IncomingRequest, onFinish?: (entry: RecordedRequest) => void): Exchange {
    const arrival = this.#arrive(request);
    const entry = this.#record(arrival);
    this.#records.add(entry);
    let carried: Delivery = { how: 'lost' };
    const finish: Exchange['finish'] = (outcome, status) => {
      if (entry.outcome !== 'pending') return;
      entry.outcome = outcome;
      entry.status = status;
      // Without a status, nothing of the answer has arrived.
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
    // HEAD is GET without the body of the answer.
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
      // Of text, text is made.
      headers: valueWithout(headers, key) as Record<string, string>,
      body: kept,
      at: this.#context.now(),
      processed: false,
      status: undefined,
      outcome: 'pending',
    };
  }

  /** Answers when the request has taken its time; a client that gives up meanwhile does not stop it, but a reset does. */
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

  /** The answer to what must not be processed. */
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
