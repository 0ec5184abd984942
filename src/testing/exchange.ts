/** One request from its arrival to its answer, whatever carries them. */
import type { OperationId } from '../../generated/operations.ts';
import { type Answer, defaultAnswer, errorAnswer, jsonAnswer, jsonType, messageAnswer, textAnswer } from './answers.ts';
import { type ParsedBody, parseBody, problemWithBody } from './bodies.ts';
import type { Fault, FaultScript, StatusFault } from './faults.ts';
import { handlers } from './handlers.ts';
import { type Route, routeOf } from './routes.ts';
import { refusedWithin200 } from './starts.ts';
import type { VirtualClock } from './virtual-clock.ts';
import type { World } from './world.ts';

/** A request as its carrier read it. */
export interface IncomingRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** The API key that came along. */
  readonly key: string | undefined;
  readonly body: string | undefined;
}

/** What became of a request: `pending` until it is answered, its connection broke, or the client gave up. */
export type RequestOutcome = 'pending' | 'answered' | 'failed' | 'aborted';

/** A request that came, and what became of it. The API key is not in it. */
export interface RecordedRequest {
  /** Undefined for a path that the API does not have. */
  readonly operation: OperationId | undefined;
  /** HTTP method. */
  readonly method: string;
  /** With query. */
  readonly path: string;
  /** Parsed, with integers beyond 2^53 as bigint; undefined without a body, or when it is not JSON. */
  readonly body: unknown;
  /** When it came. Unit: Unix ms of the virtual wall clock. */
  readonly at: number;
  /** Whether the API has acted on it; a client that gave up or lost the answer does not know. */
  readonly processed: boolean;
  /** Status of the answer; undefined until there is one. */
  readonly status: number | undefined;
  /** What became of it, as its client sees it. */
  readonly outcome: RequestOutcome;
  /** The fault that it met. */
  readonly fault?: Fault;
}

/** What the carrier has to do with an answer. */
export type Delivery =
  | { readonly how: 'whole'; readonly answer: Answer }
  | { readonly how: 'cut'; readonly answer: Answer }
  | { readonly how: 'stalled-body'; readonly answer: Answer }
  | { readonly how: 'lost' }
  | { readonly how: 'stalled' };

/** One request under way. */
export interface Exchange {
  readonly entry: RecordedRequest;
  readonly delivery: Promise<Delivery>;
  /** Says what became of it; only the first time counts. */
  finish(outcome: 'answered' | 'failed' | 'aborted', status?: number): void;
}

/** What exchanges happen in. */
export interface ExchangeContext {
  readonly clock: VirtualClock;
  readonly script: FaultScript;
  /** Unit: ms. */
  readonly latencyMs: number;
  readonly apiKey: string | undefined;
  /** The present world. */
  world(): World;
  /** Unit: Unix ms, whole. */
  now(): number;
}

type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

/** What is known about a request when it has arrived. */
interface Arrival {
  readonly request: IncomingRequest;
  readonly route: Route | undefined;
  readonly query: URLSearchParams;
  readonly body: ParsedBody;
  readonly fault: Fault | undefined;
}

function withoutKey(text: string, key: string | undefined): string {
  return key === undefined || key === '' ? text : text.replaceAll(key, '[key]');
}

function statusAnswer({ status, body, headers = {} }: StatusFault): Answer {
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const type = lower['content-type'] ?? (typeof body === 'string' ? 'text/plain' : jsonType);
  const answer =
    body === undefined
      ? defaultAnswer(status)
      : typeof body === 'string'
        ? textAnswer(body, status, type)
        : jsonAnswer(body, status);
  return { ...answer, headers: { ...answer.headers, ...lower } };
}

function half({ status, headers, body }: Answer): Answer {
  return { status, headers, body: body.slice(0, Math.floor(body.length / 2)) };
}

function deliveryOf(answer: Answer, fault: Fault | undefined): Delivery {
  if (fault === undefined) return { how: 'whole', answer };
  if ('lost' in fault) return { how: 'lost' };
  if ('stall' in fault) return fault.stall === 'headers' ? { how: 'stalled' } : { how: 'stalled-body', answer };
  if ('cut' in fault) return { how: 'cut', answer };
  return { how: 'whole', answer: 'invalidJson' in fault ? half(answer) : answer };
}

/** Takes requests in, and answers them when their time has come. */
export class Exchanges {
  readonly #context: ExchangeContext;
  #recorded: RecordedRequest[] = [];
  #counts = new Map<OperationId | undefined, number>();

  constructor(context: ExchangeContext) {
    this.#context = context;
  }

  /** Every request that came, in its order. */
  get recorded(): readonly RecordedRequest[] {
    return this.#recorded;
  }

  /** Forgets what came. */
  reset(): void {
    this.#recorded = [];
    this.#counts = new Map();
  }

  /** Takes a request in. */
  begin(request: IncomingRequest, onFinish?: (entry: RecordedRequest) => void): Exchange {
    const arrival = this.#arrive(request);
    const entry = this.#record(arrival);
    this.#recorded.push(entry);
    return {
      entry,
      delivery: this.#deliver(arrival, entry),
      finish: (outcome, status) => {
        if (entry.outcome !== 'pending') return;
        entry.outcome = outcome;
        entry.status = status;
        onFinish?.(entry);
      },
    };
  }

  #arrive(request: IncomingRequest): Arrival {
    const { method, path, body: text } = request;
    const mark = path.indexOf('?');
    const route = routeOf(method, mark === -1 ? path : path.slice(0, mark));
    const query = new URLSearchParams(mark === -1 ? '' : path.slice(mark + 1));
    const body = parseBody(text);
    const operation = route?.operation;
    const nth = (this.#counts.get(operation) ?? 0) + 1;
    this.#counts.set(operation, nth);
    const value = 'value' in body ? body.value : undefined;
    const fault = this.#context.script.take({ operation, method, path, body: value, nth });
    return { request, route, query, body, fault };
  }

  #record({ request, route, body, fault }: Arrival): Writable<RecordedRequest> {
    const { method, path, key } = request;
    const hidden =
      key !== undefined && key !== '' && request.body?.includes(key) ? withoutKey(request.body, key) : undefined;
    const shown = hidden === undefined ? body : parseBody(hidden);
    return {
      operation: route?.operation,
      method,
      path: withoutKey(path, key),
      body: 'value' in shown ? shown.value : undefined,
      at: this.#context.now(),
      processed: false,
      status: undefined,
      outcome: 'pending',
      ...(fault === undefined ? {} : { fault }),
    };
  }

  /** Answers when the request has taken its time; a client that gives up meanwhile does not stop it. */
  #deliver(arrival: Arrival, entry: Writable<RecordedRequest>): Promise<Delivery> {
    const { clock, latencyMs } = this.#context;
    return new Promise((resolve, reject) => {
      const work = () => {
        const release = clock.hold();
        this.#work(arrival, entry).then(resolve, reject).finally(release);
      };
      clock.setTimer(work, latencyMs + (arrival.fault?.delayMs ?? 0), 'wait');
    });
  }

  async #work(arrival: Arrival, entry: Writable<RecordedRequest>): Promise<Delivery> {
    const { fault } = arrival;
    if (fault !== undefined && 'lost' in fault && fault.lost === 'before') return { how: 'lost' };
    const world = this.#context.world();
    const now = this.#context.now();
    world.settle(now);
    const requestId = world.requestIds.uuid();
    const answer = this.#scripted(arrival) ?? this.#refusal(arrival);
    if (answer === undefined) entry.processed = true;
    const given = answer ?? (await this.#process(arrival, world, now));
    const headers = { 'x-request-id': requestId, ...given.headers };
    return deliveryOf({ ...given, headers }, fault);
  }

  /** The answer that a fault puts in the place of processing. */
  #scripted({ fault, body }: Arrival): Answer | undefined {
    if (fault === undefined) return undefined;
    if ('status' in fault) return statusAnswer(fault);
    return 'refuse' in fault ? refusedWithin200('value' in body ? body.value : undefined, fault.refuse) : undefined;
  }

  /** The answer to what must not be processed. */
  #refusal({ request, route, body }: Arrival): Answer | undefined {
    if (route === undefined) return errorAnswer(404);
    const { row, operation } = route;
    const { apiKey } = this.#context;
    const { key = '' } = request;
    const isWrong = key === '' ? row.auth === 'required' : apiKey !== undefined && key !== apiKey;
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
