/** What counts as the refusal of a node. */
import { OctaApiError, type OctaError, OctaProvisionRejectedError, type ProvisionRejection } from '../errors/errors.ts';

/** Statuses by which the API refuses one node, or what is asked of it; any other refusal is about the caller. */
const refusingStatuses = new Set([400, 404, 409, 422]);

/** A node that is out of order for a while answers 500 with this word. */
const outOfOrder = /\bINTERNAL_ERROR\b/;

/** Whether the API says that a node is out of order. Most likely nothing was started then, but nothing proves it. */
export function isOutOfOrder(error: unknown): error is OctaApiError {
  return error instanceof OctaApiError && error.status === 500 && outOfOrder.test(`${error.code} ${error.message}`);
}

/** On the way from a node that refused to the next one. */
export class Refusal {
  readonly rejections: readonly ProvisionRejection[];
  readonly cause: unknown;

  constructor(rejections: readonly ProvisionRejection[], cause: unknown) {
    this.rejections = rejections;
    this.cause = cause;
  }
}

/** The refusal of a node that an error of the API is. */
export function refusalBy(error: OctaApiError, node_id: number): Refusal {
  return new Refusal([{ id: undefined, node_id, reason: error.message, status: error.status }], error);
}

/** The refusal that an error is; undefined when it is none for certain. */
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

/** The error when every node has refused. */
export function allRefused(operation: string, nodes: number, { rejections, cause }: Refusal): OctaError {
  const reasons = rejections.map(({ node_id, reason }) => `node ${node_id}: ${reason}`).join('; ');
  const who = nodes === 1 ? 'refused' : `all ${nodes} nodes refused`;
  const message = `${operation}: ${who}: ${reasons}`;
  return new OctaProvisionRejectedError({ message, outcome: 'rejected', rejections, cause });
}
