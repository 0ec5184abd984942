/** Types of `client.api`. Types only. */
import type { ErrorBody } from '../../generated/models.ts';
import type { paths } from '../../generated/schema.ts';

/** HTTP methods of the operations, spelled as in the spec. */
type Method = 'get' | 'post' | 'patch';

/** The paths that support a method. */
export type ApiPath<Verb extends Method> = {
  [Path in keyof paths]: paths[Path] extends Record<Verb, unknown> ? Path : never;
}[keyof paths];

type OperationAt<Path extends keyof paths, Verb extends Method> =
  paths[Path] extends Record<Verb, infer Operation> ? Operation : never;

/** The ways to read a body, and their result types. */
export interface ParsedBodies<Data> {
  /** The decoded data. */
  json: Data;
  /** The body as text. */
  text: string;
  /** The body as a file. */
  blob: Blob;
  /** The body as bytes. */
  arrayBuffer: ArrayBuffer;
  /** The body as a stream. */
  stream: Response['body'];
}

type ParseAs = keyof ParsedBodies<unknown>;

type ContentOf<Answered> = Answered extends { content: infer Forms } ? Forms[keyof Forms] : never;
type DataOf<Operation> = Operation extends { responses: infer Answers }
  ? ContentOf<Answers[keyof Answers & (200 | 201)]>
  : never;

type ParamsOf<Operation> = Operation extends { parameters: infer Params }
  ? Record<never, never> extends Params
    ? { readonly params?: Params }
    : { readonly params: Params }
  : never;

type BodyOf<Operation> = Operation extends { requestBody: { content: infer Forms } }
  ? { readonly body: Forms[keyof Forms] }
  : 'requestBody' extends keyof Operation
    ? { readonly body?: ContentOf<Exclude<Operation['requestBody'], undefined>> }
    : { readonly body?: never };

/** Options of a call by path, besides parameters and body. */
export interface ApiOptions<As extends ParseAs = 'json'> {
  /** Headers of this call; they override those of the client. */
  readonly headers?: Headers | Readonly<Record<string, string | number | boolean | null | undefined>> | undefined;
  /** Aborts the call. */
  readonly signal?: AbortSignal | null | undefined;
  /** How to read the body. Default `json`, the decoded data. */
  readonly parseAs?: As | undefined;
}

type Init<Operation, As extends ParseAs> = ParamsOf<Operation> & BodyOf<Operation> & ApiOptions<As>;
type Arguments<Operation, As extends ParseAs> =
  Record<never, never> extends Init<Operation, As> ? [init?: Init<Operation, As>] : [init: Init<Operation, As>];

/** The result of a call by path: the data, or the body of an error response. */
export type ApiResult<Data> =
  | { readonly data: Data; readonly error?: never; readonly response: Response }
  | { readonly data?: never; readonly error: ErrorBody; readonly response: Response };

type MethodOf<Name extends string> = Lowercase<Name> & Method;

/** A function that calls paths with one method. */
export type ApiCall<Verb extends Method> = <Path extends ApiPath<Verb>, As extends ParseAs = 'json'>(
  path: Path,
  ...init: Arguments<OperationAt<Path, Verb>, As>
) => Promise<ApiResult<ParsedBodies<DataOf<OperationAt<Path, Verb>>>[As]>>;

/** Parameters and body of a call to an operation that the SDK does not know. */
export interface UnknownInit extends ApiOptions<ParseAs> {
  /** Values for the `{names}` in the path, and for the query. */
  readonly params?: { readonly path?: object | undefined; readonly query?: object | undefined } | undefined;
  /** Any value that can be converted to JSON. */
  readonly body?: unknown;
}

/**
 * Calls by method and path. A call to an unknown operation is sent with the API key, if there is one. It is never retried, and its
 * response is not decoded.
 */
export interface ApiRequest {
  <Name extends Method | Uppercase<Method>, Path extends ApiPath<MethodOf<Name>>, As extends ParseAs = 'json'>(
    method: Name,
    path: Path,
    ...init: Arguments<OperationAt<Path, MethodOf<Name>>, As>
  ): Promise<ApiResult<ParsedBodies<DataOf<OperationAt<Path, MethodOf<Name>>>>[As]>>;
  (method: string, path: `/${string}`, init?: UnknownInit): Promise<ApiResult<unknown>>;
}

/** The typed low-level client: the methods of openapi-fetch. It has no middleware; use hooks instead. */
export interface OctaApi {
  /** Reads data. */
  readonly GET: ApiCall<'get'>;
  /** Starts, stops or creates something. */
  readonly POST: ApiCall<'post'>;
  /** Changes something. */
  readonly PATCH: ApiCall<'patch'>;
  /** Any method, in lower or upper case. Also accepts paths that the SDK does not know. */
  readonly request: ApiRequest;
}
