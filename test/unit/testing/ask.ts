/** Sends requests to a simulator without a client. */
import { parseExact } from '../../../src/codec/json.ts';
import { OctaClient, type OctaClientOptions } from '../../../src/index.ts';
import { OctaSimulator, type OctaSimulatorOptions } from '../../../src/testing/index.ts';

/** A raw response. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Parsed exactly; undefined if it is not JSON. */
  readonly value: unknown;
}

function parsed(text: string): unknown {
  try {
    return parseExact(text);
  } catch {
    return undefined;
  }
}

/** Sends `METHOD /path` with a body, as JSON unless it is text, and with a key unless that is switched off. */
export async function ask(
  simulator: OctaSimulator,
  line: string,
  { body, key = 'any' }: { readonly body?: unknown; readonly key?: string | undefined } = {},
): Promise<WireAnswer> {
  const [method = '', path = ''] = line.split(' ');
  const init: RequestInit = { method, headers: key === '' ? {} : { authorization: key } };
  if (body !== undefined) init.body = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await simulator.fetch(`https://api.octa.computer${path}`, init);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, value: parsed(text) };
}

/** A simulator with a client. */
export function aWorld(
  options: OctaSimulatorOptions = {},
  clientOptions: OctaClientOptions = {},
): { readonly simulator: OctaSimulator; readonly client: OctaClient } {
  const simulator = new OctaSimulator(options);
  return {
    simulator,
    client: new OctaClient({ apiKey: 'any', fetch: simulator.fetch, logLevel: 'silent', ...clientOptions }),
  };
}

/** The required fields of a machine rental. */
export function rental(node_id: number): { node_id: number; disk_size: number; image: string } {
  return { node_id, disk_size: 10, image: 'ubuntu:24.04' };
}

/** Two machines, a render machine and a relay at prices that are easy to calculate with: 1 Wei per second and its multiples. */
export const smallWorld: OctaSimulatorOptions = {
  latencyMs: 0,
  balanceWei: 1_000_000n,
  machines: [
    { node_id: 1, priceWeiPerHour: 3600n },
    { node_id: 2, priceWeiPerHour: 36_000n },
  ],
  renderMachines: [{ node_id: 3, priceWeiPerHour: 7200n }],
  relays: [{ node_id: 4, priceWeiPerHour: 1800n }],
};

type Fields = Record<string, unknown>;

/** The entries of the active list, or of the recent list. */
export async function listOf(simulator: OctaSimulator, which: 'active' | 'recent' = 'active'): Promise<Fields[]> {
  const { value } = await ask(simulator, which === 'active' ? 'GET /sessions' : 'GET /sessions?recent=true');
  return Array.isArray(value) ? value : [];
}

/** Starts a machine as one item of a batch. Returns the response. */
export function startOn(simulator: OctaSimulator, node_id: number, more: object = {}): Promise<WireAnswer> {
  return ask(simulator, 'POST /services/mr', { body: [{ id: 7, ...rental(node_id), ...more }] });
}

/** The same, but returns the UUID. The response must be true. */
export async function uuidOn(simulator: OctaSimulator, node_id: number, more: object = {}): Promise<string> {
  const { value } = await startOn(simulator, node_id, more);
  return String(Array.isArray(value) ? value[0]?.uuid : undefined);
}

/** The status of the response to `info`, logs or a stop of a session. */
export async function statusOf(
  simulator: OctaSimulator,
  what: 'info' | 'logs' | 'stop',
  uuid: string,
): Promise<number> {
  return (await ask(simulator, `${what === 'stop' ? 'POST' : 'GET'} /services/${uuid}/${what}`)).status;
}
