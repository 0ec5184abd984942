/** Requests by path: `client.api`, which is openapi-fetch with our serialisers and with our pipeline as its fetch. */
import createClient, { type ClientOptions } from 'openapi-fetch';
import type { ErrorBody } from '../../generated/models.ts';
import type { paths } from '../../generated/schema.ts';
import { isRecord } from '../codec/record.ts';
import { OctaApiError, OctaConfigurationError, OctaError, OctaTimeoutError } from '../errors/errors.ts';
import { wrongHeader } from '../transport/headers.ts';
import { unwrapHookFailure } from '../transport/hooks.ts';
import { toJson } from '../wei.ts';
import type { OctaApi } from './api-types.ts';
import { makeStrict } from './arguments.ts';
import type { Caller, Exchange } from './call-types.ts';
import { logReader } from './log-reader.ts';
import { type Answer, hasNoBody, rebuildResponse } from './promise.ts';
import { type AssembledRequest, bodyText, fillPath, queryString } from './request.ts';
import { rowAt } from './rows-by-path.ts';

interface LightInit {
  readonly method: string;
  readonly headers: Headers;
  readonly body?: string;
  readonly signal?: AbortSignal | null;
  readonly exchange: Exchange;
}

/** What openapi-fetch constructs instead of a `Request`: it keeps the text of the URL, and costs little. */
class LightRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: string | undefined;
  readonly signal: AbortSignal | undefined;
  /** Who carries the request out; openapi-fetch hands on what it does not know. */
  readonly exchange: Exchange;

  constructor(url: string, init: LightInit) {
    this.url = url;
    this.method = init.method;
    this.headers = init.headers;
    this.body = init.body;
    this.signal = init.signal ?? undefined;
    this.exchange = init.exchange;
  }
}

function assembled({ method, url, body, headers, signal }: LightRequest): AssembledRequest {
  // Behind a base URL, anything else could change the host that the key is sent to. A URL loses tabs and line breaks, and a backslash
  // is as good as a slash.
  if (!/^\/(?![\t\n\r]*[/\\])/.test(url)) {
    throw new OctaConfigurationError({
      message: `the path must start with a single slash, but is ${JSON.stringify(url)}`,
    });
  }
  const missing = /\{([^{}]+)\}/.exec(url);
  if (missing !== null) throw new OctaConfigurationError({ message: `path parameter ${missing[1]} is missing` });
  return { method, path: url, body, headers, signal };
}

/**
 * A Response whose json() is the decoded value. openapi-fetch calls json() only if it sees a Content-Length, and would
 * otherwise parse the text by itself and round every big integer.
 */
function decodedResponse({ value, reply, doneBefore }: Answer): Response {
  // A stop that finds its work done is a success, whatever status said so.
  if (doneBefore) return new Response(null, { status: 204, headers: reply.headers });
  const response = rebuildResponse(reply);
  const empty = value === undefined && reply.text === '';
  response.headers.set(
    'content-length',
    empty ? '0' : (reply.headers.get('content-length') ?? String(Math.max(1, reply.text.length))),
  );
  if (empty) response.headers.delete('transfer-encoding');
  return Object.assign(response, { json: async () => value });
}

/** An error status as openapi-fetch expects it: a Response, of which it makes `{ error, response }`. */
function errorResponse({ status, headers, body }: OctaApiError): Response {
  const text = typeof body === 'string' ? body : toJson(body);
  // The text is not the one on the wire, so neither are its length and its encoding.
  const kept = Object.entries(headers).filter(([name]) => name !== 'content-length' && name !== 'content-encoding');
  return new Response(hasNoBody(status) ? null : text, { status, headers: kept });
}

/** The answer behind an error, if the API gave one that a Response can hold. */
function answerBehind(error: unknown): OctaApiError | undefined {
  const candidate = error instanceof OctaTimeoutError ? error.cause : error;
  if (!(candidate instanceof OctaApiError) || candidate.outcome === 'not-sent') return undefined;
  return candidate.status >= 200 && candidate.status <= 599 ? candidate : undefined;
}

async function respond(request: LightRequest): Promise<Response> {
  try {
    return decodedResponse(await request.exchange(assembled(request)));
  } catch (error) {
    const refused = answerBehind(error);
    if (refused === undefined) throw error;
    return errorResponse(refused);
  }
}

type LightFetch = (request: LightRequest) => Promise<object>;

/** openapi-fetch's client without its types: one function for any method and path. */
type LowLevelRequest = (method: string, path: string, init: object) => Promise<{ data?: unknown; error?: unknown }>;

function lowLevelClient(fetch: LightFetch): { readonly request: LowLevelRequest } {
  const options = {
    Request: LightRequest,
    fetch,
    bodySerializer: bodyText,
    querySerializer: queryString,
    pathSerializer: fillPath,
  };
  // Its own types want the DOM's Request, of which LightRequest is the part that openapi-fetch uses.
  return createClient<paths>(options as unknown as ClientOptions) as unknown as { readonly request: LowLevelRequest };
}

/** What openapi-fetch would take for one call, past our key handling, retries and hooks. */
const clientsOwn = ['baseUrl', 'fetch', 'Request', 'middleware', 'bodySerializer', 'querySerializer', 'pathSerializer'];

/** Why openapi-fetch could make no request, as far as it can be told without showing values. */
function problemOf({ headers }: { readonly headers?: unknown }): string {
  const texts = Object.entries(Object(headers)).map(([name, value]) => [name, String(value)]);
  const wrong = wrongHeader(Object.fromEntries(texts));
  return wrong === undefined
    ? 'cannot create a request with these options'
    : `header ${JSON.stringify(wrong)} has an invalid name or value`;
}

/** What the API said, as an object whatever it was: nothing at all, text, or a page of a proxy on the way. */
function errorBody(error: unknown): ErrorBody {
  if (isRecord(error)) return error;
  if (error === undefined || error === null || error === '') return {};
  return { message: typeof error === 'string' ? error : toJson(error) };
}

/** Those that operations have, as functions of their own. */
const methods = ['GET', 'POST', 'PATCH'];

/** The public low-level client. */
export function createApi({ prepare }: Pick<Caller, 'prepare'>): OctaApi {
  const client = lowLevelClient(respond);
  const request = async (
    method: string,
    path: string,
    given?: { readonly body?: unknown; readonly headers?: unknown } | null,
  ): Promise<object> => {
    const init = given ?? {};
    if (typeof method !== 'string' || typeof path !== 'string') {
      throw new OctaConfigurationError({ message: 'method and path must be strings' });
    }
    const verb = method.toUpperCase();
    if (typeof init !== 'object') {
      throw new OctaConfigurationError({
        message: `${verb} ${path}: options must be an object, but are of type ${typeof init}`,
      });
    }
    const foreign = clientsOwn.find((name) => name in init);
    if (foreign !== undefined) {
      throw new OctaConfigurationError({
        message: `${verb} ${path}: ${foreign} cannot be set for a single call`,
      });
    }
    const { body, exchange, leave } = prepare(rowAt(verb, path), init.body, logReader());
    let assembledIt = false;
    const noted: Exchange = (assembledRequest) => {
      assembledIt = true;
      return exchange(assembledRequest);
    };
    try {
      const result = await client.request(verb, path, { ...init, body, exchange: noted });
      return 'error' in result ? { ...result, error: errorBody(result.error) } : result;
    } catch (error) {
      // What fails before there is a request is wrong with what was given, such as a header that cannot be one.
      if (assembledIt || error instanceof OctaError) throw unwrapHookFailure(error);
      // The error itself is left out: it may show a header that is a secret.
      throw new OctaConfigurationError({ message: `${verb} ${path}: ${problemOf(init)}` });
    } finally {
      leave();
    }
  };
  const verbs = methods.map((method) => [method, (path: string, init?: object) => request(method, path, init)]);
  // The types say more than these functions know.
  return Object.freeze(makeStrict({ request, ...Object.fromEntries(verbs) }, 'client.api')) as unknown as OctaApi;
}
