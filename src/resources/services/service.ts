import type { CallArguments, ResultOf, Row } from '../../core/call-types.ts';
import { requestOptionsOf } from '../../core/checks.ts';
import type { RequestOptions } from '../../core/option-types.ts';
import type { OctaPromise } from '../../core/promise.ts';
import type { FailedRequest } from '../../errors/errors.ts';
import type { Attempt } from '../../leases/attempt.ts';
import type { Context } from '../../leases/context.ts';
import type { LeaseOptions, Order, StartId } from '../../leases/lease-options.ts';
import { contextOf } from '../../leases/leases.ts';
import { rent } from '../../leases/rent.ts';
import { type RentManyOptions, rentMany } from '../../leases/rent-many.ts';
import { type StartInit, startArguments, startedLease } from '../../leases/starting.ts';
import { Resource } from '../resource.ts';
import { SessionResource } from './session.ts';
import { given } from './template.ts';

/** The options, with defaults for those that are missing or undefined. */
export function withDefaults(options: object, defaults: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return { ...defaults, ...given(options) };
}

type StartRow = Row<StartId>;

const services = { startMr: 'mr', startRender: 'render', startVpn: 'vpn' } as const satisfies Record<StartId, string>;

/** What to start, and on which node. */
export interface Started {
  readonly node_id: unknown;
  readonly kind?: string | undefined;
}

/** What to rent, and on which nodes. */
export type RentedOrder = Pick<Order, 'nodes' | 'kind' | 'body'>;

type CatalogueId = 'listMrMachines' | 'listRenderMachines' | 'listVpnNodes';

/** How to search a catalogue by criteria. */
interface Search<Criteria, Entries> {
  readonly check: (criteria: Criteria) => void;
  readonly find: (entries: Entries, criteria: Criteria, request: FailedRequest) => Entries;
}

/** Base class of the services that can be started. */
export abstract class ServiceResource extends Resource {
  /** @internal The state that the leases of the client share. */
  protected get context(): Context {
    return contextOf(this.core);
  }

  /** @internal Reads a catalogue, and returns the entries that meet the criteria. */
  protected findIn<Id extends CatalogueId, Criteria extends RequestOptions>(
    row: Row<Id>,
    given: Criteria | undefined,
    { check, find }: Search<Criteria, ResultOf<Id>>,
  ): OctaPromise<ResultOf<Id>> {
    const criteria = given === undefined ? ({} as Criteria) : given;
    const init = { options: requestOptionsOf(criteria), check: () => check(criteria) };
    return this.callFor(row, init, (entries, { reply }) => {
      return find(entries, criteria, { operation: row.id, method: row.method, url: reply.url });
    });
  }

  /** @internal An attempt to start something. */
  protected attempt(row: StartRow, { node_id, kind }: Started, options: RequestOptions | undefined): Attempt {
    const facts = { service: services[row.id], nodeId: Number(node_id), kind, headers: options?.headers };
    return this.context.attempt({ ...facts, byRent: false });
  }

  /** @internal The arguments of a call that sends these attempts. */
  protected startArguments(attempts: readonly Attempt[], init: StartInit): CallArguments {
    return startArguments(this.context, attempts, init);
  }

  /** @internal Starts something, and returns its session. */
  protected begin(row: StartRow, started: Started, init: StartInit): OctaPromise<SessionResource> {
    const attempt = this.attempt(row, started, init.options);
    return this.callFor(row, startArguments(this.context, [attempt], init), (answer, outcome) => {
      return new SessionResource(this.core, startedLease(this.context, attempt, [row.id, answer, outcome]));
    });
  }

  /** @internal An order with the operation and the name of its service. */
  protected orderBy(row: StartRow, order: RentedOrder): Order {
    return { ...order, row, service: services[row.id] };
  }

  /** @internal Rents something: starts it, and waits until it can be used. If the order is wrong, throws before anything is sent. */
  protected async rentBy(row: StartRow, order: RentedOrder, options?: LeaseOptions): Promise<SessionResource> {
    return new SessionResource(this.core, await rent(this.context, this.orderBy(row, order), options));
  }

  /** @internal The same for several orders, all or none. */
  protected async rentManyBy(
    row: StartRow,
    orders: readonly RentedOrder[],
    options?: RentManyOptions,
  ): Promise<SessionResource[]> {
    const leases = await rentMany(
      this.context,
      orders.map((order) => this.orderBy(row, order)),
      options,
    );
    return leases.map((lease) => new SessionResource(this.core, lease));
  }
}
