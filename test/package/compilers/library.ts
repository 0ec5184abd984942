/** A package that builds on this one, and publishes declarations of its own without writing a type. */
import { NetworkResource, OctaClient, OctaCore, parseOcta } from '@octaspace/sdk';
import { nodeFetch } from '@octaspace/sdk/node';
import { OctaSimulator } from '@octaspace/sdk/testing';

export * from '@octaspace/sdk';
export const client = new OctaClient();
export const network = new NetworkResource(new OctaCore());
export const transport = () => nodeFetch({ poolSize: 2 });
export const simulator = new OctaSimulator();
export const figures = () => network.get();
export const machines = () => client.services.mr.available();
export const balance = () => client.accounts.balance().withResponse();
export const node = (id: number) => client.api.GET('/nodes/{node_id}', { params: { path: { node_id: id } } });
export const rented = () =>
  client.services.mr.rent({ node_id: 1, disk_size: 5, image: 'x' }, { maxSpend: parseOcta('1') });
export const info = async () => (await rented()).info();
export const states = async () => (await rented()).watch();
export const guarded = async () => (await rented()).guard({ maxDurationMs: 60_000 });
export const batch = () => client.services.mr.startMany([{ node_id: 1, disk_size: 5, image: 'x' }]);
export const all = { figures, machines, balance, node, rented, info, states, batch, stats: client.transportStats() };

export class TracedClient extends OctaClient {
  everything() {
    return Promise.all([this.nodes.list(), this.sessions.list({ recent: true }), this.apps.list()]);
  }
}
