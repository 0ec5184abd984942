/**
 * The little of other people's packages that the guides use. They are not installed, because nothing else needs them; their own
 * types are wider.
 */

declare module 'express' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  export interface Request extends IncomingMessage {
    readonly params: Readonly<Record<string, string>>;
    readonly body: unknown;
  }
  export interface Response extends ServerResponse {
    status(code: number): this;
    type(type: string): this;
    send(body: string): this;
  }
  export type NextFunction = (error?: unknown) => void;
  type Handler = (request: Request, response: Response) => unknown;
  type ErrorHandler = (error: unknown, request: Request, response: Response, next: NextFunction) => unknown;
  interface Express {
    get(path: string, handler: Handler): this;
    use(handler: ErrorHandler): this;
    listen(port: number, host: string): import('node:http').Server;
  }
  // biome-ignore lint/style/noDefaultExport: it is what express has.
  export default function express(): Express;
}

declare module 'fastify' {
  interface FastifyReply {
    type(type: string): this;
    send(body: string): this;
  }
  interface FastifyInstance {
    get(path: string, handler: (request: unknown, reply: FastifyReply) => unknown): this;
    addHook(name: 'onClose', hook: () => Promise<void>): this;
    listen(options: { readonly port: number; readonly host: string }): Promise<string>;
    close(): Promise<void>;
  }
  export function fastify(): FastifyInstance;
}

declare module 'hono' {
  interface Context<Env> {
    readonly env: Env;
    body(body: string, status?: number, headers?: Readonly<Record<string, string>>): Response;
  }
  export class Hono<Env extends { readonly Bindings: object }> {
    get(path: string, handler: (context: Context<Env['Bindings']>) => Promise<Response>): this;
    fetch(request: Request, env: Env['Bindings']): Promise<Response>;
  }
}

declare module '@tanstack/react-query' {
  interface Query<Data> {
    readonly queryKey: readonly unknown[];
    readonly queryFn: (context: { readonly signal: AbortSignal }) => Promise<Data>;
    readonly enabled?: boolean;
  }
  interface Result<Data> {
    readonly data: Data | undefined;
    readonly error: Error | null;
    readonly isFetching: boolean;
    readonly isPending: boolean;
    readonly refetch: () => Promise<unknown>;
  }
  export function useQuery<Data>(query: Query<Data>): Result<Data>;
}
