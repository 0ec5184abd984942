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
  /** True: the sessions that ended lately, in place of the active ones. */
  readonly recent?: boolean | undefined;
}

function startOf(prefix: unknown): string {
  if (typeof prefix === 'string' && prefix.trim() !== '') return prefix.trim().toLowerCase();
  throw new OctaConfigurationError({ message: 'the beginning of a uuid is needed, as text' });
}

/** What the account rents now, and rented lately. */
export class SessionsResource extends Resource {
  /**
   * The same, with options of the call as a second argument, as other versions of `@octaspace/sdk` take them. Where both arguments have
   * an option, the second wins. New code should use one argument.
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
   * The active session, or with `recent` the one that ended lately, whose uuid begins so.
   *
   * @throws OctaNotFoundError when none does.
   * @throws OctaConfigurationError when more than one does; the message lists them.
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
      // A whole uuid means that one, whatever else it is the beginning of.
      const exact = begins.filter(({ uuid }) => uuid.toLowerCase() === start);
      const found = exact.length > 0 ? exact : begins;
      const [first, second] = found;
      const what = `listSessions: ${JSON.stringify(prefix)}`;
      const request = { operation: 'listSessions', method: 'GET', url: reply.url };
      if (first === undefined) {
        const message = `${what}: none of the ${sessions.length} sessions has a uuid that begins so`;
        throw new OctaNotFoundError({ message, status: 404, outcome: 'rejected', request });
      }
      if (second !== undefined) {
        const message = `${what}: ${found.length} sessions begin so: ${found.map(({ uuid }) => uuid).join(', ')}`;
        throw new OctaConfigurationError({ message, request });
      }
      const context = contextOf(this.core);
      // Whoever finds the session of a start that had no answer has it from now on.
      const attempt = context.attemptOf(first);
      const isOwn = attempt !== undefined && /^(unknown|refused)$/.test(attempt.state);
      const { headers } = rest;
      const lease = isOwn ? claimLate(context, first, attempt) : context.leaseOf(first.uuid, { headers });
      return new SessionResource(this.core, lease);
    });
  }

  /**
   * Stops what was left running: all active sessions, or those that are meant, those that this client has started just now
   * included. Each is tried for up to 15 s.
   *
   * @throws OctaSessionError when some could not be stopped; `running` has their uuids.
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
