/** Types of the transport. It sends and receives text, and does not depend on operations, models or resources. */
import type { OctaError } from '../errors/errors.ts';

/** The part of `fetch` that the SDK uses. */
export type FetchLike = (url: string, init: RequestInit) => Promise<Response>;

/** Returns the API key: undefined if there is none, empty if something else authenticates. */
export type KeySource = () => string | undefined | Promise<string | undefined>;

/** How to read the response body: as parsed JSON, as bytes, as text that is not parsed, or not at all. */
export type BodyForm = 'json' | 'json-or-nothing' | 'bytes' | 'text' | 'unread';

/** One call. Every attempt builds its own request from this value, which does not change. */
export interface Call {
  /** Name of the operation, for messages and hooks. */
  readonly operation: string;
  readonly method: string;
  /** Path and query, relative to the base URL. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly auth: 'required' | 'optional' | 'none';
  /** Whether sending it twice has the same effect as sending it once. */
  readonly repeatable: boolean;
  /** Whether a session that costs money depends on it, so that it must not wait for other calls. */
  readonly urgent: boolean;
  /** Whether it must bypass the caches of the runtime. */
  readonly uncached: boolean;
  readonly bodyForm: BodyForm;
  readonly signal: AbortSignal | undefined;
  /** Time limit of each attempt, including the body. Unit: ms; 0 is no limit. */
  readonly timeoutMs: number;
  /** Time limit of the whole call. Unit: ms; 0 is no limit. */
  readonly totalTimeoutMs: number;
  /** Deadline of the whole call; infinite without a limit. Unit: ms of the clock. */
  readonly endsAt: number;
  /** Maximum number of retries. */
  readonly retries: number;
  /** Awaited before each attempt is sent. */
  readonly beforeSend?: (() => Promise<void> | undefined) | undefined;
}

/** One attempt of a call. */
export interface Attempt {
  /** 1 for the first. */
  readonly number: number;
  readonly baseUrl: string;
  /** Headers of this attempt, including those added by hooks. */
  readonly headers: Readonly<Record<string, string>>;
  /** Called if the request was lost and the transport itself sends it again within this attempt. */
  readonly onLost: (error: OctaError) => void;
}

/** Removes API keys from values. */
export interface Redactor {
  text(text: string): string;
  /** Cleans plain data of any depth. */
  json(value: unknown): unknown;
  cause(cause: unknown): unknown;
}

/** A response of any status, with its body. */
export interface Reply {
  readonly status: number;
  /** Without the API keys. */
  readonly headers: Headers;
  /** Body as text; empty for the body forms `bytes` and `unread`. */
  readonly text: string;
  /** Body as parsed JSON, for the JSON body forms; set by the policy that parses it. */
  parsed: unknown;
  /** Body of a success as bytes; undefined for the body form `unread`. */
  readonly bytes: Uint8Array<ArrayBuffer> | undefined;
  /** The Response of fetch. Its body can be read only for the body form `unread`. */
  readonly response: Response;
  /** URL of the request, without secrets. */
  readonly url: string;
  /** Time from before the request to the end of the body. Unit: ms. */
  readonly durationMs: number;
  /** Number of the attempt; 1 for the first. */
  readonly attempt: number;
  readonly redactor: Redactor;
}

/** Sends one attempt of a call. */
export type Send = (call: Call, attempt: Attempt) => Promise<Reply>;
/** Sends a whole call, with retries. */
export type Carry = (call: Call) => Promise<Reply>;
/** One concern of the pipeline, wrapped around the rest of it. */
export type Policy = (next: Send) => Send;

/** The destination of one attempt. */
export interface Route {
  readonly baseUrl: string;
  /** When it was picked. Unit: ms of the clock. */
  readonly pickedAt: number;
}

/** What an attempt showed about its base URL. */
export type Health = 'alive' | 'down' | 'unclear';

/** Selects the base URLs of attempts. */
export interface Routes {
  /**
   * Selects the next URL. URLs in `tried`, which earlier attempts of the call have used, are avoided if possible. A URL in `barred` is
   * selected only if there is no other.
   */
  pick(tried: readonly string[], barred: readonly string[]): Route;
  /** Reports the result of an attempt. */
  settle(route: Route, health: Health): void;
  /** Reports that there was no attempt with this route. */
  release(route: Route): void;
}
