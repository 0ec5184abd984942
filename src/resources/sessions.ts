import type { Session } from '../../generated/models.ts';
import { listSessions } from '../../generated/operations.ts';
import type { RequestOptions } from '../core/option-types.ts';
import type { OctaPromise } from '../core/promise.ts';
import { OctaConfigurationError, OctaNotFoundError } from '../errors/errors.ts';
import { Resource, recentQuery } from './resource.ts';
import { liveSession, type SessionResource, sessionFrom } from './services/session.ts';
import { stopSurely } from './services/stop.ts';
import { type StopAllOptions, type StopAllResult, stopAll } from './sweep.ts';

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
   * The active sessions or, with `recent`, those that ended lately. The two lists differ in their fields.
   *
   * @example
   * const recent = await client.sessions.list({ recent: true });
   */
  list(options?: ListSessionsOptions): OctaPromise<Session[]> {
    const { recent, ...rest } = options ?? {};
    return this.call(listSessions, { query: recentQuery(recent), options: rest });
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
      const begins = sessions.filter(({ uuid }) => uuid?.toLowerCase().startsWith(start));
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
      return this.#sessionOf(first.uuid, options);
    });
  }

  /**
   * Stops what was left running: all active sessions, or those that are meant. Each is tried for up to 15 s.
   *
   * @throws OctaSessionError when some could not be stopped; `running` has their uuids.
   * @example
   * const { stopped } = await client.sessions.stopAll({ service: 'mr', olderThanMs: 6 * 3_600_000 });
   */
  async stopAll(options?: StopAllOptions): Promise<StopAllResult> {
    const active = (request: RequestOptions) => this.call(listSessions, { options: request, vital: true });
    const stop = (uuid: string) => stopSurely(liveSession(this.#sessionOf(uuid, options)));
    const leave = this.caller.hold('stopAll');
    try {
      return await stopAll({ active, stop }, options);
    } finally {
      leave();
    }
  }

  /** A session with the headers by which it was found. */
  #sessionOf(uuid: string, options: RequestOptions | undefined): SessionResource {
    return sessionFrom(this.core, uuid, { headers: options?.headers });
  }
}
