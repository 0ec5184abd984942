/** The proxy of live mode. It adds the API key, so the page never has it. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Connect, Plugin } from 'vite';

/** Its path for the page. */
const prefix = '/live/';
const defaultUpstream = 'https://api.octa.computer';
const passedOn = ['retry-after', 'x-request-id'];
/** A cookie that the page gets and the browser sends only to the proxy. */
const cookieName = 'octa-live';
const json = 'application/json';

/** The environment variables that it reads. */
type Environment = Readonly<Record<string, string | undefined>>;

interface Settings {
  readonly apiKey: string;
  readonly upstreams: readonly string[];
}

function withoutSlash(url: string): string {
  const trimmed = url.trim();
  let end = trimmed.length;
  while (trimmed[end - 1] === '/') end--;
  return trimmed.slice(0, end);
}

function settingsOf({ OCTA_API_KEY, OCTA_BASE_URL, OCTA_BASE_URLS }: Environment): Settings {
  const listed = (OCTA_BASE_URLS || OCTA_BASE_URL || defaultUpstream).split(',');
  const upstreams = listed.map(withoutSlash).filter((url) => url !== '');
  const wrong = upstreams.find((url) => !/^https?:\/\/[^/]/.test(url));
  if (wrong !== undefined) throw new Error(`OCTA_BASE_URL: ${JSON.stringify(wrong)} is not an http or https URL`);
  return { apiKey: OCTA_API_KEY?.trim() ?? '', upstreams };
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': json, 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}

/** Refuses other sites, and other host names that point here: they must neither read with the key nor trigger a reboot, which is a GET. */
function isFromThePage({ headers }: IncomingMessage): boolean {
  const host = headers.host?.replace(/:\d+$/, '') ?? '';
  return headers['sec-fetch-site'] === 'same-origin' && (host === '127.0.0.1' || host === 'localhost');
}

/** Whether a request has the token of the page. Other programs on this computer must not spend money. */
function hasToken({ headers }: IncomingMessage, token: string): boolean {
  const [, given = ''] = new RegExp(`(?:^|; )${cookieName}=([0-9a-f]+)`).exec(headers.cookie ?? '') ?? [];
  return given.length === token.length && timingSafeEqual(Buffer.from(given), Buffer.from(token));
}

/** Passes JSON on as JSON, and anything else as bytes, so that no response of the API can act as a page of this site. */
function typeOf(reply: Response): string {
  return /^application\/(?:[\w.-]+\+)?json\b/i.test(reply.headers.get('content-type') ?? '')
    ? json
    : 'application/octet-stream';
}

async function textOf(request: IncomingMessage): Promise<string | null> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  return body === '' ? null : body;
}

async function forward(
  { apiKey, upstreams }: Settings,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = 'GET', url = '' } = request;
  const [, index = '', path = ''] = /^\/live\/api\/(\d+)(\/.*)$/.exec(url) ?? [];
  const upstream = upstreams[Number(index)];
  if (index === '' || upstream === undefined) return answer(response, 404, { error: 'No such upstream' });
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const body = await textOf(request);
  const reply = await fetch(upstream + path, {
    method,
    headers: {
      ...(apiKey === '' ? {} : { authorization: apiKey }),
      ...(body === null ? {} : { 'content-type': json }),
    },
    body,
    redirect: 'manual',
    signal: gone.signal,
  });
  const bytes = new Uint8Array(await reply.arrayBuffer());
  const headers = passedOn.flatMap((name) => {
    const value = reply.headers.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  response.writeHead(reply.status, { 'content-type': typeOf(reply), ...Object.fromEntries(headers) });
  response.end(bytes);
}

function handler(settings: Settings): Connect.NextHandleFunction {
  const token = randomBytes(32).toString('hex');
  return (request, response, next) => {
    // In a frame of another site, a click could rent a machine by mistake.
    response.setHeader('content-security-policy', "frame-ancestors 'none'");
    response.setHeader('x-frame-options', 'DENY');
    response.setHeader('x-content-type-options', 'nosniff');
    if (!request.url?.startsWith(prefix)) {
      response.setHeader('set-cookie', `${cookieName}=${token}; HttpOnly; SameSite=Strict; Path=${prefix}`);
      return next();
    }
    if (!isFromThePage(request) || !hasToken(request, token)) {
      return answer(response, 403, { error: 'Only the page of this server may use this proxy' });
    }
    if (request.url === `${prefix}status`) {
      return answer(response, 200, { configured: settings.apiKey !== '', upstreams: settings.upstreams });
    }
    forward(settings, request, response).catch(() => {
      if (response.headersSent) response.destroy();
      else answer(response, 502, { error: 'The proxy got no response from the API' });
    });
  };
}

/** Adds the proxy to the development server and to the preview. */
export function liveProxy(environment: Environment): Plugin {
  const settings = settingsOf(environment);
  return {
    name: 'octaspace-live-proxy',
    configureServer: ({ middlewares }) => {
      middlewares.use(handler(settings));
    },
    configurePreviewServer: ({ middlewares }) => {
      middlewares.use(handler(settings));
    },
  };
}
