import { makeStrict } from '../../core/arguments.ts';
import type { OctaCore } from '../../core/octa-core.ts';
import { MrResource } from './mr.ts';
import { RenderResource } from './render.ts';
import { SessionResource } from './session.ts';
import { VpnResource } from './vpn.ts';

/** The services that can be rented, and their sessions. */
export class ServicesResource {
  /** Machine rental. */
  readonly mr: MrResource;
  /** Render nodes. */
  readonly render: RenderResource;
  /** VPN relays. */
  readonly vpn: VpnResource;
  readonly #core: OctaCore;

  constructor(core: OctaCore) {
    this.#core = core;
    this.mr = new MrResource(core);
    this.render = new RenderResource(core);
    this.vpn = new VpnResource(core);
  }

  /** One session by its full UUID. Nothing is sent until one of its methods is called. */
  session(uuid: string): SessionResource {
    return new SessionResource(this.#core, uuid);
  }
}

makeStrict(ServicesResource.prototype, 'services', ['session']);
