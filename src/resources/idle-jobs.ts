import type { IdleJob } from '../../generated/models.ts';
import { getIdleJob, getIdleJobLogs } from '../../generated/operations.ts';
import { makeStrict } from '../core/arguments.ts';
import { logReader } from '../core/log-reader.ts';
import type { RequestOptions } from '../core/option-types.ts';
import type { OctaPromise } from '../core/promise.ts';
import { OctaConfigurationError } from '../errors/errors.ts';
import { type Id, Resource } from './resource.ts';

/** Options of `idleJobs.logs`. */
export interface IdleJobLogsOptions extends RequestOptions {
  /** Maximum size of the unpacked log; a larger log throws OctaResponseError. Unit: bytes. Default 67 108 864 (64 MiB). */
  readonly maxBytes?: number | undefined;
}

function checkBound(maxBytes: unknown): void {
  if (maxBytes === undefined || (Number.isSafeInteger(maxBytes) && Number(maxBytes) > 0)) return;
  throw new OctaConfigurationError({
    message: `maxBytes is ${String(maxBytes)}; allowed: a whole number of bytes, 1 or more`,
  });
}

/** Jobs that a node runs while it is not rented. */
export class IdleJobsResource extends Resource {
  /** The state of a job. */
  get(nodeId: Id, jobId: Id, options?: RequestOptions): OctaPromise<IdleJob> {
    return this.call(getIdleJob, { path: { node_id: nodeId, job_id: jobId }, options });
  }

  /**
   * The log of a job as text. Unpacks it if the API sends it compressed.
   *
   * @throws OctaResponseError if the compressed log is corrupt, or larger than `maxBytes` when unpacked.
   */
  logs(nodeId: Id, jobId: Id, options?: IdleJobLogsOptions): OctaPromise<string> {
    const { maxBytes, ...rest } = options ?? {};
    const path = { node_id: nodeId, job_id: jobId };
    const check = () => checkBound(maxBytes);
    return this.callFor(
      getIdleJobLogs,
      { path, options: rest, readLog: logReader(maxBytes), check },
      ({ data }) => data,
    );
  }
}

makeStrict(IdleJobsResource.prototype, 'idleJobs');
