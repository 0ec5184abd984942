/** Which nodes an order is for. */
import { OctaConfigurationError } from '../../errors/errors.ts';

/** A node by its number, or anything that has one, such as a machine of the catalogue. */
export type Candidate = number | { readonly node_id: number };

/** One node, or several of which the first that does not refuse is taken. */
export type NodeChoice =
  | { readonly node_id: number; readonly candidates?: never }
  | { readonly candidates: readonly Candidate[]; readonly node_id?: never };

/** The nodes of an order, and what it holds besides. Throws OctaConfigurationError when there is none, or both forms are given. */
export function splitNodes<Order extends NodeChoice>(
  order: Order,
): [nodes: number[], rest: Omit<Order, keyof NodeChoice>] {
  const { node_id: _, candidates: __, ...rest } = order ?? {};
  // What is left of the order when both keys of the choice are taken out.
  return [nodesOf(order ?? {}), rest as Omit<Order, keyof NodeChoice>];
}

/** Each node once, in order. */
function nodesOf({ node_id, candidates }: NodeChoice): number[] {
  if ((node_id === undefined) === (candidates === undefined)) {
    throw new OctaConfigurationError({ message: 'rent needs either node_id or candidates' });
  }
  const given: readonly unknown[] = candidates ?? [node_id];
  if (!Array.isArray(given) || given.length === 0) {
    throw new OctaConfigurationError({ message: 'candidates are empty, or no list: there is no node to rent' });
  }
  const nodes = given.map((each) => (typeof each === 'object' && each !== null ? Reflect.get(each, 'node_id') : each));
  const wrong = nodes.findIndex((node) => !Number.isSafeInteger(node));
  if (wrong === -1) return [...new Set(nodes)];
  throw new OctaConfigurationError({ message: `candidate ${wrong + 1} is neither the number of a node nor has one` });
}
