/** `client.api`: requests by path, through openapi-fetch with our serialisers, and our pipeline as its fetch. */
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

/** A cheap replacement for the `Request` that openapi-fetch constructs. It keeps the text of the URL. */
class LightRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: string | undefined;
  readonly signal: AbortSignal | undefined;
  /** Sends the request. openapi-fetch passes on options that it does not know. */
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
  // After a base URL, any other path could change the host that receives the key. URL parsers remove tabs and line breaks, and treat a
  // backslash like a slash.
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
 * A Response whose json() returns the decoded value. openapi-fetch calls json() only if there is a Content-Length. Otherwise it would
 * parse the text itself, and round every big integer.
 */
function decodedResponse({ value, reply, doneBefore }: Answer): Response {
  // A stop of a session that is already over is a success, whatever the status.
  if (doneBefore) return new Response(null, { status: 204, headers: reply.headers });
  const response = rebuildResponse(reply);
  const size = reply.bytes?.byteLength ?? 0;
  const empty = value === undefined && size === 0;
  response.headers.set(
    'content-length',
    empty ? '0' : (reply.headers.get('content-length') ?? String(Math.max(1, size))),
  );
  if (empty) response.headers.delete('transfer-encoding');
  return Object.assign(response, { json: async () => value });
}

/** The Response for an error status; openapi-fetch converts it to `{ error, response }`. */
function errorResponse({ status, headers, body }: OctaApiError): Response {
  const text = typeof body === 'string' ? body : toJson(body);
  // The text differs from the one on the wire, so its length and encoding no longer apply.
  const kept = Object.entries(headers).filter(([name]) => name !== 'content-length' && name !== 'content-encoding');
  return new Response(hasNoBody(status) ? null : text, { status, headers: kept });
}

/** The API response of an error, if it has one with a status that a Response supports. */
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

/** The client of openapi-fetch without its types: one function for any method and path. */
type LowLevelRequest = (method: string, path: string, init: object) => Promise<{ data?: unknown; error?: unknown }>;

function lowLevelClient(fetch: LightFetch): { readonly request: LowLevelRequest } {
  const options = {
    Request: LightRequest,
    fetch,
    bodySerializer: bodyText,
    querySerializer: queryString,
    pathSerializer: fillPath,
  };
  // Its types require a DOM Request. LightRequest has the part that openapi-fetch uses.
  return createClient<paths>(options as unknown as ClientOptions) as unknown as { readonly request: LowLevelRequest };
}

/** Options of openapi-fetch for one call that would bypass our key handling, retries and hooks. */
const clientsOwn = ['baseUrl', 'fetch', 'Request', 'middleware', 'bodySerializer', 'querySerializer', 'pathSerializer'];

/** Why openapi-fetch could not create a request, without showing values. */
function problemOf({ headers }: { readonly headers?: unknown }): string {
  const texts = Object.entries(Object(headers)).map(([name, value]) => [name, String(value)]);
  const wrong = wrongHeader(Object.fromEntries(texts));
  return wrong === undefined
    ? 'cannot create a request with these options'
    : `header ${JSON.stringify(wrong)} has an invalid name or value`;
}

/** An error body as an object, even if the body was empty, text, or a proxy's web page. */
function errorBody(error: unknown): ErrorBody {
  if (isRecord(error)) return error;
  if (error === undefined || error === null || error === '') return {};
  return { message: typeof error === 'string' ? error : toJson(error) };
}

/** The methods that have their own function. */
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
      // A failure before there is a request comes from the arguments, such as an invalid header.
      if (assembledIt || error instanceof OctaError) throw unwrapHookFailure(error);
      // Without the original error, which may show a secret header.
      throw new OctaConfigurationError({ message: `${verb} ${path}: ${problemOf(init)}` });
    } finally {
      leave();
    }
  };
  const verbs = methods.map((method) => [method, (path: string, init?: object) => request(method, path, init)]);
  // These functions have looser types than OctaApi.
  return Object.freeze(makeStrict({ request, ...Object.fromEntries(verbs) }, 'client.api')) as unknown as OctaApi;
}
