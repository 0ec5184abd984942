import type { OperationId } from '../../generated/operations.ts';
import type { CallArguments, Caller, ResultOf, ToResult } from '../core/call-types.ts';
import type { OctaPromise } from '../core/promise.ts';

/** What every resource is built on: a caller, and nothing that shows when it is inspected. */
export abstract class Resource {
  readonly #caller: Caller;

  /** @internal */
  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /** What it calls with, for what is made of several calls. */
  protected get caller(): Caller {
    return this.#caller;
  }

  /** Calls an operation whose decoded answer is the result. */
  protected call<Id extends OperationId>(id: Id, given: CallArguments): OctaPromise<ResultOf<Id>> {
    return this.#caller.call(id, given, (value) => value);
  }

  /** Calls an operation and makes the result of its decoded answer. */
  protected callFor<Id extends OperationId, Result>(
    id: Id,
    given: CallArguments,
    toResult: ToResult<ResultOf<Id>, Result>,
  ): OctaPromise<Result> {
    return this.#caller.call(id, given, toResult);
  }
}

/** The query for what has ended, where that is asked for; false and nothing are the same to the API. */
export function recentQuery(recent: boolean | undefined): { readonly recent: true | undefined } {
  return { recent: recent === true ? true : undefined };
}

/** The number of a node or of a job; text is taken too, and sent as it is. */
export type Id = number | string;
