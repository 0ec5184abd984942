import type { VpnNode, VpnProtocol, VpnSubkind } from '../../../generated/models.ts';
import { listVpnNodes, startVpn } from '../../../generated/operations.ts';
import { makeStrict } from '../../core/arguments.ts';
import type { RequestOptions } from '../../core/option-types.ts';
import type { OctaPromise } from '../../core/promise.ts';
import { OctaConfigurationError } from '../../errors/errors.ts';
import type { LeaseOptions } from '../../leases/lease-options.ts';
import type { RentManyOptions } from '../../leases/rent-many.ts';
import { checkRelayCriteria, findRelays } from './find.ts';
import type { FindRelaysOptions } from './find-options.ts';
import { type NodeChoice, type StartNode, splitNodes } from './nodes.ts';
import { type RentedOrder, ServiceResource, withDefaults } from './service.ts';
import type { SessionResource } from './session.ts';

/** Options of all relays. */
export interface RelayOptions {
  /** Id of the organisation that pays: an integer or a string; sources disagree. Default: none. */
  readonly organization_id?: unknown;
  /** Id of the project that the session is for: an integer or a string; sources disagree. Default: none. */
  readonly project_id?: unknown;
}

/** The name of this type explains a compiler error: only relays with `subkind: 'v2ray'` have a protocol. */
export interface OnlyWithV2ray {
  /** No value has this property: leave `protocol` out, or set `subkind: 'v2ray'`. */
  readonly "protocol needs subkind 'v2ray'": never;
}

/** A relay of any kind except V2Ray. */
export interface PlainVpnOptions extends RelayOptions {
  /** The VPN software of the relay: `wg`, `openvpn`, `ss` or `http_proxy`. Default: `wg`. */
  readonly subkind?: Exclude<VpnSubkind, 'v2ray'> | undefined;
  /** Only with `subkind: 'v2ray'`. */
  readonly protocol?: OnlyWithV2ray | undefined;
}

/** A V2Ray relay. */
export interface V2rayOptions extends RelayOptions {
  /** The VPN software of the relay. */
  readonly subkind: 'v2ray';
  /** Protocol inside V2Ray; always sent. Default: `trojan`. */
  readonly protocol?: VpnProtocol | undefined;
}

/** The relay to start, and its kind. */
export type StartVpnOptions = (PlainVpnOptions | V2rayOptions) & StartNode;

/** The relay to start, or several candidates, and its kind. */
export type RentVpnOptions = (PlainVpnOptions | V2rayOptions) & NodeChoice;

/** The result of `start`, as other versions of `@octaspace/sdk` name it. New code should use {@link SessionResource}. */
export type StartVpnResult = SessionResource;

function checkProtocol({ subkind, protocol }: { readonly subkind?: unknown; readonly protocol?: unknown }): void {
  if (protocol === undefined || subkind === 'v2ray') return;
  throw new OctaConfigurationError({
    message: `protocol is only supported for subkind "v2ray", but subkind is ${JSON.stringify(subkind ?? 'wg')}`,
  });
}

/** The body of a start. Throws OctaConfigurationError if there is a protocol without `subkind: 'v2ray'`. */
function bodyOf(start: StartVpnOptions): Record<string, unknown> {
  checkProtocol(start ?? {});
  return withDefaults(start, start?.subkind === 'v2ray' ? { protocol: 'trojan' } : { subkind: 'wg' });
}

/** VPN relays. */
export class VpnResource extends ServiceResource {
  /** Relays that can be started now. */
  available(options?: RequestOptions): OctaPromise<VpnNode[]> {
    return this.call(listVpnNodes, { options });
  }

  /**
   * Relays that can be started now and meet the criteria, the cheapest first.
   *
   * @throws OctaConfigurationError if a criterion is unknown or wrong.
   * @throws OctaResponseError if no entry of the catalogue has the field that a criterion needs.
   * @example
   * const homes = await client.services.vpn.find({ country: 'PL', residential: true });
   */
  find(criteria?: FindRelaysOptions): OctaPromise<VpnNode[]> {
    return this.findIn(listVpnNodes, criteria, { check: checkRelayCriteria, find: findRelays });
  }

  /**
   * Starts a relay; its `config` is in `session.info()` once it is ready. Retried only if it was provably never sent; see
   * `services.mr.start`.
   *
   * @throws OctaProvisionRejectedError if the API refuses, even with HTTP status 200.
   * @example
   * const session = await client.services.vpn.start({ node_id: 9539, subkind: 'wg' });
   * const { config } = await session.info();
   */
  start(start: StartVpnOptions, options?: RequestOptions): OctaPromise<SessionResource> {
    return this.begin(
      startVpn,
      { node_id: start?.node_id, kind: kindOf(start) },
      { body: () => bodyOf(start), options },
    );
  }

  /**
   * Starts a relay, waits until it can be used, and stops it if that fails; see `services.mr.rent`. Relays have no variables, so `rent`
   * finds a session whose start got no response only with `adoptUnmarked`; `suspects` of the error lists the sessions that it may be.
   *
   * @example
   * await using session = await client.services.vpn.rent({ candidates: homes, subkind: 'wg' });
   * const { config } = await session.info();
   */
  async rent(order: RentVpnOptions, lease?: LeaseOptions): Promise<SessionResource> {
    return this.rentBy(startVpn, orderOf(order), lease);
  }

  /** Starts several relays at once: all of them, or none; see `services.mr.rentMany`. */
  async rentMany(orders: readonly RentVpnOptions[], lease?: RentManyOptions): Promise<SessionResource[]> {
    return this.rentManyBy(startVpn, orders.map(orderOf), lease);
  }
}

makeStrict(VpnResource.prototype, 'services.vpn');

function kindOf(start: Partial<StartVpnOptions> | undefined): string {
  return start?.subkind ?? 'wg';
}

function orderOf(order: RentVpnOptions): RentedOrder {
  const [nodes, rest] = splitNodes(order);
  // TypeScript cannot see that removing and adding node_id gives the same union.
  const on = (node: number) => ({ ...rest, node_id: node }) as StartVpnOptions;
  return { nodes, kind: kindOf(on(0)), body: (node) => bodyOf(on(node)) };
}
