import type { OperationId } from '../../generated/operations.ts';
import type { CallArguments, Caller, ResultOf, Row, ToResult } from '../core/call-types.ts';
import { callerOf, type OctaCore } from '../core/octa-core.ts';
import type { OctaPromise } from '../core/promise.ts';

/** Base class of all resources. Its fields are private, so that inspecting a resource does not print the client. */
export abstract class Resource {
  readonly #core: OctaCore;
  readonly #caller: Caller;

  /** Throws OctaConfigurationError if `core` is not a client. */
  constructor(core: OctaCore) {
    this.#core = core;
    this.#caller = callerOf(core);
  }

  /** @internal The client, for resources that create others. */
  protected get core(): OctaCore {
    return this.#core;
  }

  /** @internal The caller, for methods that make several calls. */
  protected get caller(): Caller {
    return this.#caller;
  }

  /** @internal Calls an operation, and returns the decoded response. */
  protected call<Id extends OperationId>(row: Row<Id>, given: CallArguments): OctaPromise<ResultOf<Id>> {
    return this.caller.call(row, given, (value) => value);
  }

  /** @internal Calls an operation, and converts the decoded response to the result. */
  protected callFor<Id extends OperationId, Result>(
    row: Row<Id>,
    given: CallArguments,
    toResult: ToResult<ResultOf<Id>, Result> | ToResult<ResultOf<Id>, Promise<Result>>,
  ): OctaPromise<Result> {
    return this.caller.call(row, given, toResult);
  }
}

/** The number of a node or of a job, as a number or a string. A string is sent unchanged. */
export type Id = number | string;
