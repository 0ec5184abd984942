import type { NetworkStats } from '../../generated/models.ts';
import { getNetwork } from '../../generated/operations.ts';
import { makeStrict } from '../core/arguments.ts';
import type { RequestOptions } from '../core/option-types.ts';
import type { OctaPromise } from '../core/promise.ts';
import { Resource } from './resource.ts';

/** Public figures of the network. Requires no API key and never sends one. */
export class NetworkResource extends Resource {
  /** Prices, nodes, computing power, marketplace and blockchain. */
  get(options?: RequestOptions): OctaPromise<NetworkStats> {
    return this.call(getNetwork, { options });
  }
}

makeStrict(NetworkResource.prototype, 'network');
