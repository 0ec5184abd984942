/** Types that describe calls of the SDK as data: their parameters, and how to make them. */
import type { OctaClient, OctaPromise, RequestOptions } from '@octaspace/sdk';

/** One parameter of a call. */
export interface Parameter {
  readonly name: string;
  /** Kind of input: text, a number, digits of any length, JSON, or one of the choices. */
  readonly kind: 'text' | 'number' | 'digits' | 'json' | 'boolean' | 'choice';
  readonly choices?: readonly string[];
  readonly required?: boolean;
  readonly description?: string;
  /** Initial input. */
  readonly initial?: string;
}

/** The input as values, without empty fields. */
export type Values = Readonly<Record<string, unknown>>;

/** Arguments of a call. */
export interface CallContext {
  readonly client: OctaClient;
  readonly values: Values;
  readonly options: RequestOptions & { readonly signal: AbortSignal };
}

/** One call. */
export interface SdkCall {
  /** As in code: `nodes.get`. */
  readonly name: string;
  /** The effect of repeating it. */
  readonly effect: 'read' | 'idempotent' | 'disruptive' | 'billable';
  readonly about: string;
  readonly parameters: readonly Parameter[];
  readonly run: (context: CallContext) => OctaPromise<unknown> | Promise<unknown>;
}
