import type { StartResult } from '../../../generated/models.ts';
import type { CallArguments, Caller } from '../../core/call.ts';
import type { OctaPromise } from '../../core/promise.ts';
import { Resource } from '../resource.ts';
import { SessionResource } from './session.ts';
import { startedUuid } from './start.ts';

/** The options with defaults for what was left out, or given as undefined. */
export function withDefaults(given: object, defaults: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const known = Object.entries(given ?? {}).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(known) };
}

/** What the services that can be started have in common. */
export abstract class ServiceResource extends Resource {
  readonly #caller: Caller;

  /** @internal */
  constructor(caller: Caller) {
    super(caller);
    this.#caller = caller;
  }

  /** Starts something and gives its session. */
  protected begin(id: 'startMr' | 'startRender' | 'startVpn', given: CallArguments): OctaPromise<SessionResource> {
    return this.callFor(id, given, (answer, outcome) => {
      // Documented as one or as a batch, depending on the service; both are taken from each.
      const results: readonly StartResult[] = [answer].flat();
      return new SessionResource(this.#caller, startedUuid(id, results, outcome));
    });
  }
}
