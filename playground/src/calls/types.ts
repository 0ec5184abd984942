/** Calls of the SDK as data: what they take, and how they are made. Types only. */
import type { OctaClient, OctaPromise, RequestOptions } from '@octaspace/sdk';

/** One parameter of a call. */
export interface Parameter {
  readonly name: string;
  /** What is typed: text, a number, digits of any length, JSON, or one of the choices. */
  readonly kind: 'text' | 'number' | 'digits' | 'json' | 'boolean' | 'choice';
  readonly choices?: readonly string[];
  readonly required?: boolean;
  readonly description?: string;
  /** What stands there at first. */
  readonly initial?: string;
}

/** What was typed, as values; what was left empty is absent. */
export type Values = Readonly<Record<string, unknown>>;

/** What a call is made with. */
export interface CallContext {
  readonly client: OctaClient;
  readonly values: Values;
  readonly options: RequestOptions & { readonly signal: AbortSignal };
}

/** One call. */
export interface SdkCall {
  /** As one writes it: `nodes.get`. */
  readonly name: string;
  /** What repeating it would do. */
  readonly effect: 'read' | 'idempotent' | 'disruptive' | 'billable';
  readonly about: string;
  readonly parameters: readonly Parameter[];
  readonly run: (context: CallContext) => OctaPromise<unknown> | Promise<unknown>;
}
