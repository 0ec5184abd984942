/** What the suite is told, what it tells, and what it asks of the server. Types only. */
import type * as SdkModule from '@octaspace/sdk';
import type * as NodeModule from '@octaspace/sdk/node';
import type * as TestingModule from '@octaspace/sdk/testing';
import type * as ZodModule from '@octaspace/sdk/zod';

/** The entry points of the package, as the runtime has loaded them. */
export interface Modules {
  readonly sdk: typeof SdkModule;
  readonly testing: typeof TestingModule;
  readonly zod: typeof ZodModule;
  /** Absent where it is not made for. */
  readonly node?: typeof NodeModule;
}

/** In what a runtime differs from the others; their reasons are in `scripts/runtimes/lanes.ts`. */
export type ExceptionName =
  | 'no-proof'
  | 'sends-twice'
  | 'repeats-gets'
  | 'own-user-agent'
  | 'hidden-redirects'
  | 'no-environment'
  | 'no-server'
  | 'no-node-transport'
  | 'relative-urls';

/** What one run is told. */
export interface Task {
  /** Where scenes are played. */
  readonly apiUrl: string;
  /** Where scenes are made, and asked about. */
  readonly controlUrl: string;
  /** Where nobody listens. */
  readonly deadUrl: string;
  readonly exceptions: readonly ExceptionName[];
  /** What was taken away before the SDK was loaded, such as `AbortSignal.any`. */
  readonly without?: string | undefined;
}

/** What became of one test. */
export interface TestResult {
  readonly title: string;
  readonly ms: number;
  /** Why it failed; absent when it passed. */
  readonly failure?: string;
}

/** An answer of the server. */
export interface ScriptedAnswer {
  /** Default 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text, sent as it is. Default `{}`. */
  readonly body?: string;
  /** How often the text is repeated. Default once. */
  readonly repeated?: number;
  /**
   * What becomes of the text on the way: `bytes`, it is base64 of what is sent; `gzip`, it is packed as HTTP does; `log`, it is
   * packed into the field `data` as the API does with logs; `slices`, it is sent by 7 bytes and without its length.
   */
  readonly form?: 'bytes' | 'gzip' | 'log' | 'slices';
}

/** What goes wrong with one request, once it has arrived whole. */
export interface ScriptedFault {
  /**
   * `reset`: the connection breaks; `stall`: there is no answer; `stall-body` and `cut-body`: half of one, then nothing, or the end of
   * the connection.
   */
  readonly fault: 'reset' | 'stall' | 'stall-body' | 'cut-body';
}

export type Step = ScriptedAnswer | ScriptedFault;

/** One request as the server received it. */
export interface Received {
  readonly method: string;
  /** Path and query, without the prefix of the scene. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/** What the server knows of a scene. */
export interface SceneReport {
  /** Every request that arrived whole, in order. */
  readonly received: readonly Received[];
  /** How many were given up by the client before their answer was complete. */
  readonly givenUp: number;
}
