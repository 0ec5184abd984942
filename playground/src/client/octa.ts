/** The client of the page. It is created again when the connection changes. */
import { OctaClient, type OctaClientOptions } from '@octaspace/sdk';
import { type OctaQueries, octaQueries } from '@octaspace/sdk/query';
import { simulate } from '../scenarios/world.ts';
import { type Connection, connectionFrom } from './connection.ts';
import { drifts, recordDrift } from './drifts.ts';
import { journalHooks } from './journal.ts';
import { createStore, useStore } from './store.ts';

/** The client and its settings. */
export interface Octa {
  readonly connection: Connection;
  readonly client: OctaClient;
  readonly queries: OctaQueries;
  /** Base URLs of the client. */
  readonly baseUrls: readonly string[];
  /** Why the new settings are not valid; the earlier ones stay in use. */
  readonly problem?: string;
}

/** The state of the proxy of live mode. */
export interface LiveStatus {
  readonly configured: boolean;
  /** Its targets, in the order of the base URLs of the page. */
  readonly upstreams: readonly string[];
}

/** The state of the proxy, once live mode was requested. */
export const liveStatus = createStore<LiveStatus>({ configured: false, upstreams: ['the API'] });

function optionsFor(connection: Connection, baseUrls: readonly string[]): OctaClientOptions {
  const shared = { baseUrls, onDrift: recordDrift, logLevel: 'silent' as const, ...journalHooks(baseUrls) };
  if (connection.mode === 'simulator') {
    const apiKey = connection.apiKey === '' ? undefined : connection.apiKey;
    return { ...shared, apiKey, ...simulate(connection) };
  }
  // The proxy adds the key.
  return { ...shared, apiKey: '', allowBillableInBrowser: connection.allowBillable };
}

function make(connection: Connection): Octa {
  const live = liveStatus.get().upstreams.map((_, index) => `${location.origin}/live/api/${index}`);
  const baseUrls = connection.mode === 'live' ? live : connection.baseUrls;
  const client = new OctaClient(optionsFor(connection, baseUrls));
  return { connection, client, queries: octaQueries(client), baseUrls };
}

const octa = createStore<Octa>(make(connectionFrom(location.search)));

/** Connects again with changed settings. Settings that are not valid change only `problem`. */
export function connect(changes: Partial<Connection>): void {
  const before = octa.get();
  const connection = { ...before.connection, ...changes };
  try {
    octa.set(make(connection));
    drifts.set([]);
    void before.client.close();
  } catch (error) {
    octa.set({ ...before, problem: error instanceof Error ? error.message : String(error) });
  }
}

/** Asks the proxy for its state, then connects through it. */
export async function connectLive(): Promise<void> {
  const response = await fetch('/live/status');
  if (!response.ok) throw new Error(`the proxy of the playground returned status ${response.status}`);
  liveStatus.set((await response.json()) as LiveStatus);
  connect({ mode: 'live' });
}

export function useOcta(): Octa {
  return useStore(octa);
}
