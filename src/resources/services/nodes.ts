/** The nodes that an order may run on. */
import { OctaConfigurationError } from '../../errors/errors.ts';

/** The node of a start. */
export interface StartNode {
  /** Node to rent, from the catalogue. Unit: identifier. */
  readonly node_id: number;
}

/** A node by its number, or an object with `node_id`, such as a machine of the catalogue. */
export type Candidate = number | { readonly node_id: number };

/** One node to rent. */
export interface OneNode extends StartNode {
  /** For several nodes, leave `node_id` out. */
  readonly candidates?: undefined;
}

/** Several nodes, of which one is rented. */
export interface SeveralNodes {
  /** Nodes to try, in this order; the first that does not refuse is rented. Ids of nodes, or machines of the catalogue. */
  readonly candidates: readonly Candidate[];
  /** For one node, leave `candidates` out. */
  readonly node_id?: undefined;
}

/** One node, or several, of which the first that does not refuse is rented. */
export type NodeChoice = SeveralNodes | OneNode;

/** The nodes of an order, and its other fields. Throws OctaConfigurationError if there is no node, or both forms are given. */
export function splitNodes<Order extends NodeChoice>(
  order: Order,
): [nodes: number[], rest: Omit<Order, keyof NodeChoice>] {
  const { node_id: _, candidates: __, ...rest } = order ?? {};
  // TypeScript cannot see that this is the order without the two keys.
  return [nodesOf(order ?? {}), rest as Omit<Order, keyof NodeChoice>];
}

/** Each node once, in order. */
function nodesOf({ node_id, candidates }: NodeChoice): number[] {
  if ((node_id === undefined) === (candidates === undefined)) {
    const given = node_id === undefined ? 'neither is set' : 'both are set';
    throw new OctaConfigurationError({ message: `rent requires either node_id or candidates; ${given}` });
  }
  const given: readonly unknown[] = candidates ?? [node_id];
  if (!Array.isArray(given) || given.length === 0) {
    throw new OctaConfigurationError({ message: 'candidates must be a non-empty array of nodes or node ids' });
  }
  const nodes = given.map((each) => (typeof each === 'object' && each !== null ? Reflect.get(each, 'node_id') : each));
  const wrong = nodes.findIndex((node) => !Number.isSafeInteger(node));
  if (wrong === -1) return [...new Set(nodes)];
  const message =
    candidates === undefined
      ? 'node_id is not a whole number'
      : `candidate ${wrong + 1} is neither a whole number nor an object with one as node_id`;
  throw new OctaConfigurationError({ message });
}
