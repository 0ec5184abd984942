/** One request and its response on a real socket: reading, waiting, dropping, writing. */
import type { IncomingMessage, ServerResponse } from 'node:http';

/** The part of a clock that the server uses. */
export interface MarketClock {
  now(): number;
  /** Unit: Unix ms. */
  wallNow(): number;
  setTimer(callback: () => void, ms: number, purpose: 'wait' | 'limit'): unknown;
  clearTimer(timer: unknown): void;
}

export type Operation =
  | 'network'
  | 'account'
  | 'balance'
  | 'listMr'
  | 'listRender'
  | 'listVpn'
  | 'startMr'
  | 'startRender'
  | 'startVpn'
  | 'sessions'
  | 'recent'
  | 'info'
  | 'logs'
  | 'stop'
  | 'site'
  | 'unknown';

/** One request as it arrived. */
export interface Asked {
  readonly operation: Operation;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** The UUID in the path, in its spelling. */
  readonly uuid: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The parsed body, if it is JSON. */
  readonly body: unknown;
  /** When it arrived. Unit: ms of the server since it opened. */
  readonly at: number;
  /** Status of the response; undefined while it waits, 0 if the connection was dropped. */
  status: number | undefined;
  answeredAt: number | undefined;
}

/** A response, and its delay. */
export interface Reply {
  readonly status?: number;
  readonly body?: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Closes the connection instead. */
  readonly drop?: true;
  /** Delay; Infinity: it never comes. Unit: ms of the server. */
  readonly afterMs?: number;
  /** Called just before it is written. */
  readonly onAnswer?: () => void;
}

export async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const text = Buffer.concat(chunks).toString();
  try {
    return JSON.parse(text);
  } catch {
    return text === '' ? undefined : text;
  }
}

/** Writes a reply, or drops the connection. Returns the status. */
export function write(response: ServerResponse, reply: Reply, date: Date): number {
  if (reply.drop) {
    response.socket?.destroy();
    return 0;
  }
  const { status = 200, body = '{}', type = 'application/json', headers } = reply;
  response.sendDate = false;
  const length = Buffer.byteLength(body);
  response.writeHead(status, { date: date.toUTCString(), 'content-type': type, 'content-length': length, ...headers });
  response.end(body);
  return status;
}

/** Holds responses of one operation until it is released. */
export interface Latch extends Disposable {
  /** Resolves once the first request waits here, after its effect. */
  readonly reached: Promise<void>;
  release(): void;
}

interface HeldOperation {
  readonly operation: Operation;
  readonly released: Promise<void>;
  readonly reach: () => void;
}

/** The latches of a server. */
export class Latches {
  readonly #held = new Set<HeldOperation>();

  hold(operation: Operation): Latch {
    let release = (): void => undefined;
    let reach = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const reached = new Promise<void>((resolve) => {
      reach = resolve;
    });
    const held = { operation, released, reach };
    this.#held.add(held);
    const open = () => {
      this.#held.delete(held);
      release();
    };
    return { reached, release: open, [Symbol.dispose]: open };
  }

  async pass(operation: Operation): Promise<void> {
    for (const held of [...this.#held]) {
      if (held.operation !== operation) continue;
      held.reach();
      await held.released;
    }
  }
}
