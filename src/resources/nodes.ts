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
   * Only nodes in this country: a two-letter code such as `DE`, or an English name of the country, such as `Germany`, `UK` or `Holland`, for
   * which its code is sent. Text that is neither is sent as it is.
   */
  readonly country?: string | undefined;
  /** Only nodes that can run this app, by its uuid. */
  readonly app?: string | undefined;
}

/** Nodes: their state and, for their operators, their prices and files. */
export class NodesResource extends Resource {
  /**
   * Nodes, all or by country and app. The filters' wire names are documented nowhere; others go through `query`.
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

  /** The identity file of a node of yours. To stream it, use `.asResponse()`. */
  downloadIdent(id: Id, options?: RequestOptions): OctaPromise<Blob> {
    return this.call(downloadNodeIdent, { path: { node_id: id }, options });
  }

  /**
   * The log archive of a node of yours. To stream it, use `.asResponse()`.
   *
   * @example
   * const logs = await client.nodes.downloadLogs(42);
   * await writeFile('node-42-logs.bin', new Uint8Array(await logs.arrayBuffer()));
   */
  downloadLogs(id: Id, options?: RequestOptions): OctaPromise<Blob> {
    return this.call(downloadNodeLogs, { path: { node_id: id }, options });
  }

  /**
   * Sets prices of a node of yours; what is left out stays. Amounts are whole: a bigint, an integer number or a string
   * of digits, which reach the API digit for digit. Sent once, never repeated by itself.
   *
   * @throws OctaConfigurationError when an amount is no whole amount of 0 or more.
   */
  updatePrices(id: Id, prices: UpdateNodePricesOptions, options?: RequestOptions): OctaPromise<void> {
    return this.callFor(updateNodePrices, { path: { node_id: id }, body: prices, options }, () => undefined);
  }

  /** Reboots a node of yours. Sent once, never repeated by itself, although the API makes it a GET. */
  reboot(id: Id, options?: RequestOptions): OctaPromise<void> {
    return this.callFor(rebootNode, { path: { node_id: id }, options }, () => undefined);
  }
}

makeStrict(NodesResource.prototype, 'nodes');
