import type { StartResult } from '../../../generated/models.ts';
import { listSessions } from '../../../generated/operations.ts';
import type { CallArguments, Row } from '../../core/call-types.ts';
import type { OctaCore } from '../../core/octa-core.ts';
import type { RequestOptions } from '../../core/option-types.ts';
import type { OctaPromise } from '../../core/promise.ts';
import { Resource } from '../resource.ts';
import { type LeaseOptions, type Order, type RentTools, rent } from './rent.ts';
import { placeOf, type Rentals, rentalsOf } from './rentals.ts';
import { type SessionResource, sessionFrom } from './session.ts';
import { startedUuid } from './start.ts';
import { given } from './template.ts';

/** The options with defaults for what was left out, or given as undefined. */
export function withDefaults(options: object, defaults: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return { ...defaults, ...given(options) };
}

type StartId = 'startMr' | 'startRender' | 'startVpn';

type StartRow = Row<StartId>;

const services = { startMr: 'mr', startRender: 'render', startVpn: 'vpn' } as const satisfies Record<StartId, string>;

/** What the services that can be started have in common. */
export abstract class ServiceResource extends Resource {
  readonly #rentals: Rentals;

  constructor(core: OctaCore) {
    super(core);
    this.#rentals = rentalsOf(core);
  }

  /** @internal The session of a start, which nobody else may take for theirs. */
  protected sessionOf(row: StartRow, uuid: string, { headers }: RequestOptions = {}): SessionResource {
    this.#rentals.claim(uuid);
    const startedAt = this.caller.time.now();
    return sessionFrom(this.core, uuid, { service: services[row.id], headers, startedAt });
  }

  /** @internal Starts something and gives its session. */
  protected begin(
    row: StartRow,
    { node_id }: { readonly node_id: unknown },
    given: CallArguments,
  ): OctaPromise<SessionResource> {
    return this.#begin(row, { ...given, onEnd: this.underWay(row, [node_id]) });
  }

  /** @internal Counts a start on nodes as under way; gives what is told of its end. */
  protected underWay(row: StartRow, nodes: readonly unknown[]): (value: unknown) => void {
    // Whoever looks for a lost session on such a node must not take that of a start which has no answer yet.
    const ends = [...new Set(nodes)].map((node) => this.#rentals.begin(placeOf(services[row.id], node)));
    return (value) => {
      // Claimed before the start counts as answered: nobody may find its session between the two.
      for (const result of [value].flat()) this.#claim(result);
      for (const end of ends) end();
    };
  }

  #claim(result: unknown): void {
    const uuid: unknown = typeof result === 'object' && result !== null ? Reflect.get(result, 'uuid') : undefined;
    if (typeof uuid === 'string') this.#rentals.claim(uuid);
  }

  #begin(row: StartRow, given: CallArguments): OctaPromise<SessionResource> {
    return this.callFor(row, given, (answer, outcome) => {
      // Documented as one or as a batch, depending on the service; both are taken from each.
      const results: readonly StartResult[] = [answer].flat();
      return this.sessionOf(row, startedUuid(row.id, results, outcome), given.options ?? {});
    });
  }

  /** @internal Rents something: starts it, and waits until it can be used. Throws over a wrong order before anything is sent. */
  protected async rentBy(
    row: StartRow,
    { body, ...order }: Pick<Order, 'nodes' | 'kind' | 'envs'> & { readonly body: (node: number) => unknown },
    given: LeaseOptions | undefined,
  ): Promise<SessionResource> {
    const lease = given ?? {};
    const { time, quietly, checkBody, hold } = this.caller;
    for (const node of order.nodes) checkBody(row, body(node));
    const tools: RentTools = {
      active: (options) => this.call(listSessions, { options, vital: true }),
      start: (node, options) => this.#begin(row, { body: () => body(node), options }),
      sessionOf: (uuid) => this.sessionOf(row, uuid, lease),
      time,
      quietly,
      rentals: this.#rentals,
    };
    const leave = hold(row.id);
    try {
      return await rent({ ...order, operation: row.id, service: services[row.id] }, tools, lease);
    } finally {
      leave();
    }
  }
}
