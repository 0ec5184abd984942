import type { RenderMachine, StartRenderRequest } from '../../../generated/models.ts';
import type { RequestOptions } from '../../core/option-types.ts';
import type { OctaPromise } from '../../core/promise.ts';
import { ServiceResource } from './service.ts';
import type { SessionResource } from './session.ts';

/** Which render node to rent, and how. */
export interface StartRenderOptions extends StartRenderRequest {}

/** Render nodes. */
export class RenderResource extends ServiceResource {
  /** Render nodes that can be rented now. */
  available(options?: RequestOptions): OctaPromise<RenderMachine[]> {
    return this.call('listRenderMachines', { options });
  }

  /**
   * Rents a render node. Sent once, never repeated by itself; see `services.mr.start`.
   *
   * @throws OctaProvisionRejectedError when the API refuses, also when it does so within HTTP 200.
   */
  start(start: StartRenderOptions, options?: RequestOptions): OctaPromise<SessionResource> {
    return this.begin('startRender', { body: start, options });
  }
}
