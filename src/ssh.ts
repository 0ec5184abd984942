import type { ServiceInfo, SshAccess } from '../generated/models.ts';
import { OctaResponseError } from './errors/errors.ts';

const label = '[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?';
/** A host name or an IPv4 address. */
const hostName = new RegExp(`^${label}(?:\\.${label})*\\.?$`);
/** An IPv6 address. */
const address6 = /^[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:.]*$/;
const longestHost = 253;
const highestPort = 65_535;

function commandFor({ host = '', port = 0 }: SshAccess): string {
  const isHost = host.length <= longestHost && (hostName.test(host) || address6.test(host));
  const isPort = Number.isInteger(port) && port > 0 && port <= highestPort;
  if (isHost && isPort) return `ssh -p ${port} root@${host}`;
  const shown = JSON.stringify({ host: host.slice(0, longestHost), port });
  const message = `the API returned an SSH address that is not a valid host and port: ${shown}`;
  throw new OctaResponseError({ message, outcome: 'unknown' });
}

/**
 * Returns the `ssh` command for a rented machine, as `root`. Uses the direct address, otherwise the proxy; undefined if the session has
 * neither yet. The host and the port are validated, so the command is safe to paste into a shell.
 *
 * @throws OctaResponseError if the host is neither a name nor an address, or the port is not a port.
 * @example
 * console.log(sshCommand(await session.info())); // ssh -p 28500 root@198.51.100.84
 */
export function sshCommand(
  info: {
    readonly [Name in 'ssh_direct' | 'ssh_proxy']?: ServiceInfo[Name] | undefined;
  },
): string | undefined {
  const access = [info.ssh_direct, info.ssh_proxy].find((each) => each?.host && each.port);
  return access === undefined ? undefined : commandFor(access);
}
