/** A probe of a TCP port. */
import { connect } from 'node:net';
import { OctaConfigurationError } from '../../errors/errors.ts';

/** A network address. */
export interface Address {
  /** Name or IP address. */
  readonly host: string;
  /** TCP port. */
  readonly port: number;
}

/** The fields of a session that a probe reads. */
export interface ProbedSession {
  /** Public address of a machine. */
  readonly public_ip?: string;
  /** Address of a relay. */
  readonly ip?: string;
  /** Address for direct SSH. */
  readonly ssh_direct?: Partial<Address>;
  /** Address for SSH through a proxy. */
  readonly ssh_proxy?: Partial<Address>;
  /** Public ports by container port. */
  readonly ports_matrix?: Readonly<Record<string, number>>;
}

/** Tests whether a session responds; see `probe` of `waitUntilReady`. */
export type TcpProbe = (info: ProbedSession, options: { readonly signal: AbortSignal }) => Promise<boolean>;

/** The public address of a container port; undefined until the API reports it. */
function addressOf(info: ProbedSession, port: number): Address | undefined {
  const { ssh_direct, ssh_proxy, ports_matrix = {}, public_ip, ip } = info;
  if (port === 22) {
    for (const { host, port: at } of [ssh_direct ?? {}, ssh_proxy ?? {}]) if (host && at) return { host, port: at };
  }
  const host = ssh_direct?.host || public_ip || ip;
  const mapped = ports_matrix[port];
  return host && mapped ? { host, port: mapped } : undefined;
}

/** Resolves when the other side accepts a connection. */
function reach({ host, port }: Address, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, signal });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
  });
}

/**
 * A probe that connects to the public address of a TCP port of the container. The session is ready once a connection is accepted.
 *
 * @throws OctaConfigurationError if `port` is not a whole number from 1 to 65535.
 * @example
 * const session = await client.services.mr.rent({ ...order, ports: [22] }, { probe: tcp(22) });
 */
export function tcp(port: number): TcpProbe {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new OctaConfigurationError({ message: `port of tcp() is ${port}; allowed: a whole number from 1 to 65535` });
  }
  return async (info, { signal }) => {
    const address = addressOf(info, port);
    if (address === undefined) throw new Error(`the session has no public address for port ${port} yet`);
    await reach(address, signal);
    return true;
  };
}
