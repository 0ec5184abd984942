import type { RenderMachine } from '../../../generated/models.ts';
import { listRenderMachines, startRender } from '../../../generated/operations.ts';
import { makeStrict } from '../../core/arguments.ts';
import type { RequestOptions } from '../../core/option-types.ts';
import type { OctaPromise } from '../../core/promise.ts';
import type { LeaseOptions } from '../../leases/lease-options.ts';
import type { RentManyOptions } from '../../leases/rent-many.ts';
import { checkMachineCriteria, findMachines } from './find.ts';
import type { FindMachinesOptions } from './find-options.ts';
import { type NodeChoice, type StartNode, splitNodes } from './nodes.ts';
import { type RentedOrder, ServiceResource } from './service.ts';
import type { SessionResource } from './session.ts';

/** How to rent a render node. */
export interface RenderOptions {
  /** Disk space to rent. Unit: GB. */
  readonly disk_size: number;
  /** Environment variables by name; text only. Default: none. */
  readonly envs?: Readonly<Record<string, string>> | undefined;
  /** Whether to run one worker per GPU. Default: false. */
  readonly 'multi-gpu-worker'?: boolean | undefined;
}

/** Which render node to rent, and how. */
export interface StartRenderOptions extends RenderOptions, StartNode {}

/** The render node to rent, or several candidates, and how to rent it. */
export type RentRenderOptions = RenderOptions & NodeChoice;

/** The result of `start`, as other versions of `@octaspace/sdk` name it. New code should use {@link SessionResource}. */
export type StartRenderResult = SessionResource;

/** Render nodes. */
export class RenderResource extends ServiceResource {
  /** Render nodes that can be rented now. */
  available(options?: RequestOptions): OctaPromise<RenderMachine[]> {
    return this.call(listRenderMachines, { options });
  }

  /** Render nodes that can be rented now and meet the criteria, the cheapest first; see `services.mr.find`. */
  find(criteria?: FindMachinesOptions): OctaPromise<RenderMachine[]> {
    return this.findIn(listRenderMachines, criteria, { check: checkMachineCriteria, find: findMachines });
  }

  /**
   * Rents a render node. Retried only if it was provably never sent; see `services.mr.start`.
   *
   * @throws OctaProvisionRejectedError if the API refuses, even with HTTP status 200.
   */
  start(start: StartRenderOptions, options?: RequestOptions): OctaPromise<SessionResource> {
    return this.begin(startRender, { node_id: start?.node_id }, { body: () => start, options });
  }

  /** Rents a render node, waits until it can be used, and stops it if that fails; see `services.mr.rent`. */
  async rent(order: RentRenderOptions, lease?: LeaseOptions): Promise<SessionResource> {
    return this.rentBy(startRender, orderOf(order), lease);
  }

  /** Rents several render nodes at once: all of them, or none; see `services.mr.rentMany`. */
  async rentMany(orders: readonly RentRenderOptions[], lease?: RentManyOptions): Promise<SessionResource[]> {
    return this.rentManyBy(startRender, orders.map(orderOf), lease);
  }
}

makeStrict(RenderResource.prototype, 'services.render');

function orderOf(order: RentRenderOptions): RentedOrder {
  const [nodes, rest] = splitNodes(order);
  return { nodes, kind: undefined, body: (node) => ({ ...rest, node_id: node }) };
}
