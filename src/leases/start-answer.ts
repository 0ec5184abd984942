/** Interprets the response to a start, item by item. */
import type { StartResult } from '../../generated/models.ts';
import type { Answer } from '../core/promise.ts';
import { OctaProvisionRejectedError, OctaResponseError, type ProvisionRejection } from '../errors/errors.ts';

/** The outcome of one item: the uuid of its session, its refusal, or undefined if the response does not say. */
export type ItemOutcome = { readonly uuid: string } | { readonly rejection: ProvisionRejection } | undefined;

/** The refusal in a result; undefined if it has none. */
export function rejectionOf(result: StartResult): ProvisionRejection | undefined {
  const { id, status, reason = result.message ?? result.error } = result;
  const known = typeof status === 'number' || typeof status === 'string' ? status : undefined;
  const refused = typeof known === 'number' && known > 0;
  if (reason === undefined && !refused) return undefined;
  return { id, reason: reason ?? `status ${known}`, status: known };
}

function outcomeOf(result: StartResult): ItemOutcome {
  if (typeof result.uuid === 'string' && result.uuid !== '') return { uuid: result.uuid };
  const rejection = rejectionOf(result);
  return rejection === undefined ? undefined : { rejection };
}

/** The results in a response. The documentation has one result for some services and a list for others; both are accepted for all. */
export function resultsIn(answer: unknown): readonly StartResult[] {
  return [answer].flat().filter((each): each is StartResult => typeof each === 'object' && each !== null);
}

/**
 * The item that each result belongs to: by `id` if all ids are valid and different; otherwise by position if there are as many results
 * as items; otherwise undefined.
 */
function placesOf(results: readonly StartResult[], count: number): (number | undefined)[] {
  const ids = results.map(({ id }) => Number(id ?? Number.NaN));
  const fit = new Set(ids).size === ids.length && ids.every((id) => Number.isInteger(id) && id >= 0 && id < count);
  if (fit) return ids;
  return results.map((_, index) => (results.length === count ? index : undefined));
}

/** Outcomes in the order of the items, and sessions that cannot be assigned to an item. */
export function outcomesOf(
  results: readonly StartResult[],
  count: number,
): { readonly items: readonly ItemOutcome[]; readonly others: readonly string[] } {
  const items: ItemOutcome[] = Array.from({ length: count }, () => undefined);
  const others: string[] = [];
  const places = placesOf(results, count);
  for (const [index, result] of results.entries()) {
    const place = places[index];
    const outcome = outcomeOf(result);
    if (place !== undefined) items[place] = outcome;
    else if (outcome !== undefined && 'uuid' in outcome) others.push(outcome.uuid);
  }
  return { items, others };
}

/** The sessions that one start began; normally exactly one. */
export function uuidsIn(results: readonly StartResult[]): readonly string[] {
  const uuids = results.flatMap((result) => result.uuid || []);
  return [...new Set(uuids)];
}

/** A refusal whose text may have contained secrets, without them. */
export function redacted(rejection: ProvisionRejection, { redactor }: Answer['reply']): ProvisionRejection {
  return { ...rejection, reason: redactor.text(rejection.reason) };
}

/** The error for a start whose response has no session: the API can refuse a start with HTTP status 200. */
export function refusedError(operation: string, results: readonly StartResult[], { reply }: Answer): Error {
  const request = { operation, method: 'POST', url: reply.url };
  const rejections = results.flatMap((result) => {
    const rejection = rejectionOf(result);
    return rejection === undefined ? [] : [redacted(rejection, reply)];
  });
  if (rejections.length === 0) {
    const message = `${operation}: the response has neither a uuid nor a refusal; check the active sessions before starting again`;
    return new OctaResponseError({ message, outcome: 'unknown', request });
  }
  const reasons = rejections.map(({ reason }) => reason).join('; ');
  const message = `${operation}: refused: ${reasons}`;
  return new OctaProvisionRejectedError({ message, outcome: 'rejected', request, rejections });
}
