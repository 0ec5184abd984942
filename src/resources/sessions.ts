import type { Session } from '../../generated/models.ts';
import { listSessions } from '../../generated/operations.ts';
import { makeStrict } from '../core/arguments.ts';
import { requestOptionsOf } from '../core/checks.ts';
import type { RequestOptions, RequestOverrides } from '../core/option-types.ts';
import { checkRequestOptions } from '../core/options.ts';
import type { OctaPromise } from '../core/promise.ts';
import { OctaConfigurationError, OctaNotFoundError } from '../errors/errors.ts';
import { recentQuery } from '../leases/api.ts';
import { claimLate } from '../leases/late.ts';
import { contextOf } from '../leases/leases.ts';
import { type StopAllOptions, type StopAllResult, stopAll } from '../leases/sweep.ts';
import { Resource } from './resource.ts';
import { SessionResource } from './services/session.ts';

/** Filter of `sessions.list`, together with the options of the call. */
export interface ListSessionsOptions extends RequestOptions {
  /** True: the sessions that ended lately, instead of the active ones. */
  readonly recent?: boolean | undefined;
}

function startOf(prefix: unknown): string {
  if (typeof prefix === 'string' && prefix.trim() !== '') return prefix.trim().toLowerCase();
  throw new OctaConfigurationError({ message: 'the beginning of a UUID must be a non-empty string' });
}

/** The sessions of the account: those that run, and those that ended lately. */
export class SessionsResource extends Resource {
  /**
   * The same, with the request options as a second argument, as in other versions of `@octaspace/sdk`. If both arguments set an option,
   * the second one applies. New code should use one argument.
   */
  list(options: ListSessionsOptions | undefined, request: RequestOverrides | undefined): OctaPromise<Session[]>;
  /**
   * The active sessions or, with `recent`, those that ended lately. The two lists differ in their fields.
   *
   * @example
   * const recent = await client.sessions.list({ recent: true, retries: 0 });
   */
  list(options?: ListSessionsOptions): OctaPromise<Session[]>;
  list(options?: ListSessionsOptions, request?: RequestOverrides): OctaPromise<Session[]> {
    const { recent, ...rest } = options ?? {};
    const check = () => checkRequestOptions(request ?? {});
    const given = { query: recentQuery(recent), options: { ...rest, ...requestOptionsOf(request) }, check };
    return this.callFor(listSessions, given, (sessions) => {
      contextOf(this.core).saw(sessions);
      return sessions;
    });
  }

  /**
   * The active session or, with `recent`, the one that ended lately, whose UUID begins with the given text.
   *
   * @throws OctaNotFoundError if no session matches.
   * @throws OctaConfigurationError if more than one session matches; the message lists them.
   * @example
   * const session = await client.sessions.find('5dd2d308');
   * await session.stop();
   */
  find(prefix: string, options?: ListSessionsOptions): OctaPromise<SessionResource> {
    const { recent, ...rest } = options ?? {};
    const query = recentQuery(recent);
    const check = () => void startOf(prefix);
    return this.callFor(listSessions, { query, options: rest, check }, (sessions, { reply }) => {
      const start = startOf(prefix);
      const byKey = new Map(sessions.map((session) => [session.uuid?.toLowerCase() ?? '', session]));
      const begins = [...byKey.values()].filter(({ uuid }) => uuid?.toLowerCase().startsWith(start));
      // A complete UUID selects exactly that session, even if other UUIDs begin with it.
      const exact = begins.filter(({ uuid }) => uuid.toLowerCase() === start);
      const found = exact.length > 0 ? exact : begins;
      const [first, second] = found;
      const what = `has a UUID that begins with ${JSON.stringify(prefix)}`;
      const request = { operation: 'listSessions', method: 'GET', url: reply.url };
      if (first === undefined) {
        const message = `listSessions: none of the ${sessions.length} sessions ${what}`;
        throw new OctaNotFoundError({ message, status: 404, outcome: 'rejected', request });
      }
      if (second !== undefined) {
        const uuids = found.map(({ uuid }) => uuid).join(', ');
        const message = `listSessions: more than one session ${what}: ${uuids}`;
        throw new OctaConfigurationError({ message, request });
      }
      const context = contextOf(this.core);
      // If the session comes from a start without a response, this client holds it from now on.
      const attempt = context.attemptOf(first);
      const isOwn = attempt !== undefined && /^(unknown|refused)$/.test(attempt.state);
      const { headers } = rest;
      const lease = isOwn ? claimLate(context, first, attempt) : context.leaseOf(first.uuid, { headers });
      return new SessionResource(this.core, lease);
    });
  }

  /**
   * Stops all active sessions, or those that match the filters, including those that this client has just started. Tries each
   * session for up to 15 s.
   *
   * @throws OctaSessionError if some sessions could not be stopped; `running` has their UUIDs.
   * @example
   * const { stopped } = await client.sessions.stopAll({ service: 'mr', olderThanMs: 6 * 3_600_000 });
   */
  async stopAll(options?: StopAllOptions): Promise<StopAllResult> {
    const leave = this.caller.hold('stopAll');
    try {
      return await stopAll(contextOf(this.core), options);
    } finally {
      leave();
    }
  }
}

makeStrict(SessionsResource.prototype, 'sessions');
