/** What passes between the parts of the transport. It moves text; it knows no operations, models or resources. */
import type { OctaError } from '../errors/errors.ts';

/** The seam: what the SDK needs of `fetch`. */
export type FetchLike = (url: string, init: RequestInit) => Promise<Response>;

/** Gives the API key; absent when there is none, empty when something else authenticates. */
export type KeySource = () => string | undefined | Promise<string | undefined>;

/** How the answer's body is wanted: as parsed JSON, as bytes, as text that nobody parses, or not read at all. */
export type BodyForm = 'json' | 'json-or-nothing' | 'bytes' | 'text' | 'unread';

/** One call: a frozen value that every attempt builds its own request from. */
export interface Call {
  /** Name of the operation, for messages and hooks. */
  readonly operation: string;
  readonly method: string;
  /** Path and query below the base URL. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly auth: 'required' | 'optional' | 'none';
  /** Whether sending it twice does no more than sending it once. */
  readonly repeatable: boolean;
  /** Whether it looks after a session that costs money, so that it must not wait behind other calls. */
  readonly urgent: boolean;
  /** Whether the runtime's caches must be kept out of it. */
  readonly uncached: boolean;
  readonly bodyForm: BodyForm;
  readonly signal: AbortSignal | undefined;
  /** Per attempt, body included; 0 is no limit. Unit: ms. */
  readonly timeoutMs: number;
  /** For the whole call; 0 is no limit. Unit: ms. */
  readonly totalTimeoutMs: number;
  /** When the whole call has to be over; infinite when there is no limit. Unit: ms of the clock. */
  readonly endsAt: number;
  /** How many more attempts after the first. Unit: count. */
  readonly retries: number;
  /** Awaited before each attempt leaves. */
  readonly beforeSend?: (() => Promise<void> | undefined) | undefined;
}

/** One attempt of a call. */
export interface Attempt {
  /** 1 for the first. */
  readonly number: number;
  readonly baseUrl: string;
  /** Headers of this attempt; hooks may have added some. */
  readonly headers: Readonly<Record<string, string>>;
  /** Told of a sending within this attempt that was lost, and repeated by the transport itself. */
  readonly onLost: (error: OctaError) => void;
}

/** Takes the API keys out of what a server, or anyone else, may have put them into. */
export interface Redactor {
  text(text: string): string;
  /** Plain data, however deep. */
  json(value: unknown): unknown;
  cause(cause: unknown): unknown;
}

/** An answer with its body, whatever its status. */
export interface Reply {
  readonly status: number;
  /** Without the API keys. */
  readonly headers: Headers;
  /** Body as text; empty when it was wanted as bytes or unread. */
  readonly text: string;
  /** Body as parsed JSON, when it was wanted so; filled in by whoever parses it. */
  parsed: unknown;
  /** Body of a success as bytes, unless it was wanted unread. */
  readonly bytes: Uint8Array<ArrayBuffer> | undefined;
  /** The answer as fetch gave it; its body is readable only when it was wanted unread. */
  readonly response: Response;
  /** URL that answered. */
  readonly url: string;
  /** From before the request to the end of the body. Unit: ms. */
  readonly durationMs: number;
  /** Which attempt this is the answer to; 1 for the first. */
  readonly attempt: number;
  readonly redactor: Redactor;
}

/** Makes one attempt of a call. */
export type Send = (call: Call, attempt: Attempt) => Promise<Reply>;
/** Carries out a whole call, in as many attempts as it takes. */
export type Carry = (call: Call) => Promise<Reply>;
/** One concern of the pipeline, wrapped around the rest of it. */
export type Policy = (next: Send) => Send;

/** Where one attempt goes. */
export interface Route {
  readonly baseUrl: string;
  /** When it was picked. Unit: ms of the clock. */
  readonly pickedAt: number;
}

/** What an attempt told about the base URL that it went to. */
export type Health = 'alive' | 'down' | 'unclear';

/** Which base URL an attempt goes to. */
export interface Routes {
  /**
   * The next URL; `tried` are those of this call's earlier attempts, of which others are preferred, and `barred` those it
   * should not go to again: one of them comes only when there is no other.
   */
  pick(tried: readonly string[], barred: readonly string[]): Route;
  /** What became of an attempt. */
  settle(route: Route, health: Health): void;
  /** There was no attempt after all. */
  release(route: Route): void;
}
