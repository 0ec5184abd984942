import type { Caller } from '../../core/call-types.ts';
import { MrResource } from './mr.ts';
import { RenderResource } from './render.ts';
import { Rentals } from './rentals.ts';
import { SessionResource } from './session.ts';
import { VpnResource } from './vpn.ts';

/** What can be rented, and what is rented. */
export class ServicesResource {
  /** Machine rental. */
  readonly mr: MrResource;
  /** Render nodes. */
  readonly render: RenderResource;
  /** VPN relays. */
  readonly vpn: VpnResource;
  readonly #caller: Caller;

  /** @internal */
  constructor(caller: Caller) {
    this.#caller = caller;
    const rentals = new Rentals();
    this.mr = new MrResource(caller, rentals);
    this.render = new RenderResource(caller, rentals);
    this.vpn = new VpnResource(caller, rentals);
  }

  /** One session by its full UUID. Nothing is sent until one of its methods is called. */
  session(uuid: string): SessionResource {
    return new SessionResource(this.#caller, uuid);
  }
}
