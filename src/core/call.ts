/** Turns an operation and its arguments into a Call, and the Reply into a value. Only here do rows, transport and codec meet. */
import type { OperationRow } from '../../generated/operations.ts';
import { encodeBody } from '../codec/encode.ts';
import { parseJson } from '../codec/json.ts';
import {
  type FailedRequest,
  OctaApiError,
  OctaConfigurationError,
  OctaError,
  OctaNotFoundError,
} from '../errors/errors.ts';
import { errorFromFailure } from '../errors/from-failure.ts';
import { unreadableAnswer } from '../transport/answers.ts';
import { endOf } from '../transport/deadline.ts';
import { lowerCaseNames } from '../transport/headers.ts';
import { runQuietly, unwrapHookFailure } from '../transport/hooks.ts';
import { createLog, type Log } from '../transport/log.ts';
import { loggerFrom } from '../transport/loggers.ts';
import { Secrets } from '../transport/secrets.ts';
import type { Call, Reply } from '../transport/types.ts';
import { utf8Text } from '../utf8.ts';
import type { CallArguments, Caller, Exchange } from './call-types.ts';
import { closedError, hold, lifeOf } from './life.ts';
import type { RequestOptions } from './option-types.ts';
import { checkRequestOptions, type ResolvedOptions } from './options.ts';
import { byEitherPath } from './other-path.ts';
import { type Answer, OctaPromise } from './promise.ts';
import { type AssembledRequest, assembleRequest, mergeBody } from './request.ts';
import { type Expected, readResult } from './result.ts';
import { bodyFormOf, bodyPlanOf } from './rows.ts';
import { timeOf } from './time.ts';
import { ClientTransport } from './transport.ts';

interface Prepared extends Expected {
  readonly options: RequestOptions;
  readonly unread: boolean;
  readonly beforeSend?: CallArguments['beforeSend'];
}

function headersOf(
  { row, options }: Prepared,
  request: AssembledRequest,
  always: Readonly<Record<string, string>>,
): Record<string, string> {
  const headers: Record<string, string> = { accept: row.answer === 'bytes' ? '*/*' : 'application/json' };
  if (request.body !== undefined) headers['content-type'] = 'application/json';
  return Object.assign(headers, always, options.headers === undefined ? undefined : lowerCaseNames(options.headers));
}

/** For replies that replace an error: they contain no API key, so there is nothing to remove. */
const noSecrets = /* @__PURE__ */ new Secrets();

/** Whether sending it twice has the same effect as sending it once. */
function isRepeatable({ effect }: OperationRow): boolean {
  return effect === 'read' || effect === 'idempotent';
}

/** Whether it stops a session, or checks one in order to stop it. Reading logs is not urgent: they may be large, and delay the others. */
function isUrgent({ row, vital }: Prepared): boolean {
  return row.id === 'stopSession' || (vital === true && row.effect !== 'billable' && row.id !== 'getSessionLogs');
}

/** The answer if the API responds 404 to an idempotent call, and an earlier attempt of it may have succeeded: then the work is done. */
function answerIfDoneBefore({ row }: Prepared, error: unknown): Answer | undefined {
  if (row.effect !== 'idempotent' || !(error instanceof OctaNotFoundError)) return undefined;
  if (!error.attempts.some((attempt) => attempt.outcome === 'unknown')) return undefined;
  return { value: undefined, reply: replyInPlaceOf(error), doneBefore: true };
}

/** The reply for a call that has a result although its request failed. */
function replyInPlaceOf(error: unknown): Reply {
  const { status = 200, headers: given = {} } = error instanceof OctaApiError ? error : {};
  const { request, attempts = [] } = error instanceof OctaError ? error : {};
  const headers = new Headers(given);
  return {
    status,
    headers,
    text: '',
    parsed: undefined,
    bytes: undefined,
    response: new Response(null, { status, headers }),
    url: request?.url ?? '',
    durationMs: 0,
    attempt: attempts.length,
    redactor: noSecrets,
  };
}

/** Sends assembled requests through the pipeline, and reads the results. */
class Engine {
  readonly #options: ResolvedOptions;
  readonly #secrets = new Secrets();
  readonly log: Log;
  readonly transport: ClientTransport;

  constructor(options: ResolvedOptions) {
    this.#options = options;
    this.#secrets.hold(options.fixedKey);
    this.log = createLog(loggerFrom(options.logger), options.logLevel, this.#secrets);
    this.transport = new ClientTransport(options, this.log, this.#secrets);
  }

  #callOf(prepared: Prepared, request: AssembledRequest, endsAt: number | undefined): Call {
    const { row, options, unread } = prepared;
    const totalTimeoutMs = options.totalTimeoutMs ?? this.#options.totalTimeoutMs;
    return Object.freeze({
      operation: row.id,
      method: request.method,
      path: request.path,
      headers: headersOf(prepared, request, this.#options.headers),
      body: request.body,
      auth: row.auth,
      repeatable: isRepeatable(row),
      urgent: isUrgent(prepared),
      uncached: request.method === 'GET',
      bodyForm: unread ? 'unread' : bodyFormOf(row),
      signal: options.signal,
      timeoutMs: options.timeoutMs ?? this.#options.timeoutMs,
      totalTimeoutMs,
      endsAt: endsAt ?? endOf(totalTimeoutMs, this.#options.clock.now()),
      retries: options.retries ?? this.#options.retries,
      beforeSend: prepared.beforeSend,
    });
  }

  /** Reads the answer. Returns a promise only if reading has to wait, as for a compressed log. */
  #read(expected: Expected, reply: Reply): Answer | Promise<Answer> {
    const { onDrift, validate } = this.#options;
    const result = readResult(expected, reply, { onDrift, validate, log: this.log });
    return result instanceof Promise ? result.then((value) => ({ value, reply })) : { value: result, reply };
  }

  /** Throws if the call must not be sent at all. */
  #refuse(row: OperationRow): void {
    if (isRepeatable(row) || this.#options.sendsOnceOnly) return;
    const message = `${row.id} must not happen twice, and a browser may send a request again by itself; run it on a server, or set allowBillableInBrowser`;
    throw new OctaConfigurationError({ message });
  }

  exchange(prepared: Prepared): Exchange {
    // A second path shares the time limit of the first.
    let endsAt: number | undefined;
    return async (request) => {
      if (request.method === 'GET' && request.body !== undefined) {
        throw new OctaConfigurationError({ message: `${prepared.row.id} is a GET, which has no body` });
      }
      this.#refuse(prepared.row);
      const call = this.#callOf(prepared, request, endsAt);
      endsAt = call.endsAt;
      try {
        const reply = await this.transport.carry(call);
        if (prepared.unread) return { value: undefined, reply };
        const answer = this.#read(prepared, reply);
        return answer instanceof Promise ? await answer : answer;
      } catch (error) {
        const done = answerIfDoneBefore(prepared, error);
        if (done !== undefined) return done;
        return this.#secrets.rethrow(error);
      }
    };
  }

  /** Reads an answer whose body was left to the caller, if the caller now needs the data after all. */
  readLate(expected: Expected, answer: Answer, signal: AbortSignal | undefined): Promise<Answer> {
    return this.#readLate(expected, answer, signal).catch(this.#secrets.rethrow);
  }

  async #readLate(expected: Expected, answer: Answer, signal: AbortSignal | undefined): Promise<Answer> {
    const { row } = expected;
    const { reply } = answer;
    if (answer.doneBefore) return answer;
    const request = { operation: row.id, method: row.method, url: reply.url };
    if (reply.response.bodyUsed || reply.response.body?.locked) {
      const message = `${row.id}: the body of the response from asResponse() was already read`;
      throw new OctaConfigurationError({ message, outcome: 'unknown', request });
    }
    const form = bodyFormOf(row);
    const bytes = await readBytes(reply, request, signal);
    const text = form === 'bytes' ? '' : utf8Text(bytes);
    const late = { ...reply, headers: reply.headers, url: reply.url, bytes, text };
    return this.#read(expected, form === 'json' ? { ...late, parsed: parseLate(late, request) } : late);
  }
}

async function readBytes(
  reply: Reply,
  request: FailedRequest,
  signal: AbortSignal | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await reply.response.clone().arrayBuffer());
  } catch (error) {
    const cause = reply.redactor.cause(error);
    throw errorFromFailure({ cause, request, signal, timedOut: undefined, proofTrusted: false, phase: 'body' });
  }
}

function parseLate(reply: Reply & { readonly bytes: Uint8Array }, request: FailedRequest): unknown {
  try {
    return parseJson(reply.bytes);
  } catch (error) {
    throw unreadableAnswer(request, reply, error);
  }
}

/**
 * Checks and encodes a body by the plan of its operation. Without a plan, returns the body unchanged. `extra` are the fields of the `body`
 * option. Text and booleans in it are not checked, so that callers can send what the API accepts and this version does not know.
 */
function encodeFor(row: OperationRow, body: unknown, extra?: RequestOptions['body']): unknown {
  const { plan, required } = bodyPlanOf(row);
  if (plan === undefined || (body === undefined && !required)) return body;
  if (extra === undefined) return encodeBody(body, plan);
  const isChecked = ([key, type]: readonly [string, string]) =>
    /^wei|[[{]/.test(type) || !['string', 'boolean'].includes(typeof extra[key]);
  return encodeBody(body, Object.fromEntries(Object.entries(plan).filter(isChecked)));
}

/** Handles the error of a call: returns the value that `onError` provides instead, otherwise throws the error. */
async function recover({ onError }: CallArguments, error: unknown): Promise<Answer> {
  const thrown = unwrapHookFailure(error);
  const value = await onError?.(thrown);
  if (value === undefined) throw thrown;
  return { value, reply: replyInPlaceOf(thrown) };
}

/** Creates the caller of a client. */
export function createCaller(options: ResolvedOptions): Caller {
  const engine = new Engine(options);
  const { transport, log } = engine;
  /** Throws synchronously if the call cannot be made, so await it within a try block. */
  const send = (row: OperationRow, given: CallArguments, unread: boolean): Promise<Answer> => {
    const requestOptions = given.options ?? {};
    if (given.options !== undefined) checkRequestOptions(requestOptions);
    given.check?.();
    const { readLog, vital, beforeSend } = given;
    const prepared = { row, options: requestOptions, unread, readLog, vital, beforeSend };
    const params = { query: { ...given.query, ...requestOptions.query } };
    const made: unknown = typeof given.body === 'function' ? given.body() : given.body;
    const checked = encodeFor(row, mergeBody(made, requestOptions.body), requestOptions.body);
    const body = given.seal === undefined ? checked : given.seal(checked);
    const exchange = engine.exchange(prepared);
    return byEitherPath(given, (path) => exchange(assembleRequest(row, { ...params, path }, body)));
  };

  const call: Caller['call'] = (row, given, toResult) => {
    const leave = transport.enter(given.vital === true);
    return new OctaPromise({
      send: async (unread) => {
        let value: unknown;
        try {
          if (leave === undefined) throw closedError(row.id);
          const answer = await send(row, given, unread);
          value = answer.value;
          return answer;
        } catch (error) {
          return await recover(given, error);
        } finally {
          given.onEnd?.(value);
          leave?.();
        }
      },
      read: (answer) =>
        engine.readLate({ row, readLog: given.readLog, vital: given.vital }, answer, given.options?.signal),
      // The row that decoded the value and the type of the value come from the same operation of the spec.
      result: (answer) => toResult(answer.value as Parameters<typeof toResult>[0], answer),
    });
  };

  const prepare: Caller['prepare'] = (row, body, readLog) => {
    const exchange: Exchange = async (request) => {
      checkRequestOptions({ signal: request.signal });
      const headers = Object.fromEntries(request.headers ?? []);
      const options = { signal: request.signal, headers };
      return engine.exchange({ row, options, unread: false, readLog })(request);
    };
    const encoded = encodeFor(row, body);
    return { body: encoded, exchange, leave: hold(transport, row.id) };
  };

  return {
    call,
    prepare,
    log,
    time: timeOf(options.clock),
    checkBody: encodeFor,
    ...lifeOf(transport, options),
    leases: options.leases,
    hasFixedKey: options.fixedKey !== undefined,
    fetch: (url, init) => (options.fetch ?? globalThis.fetch)(url, init),
    quietly: (name, work) => runQuietly(name, work, { log }),
  };
}
