import type { OperationId } from '../../generated/operations.ts';
import type { CallArguments, Caller, ResultOf, Row, ToResult } from '../core/call-types.ts';
import { callerOf, type OctaCore } from '../core/octa-core.ts';
import type { OctaPromise } from '../core/promise.ts';

/** What every resource is built on: a client, and nothing that shows when it is inspected. */
export abstract class Resource {
  readonly #core: OctaCore;
  readonly #caller: Caller;

  /** Throws OctaConfigurationError when it is given anything else. */
  constructor(core: OctaCore) {
    this.#core = core;
    this.#caller = callerOf(core);
  }

  /** @internal What others are built on, too. */
  protected get core(): OctaCore {
    return this.#core;
  }

  /** @internal What it calls with, for what is made of several calls. */
  protected get caller(): Caller {
    return this.#caller;
  }

  /** @internal Calls an operation whose decoded answer is the result. */
  protected call<Id extends OperationId>(row: Row<Id>, given: CallArguments): OctaPromise<ResultOf<Id>> {
    return this.caller.call(row, given, (value) => value);
  }

  /** @internal Calls an operation and makes the result of its decoded answer. */
  protected callFor<Id extends OperationId, Result>(
    row: Row<Id>,
    given: CallArguments,
    toResult: ToResult<ResultOf<Id>, Result> | ToResult<ResultOf<Id>, Promise<Result>>,
  ): OctaPromise<Result> {
    return this.caller.call(row, given, toResult);
  }
}

/** The number of a node or of a job; text is taken too, and sent as it is. */
export type Id = number | string;
