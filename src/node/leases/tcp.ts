/** A probe of a TCP port. */
import { connect } from 'node:net';
import { OctaConfigurationError } from '../../errors/errors.ts';

/** Where something can be reached. */
export interface Address {
  /** Name or IP address. */
  readonly host: string;
  /** TCP port. */
  readonly port: number;
}

/** What a probe reads of a session. */
export interface ProbedSession {
  /** Public address of a machine. */
  readonly public_ip?: string;
  /** Address of a relay. */
  readonly ip?: string;
  /** Where SSH can be reached directly. */
  readonly ssh_direct?: Partial<Address>;
  /** Where SSH can be reached through a proxy. */
  readonly ssh_proxy?: Partial<Address>;
  /** Outer ports by the ports of the container. */
  readonly ports_matrix?: Readonly<Record<string, number>>;
}

/** Tries whether a session answers; see `probe` of `waitUntilReady`. */
export type TcpProbe = (info: ProbedSession, options: { readonly signal: AbortSignal }) => Promise<boolean>;

/** Where a port of the container can be reached; undefined while the API does not say. */
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
 * A probe that connects to where a TCP port of the container is mapped to, and counts the session as ready once the connection is
 * accepted. Throws OctaConfigurationError for what is no port.
 *
 * @example
 * const session = await client.services.mr.rent({ ...order, ports: [22] }, { probe: tcp(22) });
 */
export function tcp(port: number): TcpProbe {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new OctaConfigurationError({ message: `port of tcp() is ${port}; allowed: a whole number from 1 to 65535` });
  }
  return async (info, { signal }) => {
    const address = addressOf(info, port);
    if (address === undefined) throw new Error(`the session does not say yet where port ${port} can be reached`);
    await reach(address, signal);
    return true;
  };
}
