import type { MrMachine, StartMrRequest } from '../../../generated/models.ts';
import type { RequestOptions } from '../../core/option-types.ts';
import type { OctaPromise } from '../../core/promise.ts';
import { ServiceResource, withDefaults } from './service.ts';
import type { SessionResource } from './session.ts';

/** What to rent, and what to run on it. */
export interface StartMrOptions extends Omit<StartMrRequest, 'id'> {}

/** Machine rental: GPU and CPU machines that run a container. */
export class MrResource extends ServiceResource {
  /** Machines that can be rented now. */
  available(options?: RequestOptions): OctaPromise<MrMachine[]> {
    return this.call('listMrMachines', { options });
  }

  /**
   * Rents a machine and starts a container on it. Sent once: whatever happens, it is not repeated, so nothing is paid
   * for twice. When the error's `outcome` is `unknown`, look among the active sessions before starting again.
   *
   * @throws OctaProvisionRejectedError when the API refuses, also when it does so within HTTP 200.
   * @example
   * const session = await client.services.mr.start({ node_id: 9010, disk_size: 50, image: 'ubuntu:24.04', ports: [22] });
   * console.log(session.uuid);
   */
  start(start: StartMrOptions, options?: RequestOptions): OctaPromise<SessionResource> {
    const defaults = { id: 0, app: '', envs: {}, ports: [], http_ports: [], start_command: '', entrypoint: '' };
    return this.begin('startMr', { body: [withDefaults(start, defaults)], options });
  }
}
