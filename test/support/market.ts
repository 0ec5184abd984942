/** A client on a simulated market, in virtual time. */
import { clockMark } from '../../src/clock.ts';
import { OctaClient, type OctaClientOptions } from '../../src/index.ts';
import { OctaSimulator, type OctaSimulatorOptions } from '../../src/testing/index.ts';

/** A market with a client. */
export interface Market {
  readonly simulator: OctaSimulator;
  readonly client: OctaClient;
}

/** Creates a market with three machines, two render nodes and two relays. */
export function market(options: OctaSimulatorOptions = {}, clientOptions: OctaClientOptions = {}): Market {
  const simulator = new OctaSimulator({
    machines: [{ node_id: 1 }, { node_id: 2 }, { node_id: 3 }],
    renderMachines: [{ node_id: 11 }, { node_id: 12 }],
    relays: [{ node_id: 21 }, { node_id: 22 }],
    ...options,
  });
  const { fetch } = simulator;
  return { simulator, client: new OctaClient({ apiKey: 'a-key', fetch, logLevel: 'silent', ...clientOptions }) };
}

/** The image and the disk of a machine. */
export const image = { disk_size: 20, image: 'ubuntu:24.04' };

/** How often an operation was requested. */
export function countOf({ requests }: OctaSimulator, operation: string): number {
  return requests.filter((request) => request.operation === operation).length;
}

/** A market whose list of ended sessions leaves something out while `hidden` says so: their charges, or the sessions. */
export function secretiveMarket(clientOptions: OctaClientOptions = {}) {
  const simulator = new OctaSimulator({ machines: [{ node_id: 1 }, { node_id: 2 }] });
  const hiding: { hidden: 'charges' | 'sessions' | undefined } = { hidden: undefined };
  const read = async (...[url, init]: Parameters<typeof simulator.fetch>): Promise<Response> => {
    const response = await simulator.fetch(url, init);
    if (hiding.hidden === undefined || !String(url).includes('recent=true')) return response;
    const all: object[] = JSON.parse(await response.text());
    return Response.json(
      hiding.hidden === 'sessions' ? [] : all.map((each) => ({ ...each, charge_amount: undefined })),
    );
  };
  const fetch = Object.assign(read, { [clockMark]: simulator.clock });
  const open = (more: OctaClientOptions = {}) =>
    new OctaClient({ apiKey: 'a-key', fetch, logLevel: 'silent', ...clientOptions, ...more });
  return { simulator, hiding, client: open(), open };
}
