import type { RenderMachine, StartRenderRequest } from '../../../generated/models.ts';
import { listRenderMachines, startRender } from '../../../generated/operations.ts';
import { requestOptionsOf } from '../../core/checks.ts';
import type { RequestOptions } from '../../core/option-types.ts';
import type { OctaPromise } from '../../core/promise.ts';
import { checkMachineCriteria, type FindMachinesOptions, findMachines } from './find.ts';
import { type NodeChoice, splitNodes } from './nodes.ts';
import type { LeaseOptions } from './rent.ts';
import { ServiceResource } from './service.ts';
import type { SessionResource } from './session.ts';

/** Which render node to rent, and how. */
export interface StartRenderOptions extends StartRenderRequest {}

/** Which render node, or which of several, to rent, and how. */
export type RentRenderOptions = Omit<StartRenderOptions, 'node_id'> & NodeChoice;

/** Render nodes. */
export class RenderResource extends ServiceResource {
  /** Render nodes that can be rented now. */
  available(options?: RequestOptions): OctaPromise<RenderMachine[]> {
    return this.call(listRenderMachines, { options });
  }

  /** Render nodes that can be rented now and meet the criteria, the cheapest first; see `services.mr.find`. */
  find(criteria: FindMachinesOptions = {}): OctaPromise<RenderMachine[]> {
    const check = () => checkMachineCriteria(criteria);
    const options = requestOptionsOf(criteria);
    return this.callFor(listRenderMachines, { options, check }, (machines) => findMachines(machines, criteria));
  }

  /**
   * Rents a render node. Sent once, never repeated by itself; see `services.mr.start`.
   *
   * @throws OctaProvisionRejectedError when the API refuses, also when it does so within HTTP 200.
   */
  start(start: StartRenderOptions, options?: RequestOptions): OctaPromise<SessionResource> {
    return this.begin(startRender, start ?? {}, { body: start, options });
  }

  /** Rents a render node that can be used, and leaves nothing running when that fails; see `services.mr.rent`. */
  async rent(order: RentRenderOptions, lease?: LeaseOptions): Promise<SessionResource> {
    const [nodes, rest] = splitNodes(order);
    const body = (node: number) => ({ ...rest, node_id: node });
    return this.rentBy(startRender, { nodes, kind: undefined, envs: rest.envs ?? {}, body }, lease);
  }
}
