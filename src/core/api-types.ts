/** Types of the calls by path. Types only. */
import type { ErrorBody } from '../../generated/models.ts';
import type { paths } from '../../generated/schema.ts';

/** Methods that operations have, in the letters of the description. */
type Method = 'get' | 'post' | 'patch';

/** Paths that can be called with a method. */
export type ApiPath<Verb extends Method> = {
  [Path in keyof paths]: paths[Path] extends Record<Verb, unknown> ? Path : never;
}[keyof paths];

type OperationAt<Path extends keyof paths, Verb extends Method> =
  paths[Path] extends Record<Verb, infer Operation> ? Operation : never;

/** Reads the body in another way than as the data that it is. */
export interface ParsedBodies<Data> {
  /** The data, decoded. */
  json: Data;
  /** The body as text. */
  text: string;
  /** The body as a file. */
  blob: Blob;
  /** The body as bytes. */
  arrayBuffer: ArrayBuffer;
  /** The body, to be read bit by bit. */
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

/** What a call by path takes besides parameters and body. */
export interface ApiOptions<As extends ParseAs = 'json'> {
  /** Headers of this call, over those of the client. */
  readonly headers?: Headers | Readonly<Record<string, string | number | boolean | null | undefined>> | undefined;
  /** Ends the call. */
  readonly signal?: AbortSignal | null | undefined;
  /** How the body is read; default `json`, which is the decoded data. */
  readonly parseAs?: As | undefined;
}

type Init<Operation, As extends ParseAs> = ParamsOf<Operation> & BodyOf<Operation> & ApiOptions<As>;
type Arguments<Operation, As extends ParseAs> =
  Record<never, never> extends Init<Operation, As> ? [init?: Init<Operation, As>] : [init: Init<Operation, As>];

/** What a call by path gives: the data, or what the API said when it refused. */
export type ApiResult<Data> =
  | { readonly data: Data; readonly error?: never; readonly response: Response }
  | { readonly data?: never; readonly error: ErrorBody; readonly response: Response };

type MethodOf<Name extends string> = Lowercase<Name> & Method;

/** Calls by path with one method. */
export type ApiCall<Verb extends Method> = <Path extends ApiPath<Verb>, As extends ParseAs = 'json'>(
  path: Path,
  ...init: Arguments<OperationAt<Path, Verb>, As>
) => Promise<ApiResult<ParsedBodies<DataOf<OperationAt<Path, Verb>>>[As]>>;

/** Parameters and body of a call that the SDK does not know. */
export interface UnknownInit extends ApiOptions<ParseAs> {
  /** Values of `{names}` in the path, and of the query. */
  readonly params?: { readonly path?: object | undefined; readonly query?: object | undefined } | undefined;
  /** Anything that can be written as JSON. */
  readonly body?: unknown;
}

/** Calls by method and path. What the SDK does not know is sent with the key if there is one, never repeated, and not decoded. */
export interface ApiRequest {
  <Name extends Method | Uppercase<Method>, Path extends ApiPath<MethodOf<Name>>, As extends ParseAs = 'json'>(
    method: Name,
    path: Path,
    ...init: Arguments<OperationAt<Path, MethodOf<Name>>, As>
  ): Promise<ApiResult<ParsedBodies<DataOf<OperationAt<Path, MethodOf<Name>>>>[As]>>;
  (method: string, path: `/${string}`, init?: UnknownInit): Promise<ApiResult<unknown>>;
}

/** The typed low-level client: the methods of openapi-fetch by path. Hooks take the place of its middleware. */
export interface OctaApi {
  /** Reads. */
  readonly GET: ApiCall<'get'>;
  /** Starts, stops or makes something. */
  readonly POST: ApiCall<'post'>;
  /** Changes something. */
  readonly PATCH: ApiCall<'patch'>;
  /** Any method, in small or capital letters; also for paths that the SDK does not know. */
  readonly request: ApiRequest;
}
