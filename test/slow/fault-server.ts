/** An API on two hosts that treats each request according to the plan of its call, and counts executed calls. */
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { callHeader, type End, type Fate, type Fault, type Framing, type Plan } from './fault-plans.ts';

/** What the hosts received and executed. */
export interface FaultServer {
  /** Both hosts; the second goes away and comes back. */
  readonly urls: readonly string[];
  /** How often each call was executed. */
  readonly effects: readonly number[];
  /** How many requests of each call arrived, or began to. */
  readonly arrived: readonly number[];
  /** How often the second host went away. */
  absences(): number;
  /** Resolves when every connection is closed, and all requests in progress are counted. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

interface Request {
  readonly call: number;
  readonly plan: Plan;
  readonly method: string;
  readonly path: string;
  readonly fault: Fault;
}

interface Script {
  readonly bytes: Buffer;
  readonly carriedOut: boolean;
  readonly delayMs: number;
  readonly trickled: boolean;
  readonly end: End | 'keep' | 'rubbish';
}

/** Requests that the second host takes before it goes away, and that the first takes before it comes back. Unit: count. */
const presence = 150;
const trickleParts = 12;
const trickleMs = 2;
const callNumber = new RegExp(`^${callHeader}: (\\d+)$`, 'im');
const goodAnswer: Fault = { kind: 'answer', framing: 'length', delayMs: 0, trickled: false, afterwards: 'keep' };

const session = '{"uuid":"0f5b3d6e-1c1f-4b5a-9a55-3f8e9b1d2c3a","charge_amount":31428028938060847852,"is_ready":true}';
/** Some 60 kB: more than one packet, and more than one chunk. */
const sessions = `[${Array.from({ length: 600 }, () => session).join(',')}]`;

/** The data of the API, with all digits. */
function bodyFor({ method, path }: Request): string {
  const route = `${method} ${path.replace(/\?.*$/, '').replace(/\/\d+|u-\d+/, '')}`;
  if (route === 'GET /sessions') return sessions;
  if (route === 'GET /nodes/logs') return 'log line\n'.repeat(2000);
  if (method === 'POST' && route.startsWith('POST /services') && !path.endsWith('/stop')) return '[{"uuid":"u-1"}]';
  return '{"balance":31428028938060847852,"address":"0x1"}';
}

function chunked(body: string): string {
  const parts = body.match(/[\s\S]{1,997}/g) ?? [];
  return `${parts.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join('')}0\r\n\r\n`;
}

function answerText(status: string, body: string, framing: Framing, more = ''): string {
  const head = `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\n${more}`;
  if (framing === 'chunked') return `${head}transfer-encoding: chunked\r\n\r\n${chunked(body)}`;
  if (framing === 'close') return `${head}connection: close\r\n\r\n${body}`;
  return `${head}content-length: ${body.length}\r\n\r\n${body}`;
}

const errorBodies = {
  json: '{"message":"no"}',
  page: '<html>no</html>',
  large: `{"message":"${'no '.repeat(50_000)}"}`,
  none: '',
};

function statusScript(fault: Fault & { kind: 'status' }, elsewhere: string): Script {
  const { status, retryAfter, delayMs } = fault;
  const location = status < 400 ? `location: ${elsewhere}\r\n` : '';
  const wait = retryAfter === undefined ? '' : `date: Thu, 01 Jan 2026 00:00:00 GMT\r\nretry-after: ${retryAfter}\r\n`;
  const text = answerText(`${status} No`, errorBodies[fault.body], 'length', location + wait);
  // A refused call is not executed. Any other failure may have happened after the execution.
  const refused = status >= 400 && status < 500 && status !== 408;
  return { bytes: Buffer.from(text), carriedOut: fault.carriedOut && !refused, delayMs, trickled: false, end: 'keep' };
}

function cutScript(fault: Fault & { kind: 'cut' }, body: string, raw: boolean): Script {
  const whole = Buffer.from(answerText('200 OK', body, fault.framing));
  const bytes = whole.subarray(0, Math.floor((whole.length * fault.share) / 1000));
  // A caller that requested only the Response succeeds as soon as the headers arrive.
  const looksGood = raw && bytes.includes('\r\n\r\n');
  return { bytes, carriedOut: fault.carriedOut || looksGood, delayMs: 0, trickled: false, end: fault.end };
}

/** Bytes of an oddity. True marks those that a caller may read as a success, so that the call must be executed. */
function oddAnswer(what: (Fault & { kind: 'odd' })['what'], body: string): readonly [Buffer | string, boolean] {
  const good = answerText('200 OK', body, 'length');
  switch (what) {
    case 'not http':
      return ['SSH-2.0-OpenSSH_9.6\r\n', false];
    case 'huge header':
      return [answerText('200 OK', body, 'length', `x-filler: ${'x'.repeat(70_000)}\r\n`), true];
    case 'bad header':
      return [good.replace('content-type', 'content type'), true];
    case 'bad gzip':
      return [gzipAnswer(body), true];
    case 'web page':
      return [answerText('200 OK', '<html>hello</html>', 'length'), true];
    case 'wrong json':
      return [answerText('200 OK', '[[7,null,{"uuid":7}]]', 'length'), true];
    case 'broken json':
      return [answerText('200 OK', '{"uuid":}', 'length'), true];
    case 'truncated json':
      return [answerText('200 OK', '[{"uuid":"u-1', 'length'), true];
    case 'refusal':
      return [answerText('200 OK', '[{"id":0,"status":1,"reason":"no funds"}]', 'length'), false];
    case 'early hints':
      return [`HTTP/1.1 103 Early Hints\r\nlink: </>\r\n\r\n${good}`, true];
    case 'nothing':
      return ['HTTP/1.1 204 No Content\r\n\r\n', true];
    case 'empty':
      return [answerText('200 OK', '', 'length'), true];
  }
}

function gzipAnswer(body: string): Buffer {
  const packed = gzipSync(body).fill(0, 12);
  const head = `HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${packed.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), packed]);
}

/** Only methods that start something look for a refusal with HTTP status 200. For others it is a normal success. */
function knowsRefusals({ effect, call, reading }: Plan): boolean {
  return effect === 'billable' && reading !== 'raw' && !call.endsWith('by path');
}

function oddScript({ what, carriedOut }: Fault & { kind: 'odd' }, request: Request, plan: Plan): Script {
  const [text, success] = oddAnswer(what, bodyFor(request));
  const done = success || (what === 'refusal' ? !knowsRefusals(plan) : carriedOut);
  const end = what === 'not http' || what === 'bad header' ? 'fin' : 'keep';
  return { bytes: Buffer.from(text), carriedOut: done, delayMs: 0, trickled: false, end };
}

function answerScript(fault: Fault & { kind: 'answer' }, body: string): Script {
  const { delayMs, trickled, afterwards } = fault;
  const framing = afterwards === 'announce' ? 'close' : fault.framing;
  const bytes = Buffer.from(answerText('200 OK', body, framing));
  const end = framing === 'close' || afterwards === 'announce' ? 'fin' : afterwards;
  return { bytes, carriedOut: true, delayMs, trickled, end };
}

/** A stopped session cannot be stopped again, and a running one can: the 404 of a stop is true. */
function stopFault(fault: Fault, stopped: boolean): Fault {
  const missing = fault.kind === 'status' && fault.status === 404;
  if (missing && !stopped) return goodAnswer;
  if (!stopped || (fault.kind !== 'answer' && fault.kind !== 'odd')) return fault;
  return { kind: 'status', status: 404, retryAfter: undefined, body: 'json', delayMs: 0, carriedOut: false };
}

function scriptOf(request: Request, elsewhere: string): Script {
  const { fault, plan } = request;
  switch (fault.kind) {
    case 'answer':
      return answerScript(fault, bodyFor(request));
    case 'status':
      return statusScript(fault, elsewhere);
    case 'cut':
      return cutScript(fault, bodyFor(request), plan.reading === 'raw');
    case 'odd':
      return oddScript(fault, request, plan);
    case 'unread':
      return { bytes: Buffer.alloc(0), carriedOut: false, delayMs: 0, trickled: false, end: fault.end };
  }
}

function reset(socket: Socket): void {
  // Node does not close a connection that is reset after its end was sent.
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

function finish(socket: Socket, end: Script['end']): void {
  if (end === 'reset') reset(socket);
  else if (end === 'fin') socket.end();
  else if (end === 'rubbish') socket.write('rubbish');
}

async function play(socket: Socket, { bytes, delayMs, trickled, end }: Script): Promise<void> {
  if (delayMs > 0) await sleep(delayMs);
  const step = trickled ? Math.ceil(bytes.length / trickleParts) : bytes.length;
  for (let at = 0; at < bytes.length; at += step) {
    if (at > 0) await sleep(trickleMs);
    if (socket.writable) socket.write(bytes.subarray(at, at + step));
  }
  if (!socket.writable) return;
  finish(socket, end);
}

/** A port below the range for outgoing connections, so that no other process takes it while its host is away. */
async function listenOnLowPort(server: Server): Promise<number> {
  for (let port = 15_000 + (process.pid % 10_000); ; port++) {
    const taken = await listen(server, port).then(
      () => false,
      () => true,
    );
    if (!taken) return port;
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1', backlog: 511 }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

class Hosts implements FaultServer {
  readonly #plans: readonly Plan[];
  readonly #fates: readonly Fate[];
  /** Every open connection, with its host. */
  readonly #sockets = new Map<Socket, 0 | 1>();
  readonly #servers = [this.#server(0), this.#server(1)] as const;
  readonly effects: number[];
  readonly arrived: number[];
  urls: readonly string[] = [];
  #port = 0;
  #connections = 0;
  #absences = 0;
  #away = false;
  /** Requests since the second host last started or stopped. Unit: count. */
  #since = 0;

  constructor(plans: readonly Plan[], fates: readonly Fate[]) {
    this.#plans = plans;
    this.#fates = fates;
    this.effects = plans.map(() => 0);
    this.arrived = plans.map(() => 0);
  }

  async open(): Promise<void> {
    const ports = [await listenOnLowPort(this.#servers[0]), await listenOnLowPort(this.#servers[1])] as const;
    this.#port = ports[1];
    this.urls = ports.map((port) => `http://127.0.0.1:${port}`);
  }

  absences(): number {
    return this.#absences;
  }

  async settled(): Promise<void> {
    while (this.#sockets.size > 0) await sleep(10);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.keys()) socket.destroy();
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }

  #server(host: 0 | 1): Server {
    return createServer((socket) => {
      this.#sockets.set(socket, host);
      socket.on('close', () => this.#sockets.delete(socket));
      // The caller may disconnect at any time; that is part of the test.
      socket.on('error', () => undefined);
      const fate = this.#fates[this.#connections++ % this.#fates.length] ?? { kind: 'serve' };
      this.#accept(socket, host, fate).catch((error) => socket.destroy(error));
    });
  }

  async #accept(socket: Socket, host: 0 | 1, fate: Fate): Promise<void> {
    if (fate.kind === 'reset' || fate.kind === 'fin') return finish(socket.resume(), fate.kind);
    if ('afterMs' in fate) await sleep(fate.afterMs);
    if (fate.kind === 'deaf') return finish(socket, 'reset');
    this.#read(socket, host);
  }

  #read(socket: Socket, host: 0 | 1): void {
    let text = '';
    let request: Request | undefined;
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk;
      const end = text.indexOf('\r\n\r\n');
      if (end === -1) return;
      request ??= this.#arrive(text.slice(0, end), host);
      const length = Number(/^content-length: (\d+)$/im.exec(text.slice(0, end))?.[1] ?? 0);
      if (request.fault.kind !== 'unread' && text.length < end + 4 + length) return;
      text = text.slice(end + 4 + length);
      this.#act(socket, request, host);
      request = undefined;
    });
  }

  #arrive(head: string, host: 0 | 1): Request {
    const [method = '', path = ''] = head.split(' ', 2);
    const call = Number(callNumber.exec(head)?.[1]);
    const plan = this.#plans[call];
    if (plan === undefined) throw new Error(`a request of no call: ${head}`);
    const nth = this.arrived[call] ?? 0;
    this.arrived[call] = nth + 1;
    this.#comeAndGo(host);
    return { call, plan, method, path, fault: plan.faults[nth] ?? goodAnswer };
  }

  #act(socket: Socket, request: Request, host: 0 | 1): void {
    const { call, plan, path } = request;
    const done = this.effects[call] ?? 0;
    const fault = plan.effect === 'idempotent' ? stopFault(request.fault, done > 0) : request.fault;
    const script = scriptOf({ ...request, fault }, `${this.urls[1 - host]}${path}`);
    if (script.carriedOut) this.effects[call] = done + 1;
    play(socket, script).catch((error) => socket.destroy(error));
  }

  /** The second host is away for a number of requests to the first one, as it was present for a number of its own. */
  #comeAndGo(host: 0 | 1): void {
    const counts = this.#away ? host === 0 : host === 1;
    if (!counts || ++this.#since < presence) return;
    this.#since = 0;
    this.#away = !this.#away;
    const server = this.#servers[1];
    if (!this.#away) {
      server.listen({ port: this.#port, host: '127.0.0.1', backlog: 511 });
      return;
    }
    this.#absences++;
    server.close();
    // Every second time its connections continue for a while, as behind a load balancer.
    if (this.#absences % 2 === 0) return;
    for (const [socket, on] of this.#sockets) if (on === 1) reset(socket);
  }
}

/** Starts both hosts. */
export async function serveFaults(plans: readonly Plan[], fates: readonly Fate[]): Promise<FaultServer> {
  const hosts = new Hosts(plans, fates);
  await hosts.open();
  return hosts;
}
