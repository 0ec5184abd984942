import type { Node, NodeDetail, UpdateNodePricesOptions } from '../../generated/models.ts';
import {
  downloadNodeIdent,
  downloadNodeLogs,
  getNode,
  listNodes,
  rebootNode,
  updateNodePrices,
} from '../../generated/operations.ts';
import { makeStrict } from '../core/arguments.ts';
import type { RequestOptions } from '../core/option-types.ts';
import type { OctaPromise } from '../core/promise.ts';
import { countryCode } from '../country.ts';
import { type Id, Resource } from './resource.ts';

/** Filters of `nodes.list`, together with the options of the call. */
export interface ListNodesOptions extends RequestOptions {
  /**
   * Only nodes in this country: a two-letter code such as `DE`, or an English name such as `Germany`, `UK` or `Holland`, which is
   * converted to the code. Any other text is sent unchanged.
   */
  readonly country?: string | undefined;
  /** Only nodes that can run the app with this UUID. */
  readonly app?: string | undefined;
}

/** Nodes: their state and, for their operators, their prices and files. */
export class NodesResource extends Resource {
  /**
   * All nodes, or those that match the filters. The API does not document the names of its filters; set other filters with `query`.
   *
   * @example
   * const nodes = await client.nodes.list({ country: 'DE', retries: 0 });
   */
  list(options?: ListNodesOptions): OctaPromise<Node[]> {
    const { country, app, ...rest } = options ?? {};
    const code = typeof country === 'string' ? countryCode(country) : undefined;
    return this.call(listNodes, { query: { country: code ?? country, app }, options: rest });
  }

  /** One node in detail. Its fields are arranged differently from those in the list. */
  get(id: Id, options?: RequestOptions): OctaPromise<NodeDetail> {
    return this.call(getNode, { path: { node_id: id }, options });
  }

  /** The identity file of one of your nodes. To stream it, use `.asResponse()`. */
  downloadIdent(id: Id, options?: RequestOptions): OctaPromise<Blob> {
    return this.call(downloadNodeIdent, { path: { node_id: id }, options });
  }

  /**
   * The log archive of one of your nodes. To stream it, use `.asResponse()`.
   *
   * @example
   * const logs = await client.nodes.downloadLogs(42);
   * await writeFile('node-42-logs.bin', new Uint8Array(await logs.arrayBuffer()));
   */
  downloadLogs(id: Id, options?: RequestOptions): OctaPromise<Blob> {
    return this.call(downloadNodeLogs, { path: { node_id: id }, options });
  }

  /**
   * Sets prices of one of your nodes. Prices that you omit do not change. Each amount is a bigint, an integer number or a string of
   * digits, and reaches the API digit for digit. Retried only if it was provably never sent.
   *
   * @throws OctaConfigurationError if an amount is not a whole number, 0 or more.
   */
  updatePrices(id: Id, prices: UpdateNodePricesOptions, options?: RequestOptions): OctaPromise<void> {
    return this.callFor(updateNodePrices, { path: { node_id: id }, body: prices, options }, () => undefined);
  }

  /** Reboots one of your nodes. Retried only if it was provably never sent, although it is a GET. */
  reboot(id: Id, options?: RequestOptions): OctaPromise<void> {
    return this.callFor(rebootNode, { path: { node_id: id }, options }, () => undefined);
  }
}

makeStrict(NodesResource.prototype, 'nodes');
