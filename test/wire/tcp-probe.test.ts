/** `tcp(port)`: a session is ready once a port of it accepts connections. */
import { createServer, type Server } from 'node:net';
import { describe, expect, test } from 'vitest';
import { OctaClient, OctaConfigurationError, type Probe, type Progress } from '../../src/index.ts';
import { tcp } from '../../src/node/index.ts';
import { OctaSimulator } from '../../src/testing/index.ts';

const { signal } = new AbortController();

async function listening(): Promise<{ server: Server; port: number } & AsyncDisposable> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { server, port, [Symbol.asyncDispose]: close };
}

describe('A probe of a TCP port', () => {
  test('connects to the SSH address for port 22, the direct one first.', async () => {
    await using open = await listening();
    const ssh_direct = { host: '127.0.0.1', port: open.port };
    expect(await tcp(22)({ ssh_direct, ssh_proxy: { host: '127.0.0.1', port: 1 } }, { signal })).toBe(true);
    expect(await tcp(22)({ ssh_proxy: ssh_direct }, { signal })).toBe(true);
  });

  test('connects to the mapped address of another port.', async () => {
    await using open = await listening();
    const info = { public_ip: '127.0.0.1', ports_matrix: { '5432': open.port } };
    expect(await tcp(5432)(info, { signal })).toBe(true);
    await expect(tcp(6379)(info, { signal })).rejects.toThrow(/has no public address for port 6379 yet/);
  });

  test('rejects if no server accepts, or no address is known.', async () => {
    const info = { ssh_direct: { host: '127.0.0.1', port: 1 } };
    await expect(tcp(22)(info, { signal })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect(tcp(22)({}, { signal })).rejects.toThrow(/port 22/);
  });

  test.each([0, 1.5, 70_000, Number.NaN])('is refused for the port %d.', (port) => {
    expect(() => tcp(port)).toThrow(OctaConfigurationError);
  });

  test('is used by a rental.', async () => {
    await using open = await listening();
    const simulator = new OctaSimulator({ machines: [{ node_id: 1 }] });
    const client = new OctaClient({ apiKey: 'any', fetch: simulator.fetch });
    const steps: string[] = [];
    const reachable = tcp(22);
    let tries = 0;
    // Addresses of the simulator lead nowhere, so the probe gets one that does, at the second try.
    const probe: Probe = (_, options) =>
      reachable({ ssh_direct: { host: '127.0.0.1', port: ++tries === 1 ? 1 : open.port } }, options);
    const onProgress = ({ step }: Progress) => void steps.push(step);
    await client.services.mr.rent({ node_id: 1, disk_size: 5, image: 'ubuntu', ports: [22] }, { probe, onProgress });
    expect(steps.slice(-2)).toEqual(['probing', 'ready']);
  });
});
