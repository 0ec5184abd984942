/** Faults that can be switched on. All times are ms of the server. A switch can change at any time, and applies from the next request. */

/**
 * The response to a start.
 *
 * - `ok`: each item with its own UUID.
 * - `lost-after`, `lost-before`: the connection is dropped after the sessions have begun, or before.
 * - `<status>-with-effect`, `<status>-without-effect`: this HTTP status, although the sessions begin, or without sessions.
 * - `INTERNAL_ERROR-…`: 500 with that word, like nodes that are out of order.
 * - `reason-…`: 200, each item with a reason instead of a UUID.
 * - `empty`, `empty-list`, `html`, `cut-off`: 200 with such a body; the sessions begin.
 * - `short`: the last item is missing in the response. `object-for-array`: only the first item, without an array.
 * - `two-uuids`: a second session begins for the first item, and the response has both. `repeated`: a proxy sends the request twice, so
 *   everything begins twice, and the response has the second ones.
 * - `ids-from-1`, `ids-as-text`, `ids-all-0`, `no-ids`: items in order, with such ids. `ids-reversed`: the last item first, with its id.
 */
export type StartAnswer =
  | 'ok'
  | 'lost-after'
  | 'lost-before'
  | `${number | 'INTERNAL_ERROR' | 'reason'}-${'with' | 'without'}-effect`
  | 'empty'
  | 'empty-list'
  | 'html'
  | 'cut-off'
  | 'short'
  | 'object-for-array'
  | 'two-uuids'
  | 'repeated'
  | 'ids-from-1'
  | 'ids-as-text'
  | 'ids-all-0'
  | 'no-ids'
  | 'ids-reversed';

/** One start: its response, the delay, and the delays of its sessions. */
export interface StartScript {
  readonly answer?: StartAnswer;
  /** Delay of the response; Infinity: it never comes. */
  readonly answerDelayMs?: number;
  /** How long after the request the sessions begin. */
  readonly beginDelayMs?: number;
  /** Time lags of these sessions, instead of those of the switches. */
  readonly lags?: Partial<Lags>;
}

/** One stop. `-with-effect`: the session ends although the response is not a success. */
export interface StopScript {
  /** `200` without effect: the session keeps running. `drop`: the connection is closed without a response. */
  readonly answer: 'ok' | 'drop' | 'drop-with-effect' | `${number}` | `${number}-with-effect`;
  /** `Retry-After` of the response. Unit: seconds. */
  readonly retryAfterSeconds?: number;
  readonly answerDelayMs?: number;
}

/** How long the parts of the API take to show events. Each session keeps the values from its beginning. */
export interface Lags {
  /** How long `info` and `logs` return 404 after a session has begun. */
  infoLagMs: number;
  /** How long the active list does not show a session that has begun. */
  listLagMs: number;
  /** How long `stop` returns 404, without effect, after a session has begun. */
  stopLagMs: number;
  /** How long the recent list does not show a session that has ended. */
  recentLagMs: number;
  /** How long the active list still shows a session that has ended. */
  listEndLagMs: number;
}

/** A request for a list, as passed to a predicate. */
export interface ListRequest {
  readonly recent: boolean;
  /** How many lists of this kind were requested before. */
  readonly nth: number;
  readonly at: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

type Case = 'lower' | 'upper';

export interface Switches extends Lags {
  /** Responses of the next starts, one for each request. After them, `startAnswer` applies. */
  nextStarts: (StartAnswer | StartScript)[];
  startAnswer: StartAnswer;
  /** Delay of the response to each start, which has its effect at once. */
  startDelayMs: number;
  /** How long after the request a session begins. */
  beginDelayMs: number;
  /** Nodes that refuse, with the reason. */
  refusals: Record<number, string>;

  /** How long a session takes to be ready. */
  readyAfterMs: number;
  /** How long it takes to have an address, if that differs from the time until it is ready. */
  addressAfterMs: number | undefined;
  /** What shows readiness: both; `is_ready` only, with a meaningless text; or `progress` "running" only. */
  readyBy: 'both' | 'flag' | 'progress';
  /** How long an address of `urls` returns 502 after the session has begun. */
  siteAfterMs: number;

  /** Spelling of UUIDs in responses; `paths`: the spelling that the API accepts. */
  uuidCase: { start: Case; list: Case; info: Case; paths: Case | 'any' };
  /** How many active lists are empty, or a predicate of those that are. */
  emptyLists: number | ((list: ListRequest) => boolean);
  /** The recent list also shows running sessions, without `finished_at` or with 0 in it. */
  recentHoldsRunning: false | 'without-end' | 'zero-end';
  /** The recent list never shows a session that has ended. */
  recentForgets: boolean;
  /** Each session is in the lists twice. */
  listTwice: boolean;
  /** `node_id` is text in `info` and lists. */
  nodeIdAsText: boolean;
  /** No response has `user_envs`. */
  hideVariables: boolean;
  /** Lists show only sessions that were started with the same `x-view` header. */
  views: boolean;

  /**
   * The response of `info` once a session has ended: 404, 410, or 200 without an end, where `duration` and `charge_amount` stand still
   * (`200-still`) or keep growing (`200-counting`), or 200 with `finished_at`.
   */
  infoAfterEnd: '404' | '410' | '200-still' | '200-counting' | '200-with-end';
  /** `falling-back`: half as much for 10 s of each 20. `huge`: 10^40. `text`: a string. `float`: with half a Wei. */
  charge: 'normal' | 'absent' | 'falling-back' | 'negative' | 'huge' | 'text' | 'float';
  duration: 'normal' | 'absent';
  startedAt: 'ms' | 's' | 'iso' | 'absent';
  /** How far the server's clock is ahead; affects `Date`, `started_at` and `finished_at`. */
  serverClockOffsetMs: number;

  /** Responses of the next stops. After them, the other switches apply. */
  nextStops: StopScript[];
  /** Delay of the response to each stop. */
  stopDelayMs: number;
  /** When a stop takes effect: on arrival, or with the response. */
  stopEffect: 'request' | 'answer';
  /** How long a session keeps running after the first stop; each stop returns 200. Infinity: it never ends. */
  stopIgnoredForMs: number;
  /** Stops return 404 and have no effect. */
  stop404WhileRunning: boolean;

  /**
   * How the log of a container behaves. `shuffled`: a different order in each response. `newest-first`. `re-stamped`: each line begins with
   * the time of the response. `inserted`: after 5 s a line appears after the first. `rotated`: only the last 5 lines. `huge`: after 5 s,
   * 10 MB at once.
   */
  containerLog: 'normal' | 'shuffled' | 'newest-first' | 're-stamped' | 'inserted' | 'rotated' | 'huge';
  /** Time between two lines. */
  logEveryMs: number;
  /** Total number of lines. */
  logLines: number;

  /** Called as soon as a response was written to the socket, before the client can read it. */
  onAnswered: ((operation: string) => void) | undefined;
}

/** A world without faults and delays, except that a session is ready after 3 s. */
export function defaultSwitches(): Switches {
  return {
    ...{ infoLagMs: 0, listLagMs: 0, stopLagMs: 0, recentLagMs: 0, listEndLagMs: 0 },
    ...{ nextStarts: [], startAnswer: 'ok', startDelayMs: 0, beginDelayMs: 0, refusals: {} },
    ...{ readyAfterMs: 3_000, addressAfterMs: undefined, readyBy: 'both', siteAfterMs: 0 },
    ...{ uuidCase: { start: 'lower', list: 'lower', info: 'lower', paths: 'any' }, emptyLists: 0, views: false },
    ...{ recentHoldsRunning: false, recentForgets: false, listTwice: false, nodeIdAsText: false, hideVariables: false },
    ...{ infoAfterEnd: '404', charge: 'normal', duration: 'normal', startedAt: 'ms', serverClockOffsetMs: 0 },
    ...{ nextStops: [], stopDelayMs: 0, stopEffect: 'request', stopIgnoredForMs: 0, stop404WhileRunning: false },
    ...{ containerLog: 'normal', logEveryMs: 1_000, logLines: 1_000_000, onAnswered: undefined },
  };
}
