/** The answer to a batch of starts, item by item. */
import type { StartResult } from '../../../generated/models.ts';
import type { ProvisionRejection } from '../../errors/errors.ts';
import { isStarted, rejectionOf } from './start.ts';

/** What became of one item: the uuid of its session, why it was refused, or undefined when the answer does not say. */
export type ItemOutcome = { readonly uuid: string } | { readonly rejection: ProvisionRejection } | undefined;

function outcomeOf(result: StartResult | undefined): ItemOutcome {
  if (result === undefined) return undefined;
  if (isStarted(result)) return { uuid: result.uuid };
  const rejection = rejectionOf(result);
  return rejection === undefined ? undefined : { rejection };
}

/**
 * The item that each result is about: by its `id` where that names one, else the first that no other result is about; undefined
 * when there is no item left.
 */
function placesOf(results: readonly StartResult[], count: number): (number | undefined)[] {
  const free = new Set(Array.from({ length: count }, (_, index) => index));
  const named = results.map(({ id }) => (id !== undefined && free.delete(id) ? id : undefined));
  return named.map((place) => {
    if (place !== undefined) return place;
    const [next] = free;
    if (next !== undefined) free.delete(next);
    return next;
  });
}

/**
 * Outcomes in the order of the items. A session beyond what was asked for is not dropped: it costs money, and comes after the
 * others.
 */
export function outcomesOf(results: readonly StartResult[], count: number): ItemOutcome[] {
  const outcomes: ItemOutcome[] = Array.from({ length: count }, () => undefined);
  const places = placesOf(results, count);
  for (const [index, result] of results.entries()) {
    const place = places[index];
    const outcome = outcomeOf(result);
    if (place !== undefined) outcomes[place] = outcome;
    else if (outcome !== undefined && 'uuid' in outcome) outcomes.push(outcome);
  }
  return outcomes;
}
