import type { Session } from '../../generated/models.ts';
import type { RequestOptions } from '../core/option-types.ts';
import type { OctaPromise } from '../core/promise.ts';
import { Resource } from './resource.ts';

/** Filter of `sessions.list`, together with the options of the call. */
export interface ListSessionsOptions extends RequestOptions {
  /** True: the sessions that ended lately, in place of the active ones. */
  readonly recent?: boolean | undefined;
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
    return this.call('listSessions', { query: { recent: recent === true ? true : undefined }, options: rest });
  }
}
