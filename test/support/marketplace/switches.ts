/** What can be made to go wrong. All times are ms of the server. Change a switch at any time; it counts from the next request on. */

/**
 * How a start is answered.
 *
 * - `ok`: each item with its own UUID.
 * - `lost-after`, `lost-before`: the connection is dropped after the sessions have begun, or before.
 * - `<status>-with-effect`, `<status>-without-effect`: that HTTP status, although the sessions begin, or without any.
 * - `INTERNAL_ERROR-…`: 500 with that word, as nodes answer that are out of order.
 * - `reason-…`: 200, each item with a reason instead of a UUID.
 * - `empty`, `empty-list`, `html`, `cut-off`: 200 with such a body; the sessions begin.
 * - `short`: the last item is missing from the answer. `object-for-array`: only the first item, and no list around it.
 * - `two-uuids`: a second session begins for the first item, and the answer names both. `repeated`: a proxy has sent the request twice, so
 *   everything begins twice, and the answer names the second ones.
 * - `ids-from-1`, `ids-as-text`, `ids-all-0`, `no-ids`: items in order, with such ids. `ids-reversed`: the last item first, each with its own id.
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

/** One start: how it is answered, when, and what becomes of its sessions. */
export interface StartScript {
  readonly answer?: StartAnswer;
  /** How long the answer takes; for ever with Infinity. */
  readonly answerDelayMs?: number;
  /** How long after the request the sessions begin. */
  readonly beginDelayMs?: number;
  /** Time lags of these sessions, instead of those of the switches. */
  readonly lags?: Partial<Lags>;
}

/** One stop. `-with-effect`: the session ends although the answer is not a success. */
export interface StopScript {
  /** `200` without effect leaves the session running, `drop` closes the connection without an answer. */
  readonly answer: 'ok' | 'drop' | 'drop-with-effect' | `${number}` | `${number}-with-effect`;
  /** `Retry-After` of the answer. Unit: seconds. */
  readonly retryAfterSeconds?: number;
  readonly answerDelayMs?: number;
}

/** How long the parts of the API take to know what has happened. They are taken over by each session as it begins. */
export interface Lags {
  /** How long `info` and `logs` answer 404 after a session has begun. */
  infoLagMs: number;
  /** How long the active list does not show a session that has begun. */
  listLagMs: number;
  /** How long `stop` answers 404, without effect, after a session has begun. */
  stopLagMs: number;
  /** How long the recent list does not show a session that has ended. */
  recentLagMs: number;
  /** How long the active list goes on showing a session that has ended. */
  listEndLagMs: number;
}

/** What a request for a list is, for a predicate. */
export interface ListRequest {
  readonly recent: boolean;
  /** How many lists of this kind were asked for before. */
  readonly nth: number;
  readonly at: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

type Case = 'lower' | 'upper';

export interface Switches extends Lags {
  /** Answers of the next starts, one for each request. After them it is `startAnswer`. */
  nextStarts: (StartAnswer | StartScript)[];
  startAnswer: StartAnswer;
  /** How long each start takes to be answered; it has its effect at once. */
  startDelayMs: number;
  /** How long after the request a session begins. */
  beginDelayMs: number;
  /** Nodes that refuse, and why. */
  refusals: Record<number, string>;

  /** How long a session takes to be ready. */
  readyAfterMs: number;
  /** How long it takes to have an address, if not as long as to be ready. */
  addressAfterMs: number | undefined;
  /** What says that it is ready: both, `is_ready` alone with a text that means nothing, or `progress` "running" alone. */
  readyBy: 'both' | 'flag' | 'progress';
  /** How long an address of `urls` answers 502 after the session has begun. */
  siteAfterMs: number;

  /** Spelling of UUIDs in answers; `paths` is what the API takes. */
  uuidCase: { start: Case; list: Case; info: Case; paths: Case | 'any' };
  /** How many active lists are empty, or which lists are. */
  emptyLists: number | ((list: ListRequest) => boolean);
  /** The recent list also holds sessions that run: without `finished_at`, or with 0 there. */
  recentHoldsRunning: false | 'without-end' | 'zero-end';
  /** The recent list never shows a session that has ended. */
  recentForgets: boolean;
  /** Each session is in the lists twice. */
  listTwice: boolean;
  /** `node_id` is text in `info` and lists. */
  nodeIdAsText: boolean;
  /** No answer has `user_envs`. */
  hideVariables: boolean;
  /** Lists show only sessions that were started with the same `x-view` header. */
  views: boolean;

  /**
   * What `info` answers once a session has ended: 404, 410, or 200 without an end, where `duration` and `charge_amount` stand still
   * (`200-still`) or are counted on (`200-counting`), or 200 with `finished_at`.
   */
  infoAfterEnd: '404' | '410' | '200-still' | '200-counting' | '200-with-end';
  /** `falling-back`: half as much for 10 s of each 20. `huge`: 10^40. `text`: a string. `float`: with half a Wei. */
  charge: 'normal' | 'absent' | 'falling-back' | 'negative' | 'huge' | 'text' | 'float';
  duration: 'normal' | 'absent';
  startedAt: 'ms' | 's' | 'iso' | 'absent';
  /** How far the server's clock is ahead; seen in `Date`, `started_at` and `finished_at`. */
  serverClockOffsetMs: number;

  /** Answers of the next stops. After them the other switches decide. */
  nextStops: StopScript[];
  /** How long each stop takes to be answered. */
  stopDelayMs: number;
  /** When a stop takes effect: as it arrives, or as it is answered. */
  stopEffect: 'request' | 'answer';
  /** How long a session goes on after the first stop that reached it; each is answered 200. For ever with Infinity. */
  stopIgnoredForMs: number;
  /** Stops are answered 404 and have no effect. */
  stop404WhileRunning: boolean;

  /**
   * How the log of a container behaves. `shuffled`: another order in each answer. `newest-first`. `re-stamped`: each line begins with the time
   * of the answer. `inserted`: after 5 s a line appears behind the first. `rotated`: only the last 5 lines. `huge`: after 5 s, 10 MB at once.
   */
  containerLog: 'normal' | 'shuffled' | 'newest-first' | 're-stamped' | 'inserted' | 'rotated' | 'huge';
  /** Time between two lines. */
  logEveryMs: number;
  /** How many lines there are in all. */
  logLines: number;

  /** Called as soon as an answer has been handed to the socket, before the client can read it. */
  onAnswered: ((operation: string) => void) | undefined;
}

/** A world in which nothing goes wrong and nothing takes time, except that a session is ready after 3 s. */
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
