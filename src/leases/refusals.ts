/** Decides which errors are the refusal of a node. */
import { OctaApiError, type OctaError, OctaProvisionRejectedError, type ProvisionRejection } from '../errors/errors.ts';

/** Statuses that mean that a node refused the order. Any other refusal is about the caller. */
const refusingStatuses = new Set([400, 404, 409, 422]);

/** The API responds with status 500 and this word if a node is temporarily out of order. */
const outOfOrder = /\bINTERNAL_ERROR\b/;

/** Whether the API says that a node is out of order. Probably nothing was started then, but that is not proven. */
export function isOutOfOrder(error: unknown): error is OctaApiError {
  return error instanceof OctaApiError && error.status === 500 && outOfOrder.test(`${error.code} ${error.message}`);
}

/** Thrown to continue with the next candidate after a node has refused. */
export class Refusal {
  readonly rejections: readonly ProvisionRejection[];
  readonly cause: unknown;

  constructor(rejections: readonly ProvisionRejection[], cause: unknown) {
    this.rejections = rejections;
    this.cause = cause;
  }
}

/** Converts an API error into the refusal of a node. */
export function refusalBy(error: OctaApiError, node_id: number): Refusal {
  return new Refusal([{ id: undefined, node_id, reason: error.message, status: error.status }], error);
}

/** The refusal that an error represents; undefined unless it certainly is one. */
export function refusalIn(error: unknown, node_id: number): Refusal | undefined {
  if (error instanceof OctaProvisionRejectedError) {
    return new Refusal(
      error.rejections.map((rejection) => ({ ...rejection, node_id })),
      error,
    );
  }
  const refuses = error instanceof OctaApiError && refusingStatuses.has(error.status);
  return refuses ? refusalBy(error, node_id) : undefined;
}

/** The error if every node has refused. */
export function allRefused(operation: string, nodes: number, { rejections, cause }: Refusal): OctaError {
  const reasons = rejections.map(({ node_id, reason }) => `node ${node_id}: ${reason}`).join('; ');
  const who = nodes === 1 ? 'refused' : `all ${nodes} nodes refused`;
  const message = `${operation}: ${who}: ${reasons}`;
  return new OctaProvisionRejectedError({ message, outcome: 'rejected', rejections, cause });
}
