/** The client of the page, made anew whenever the connection changes. */
import { OctaClient, type OctaClientOptions } from '@octaspace/sdk';
import { type OctaQueries, octaQueries } from '@octaspace/sdk/query';
import { simulate } from '../scenarios/world.ts';
import { type Connection, connectionFrom } from './connection.ts';
import { drifts, recordDrift } from './drifts.ts';
import { journalHooks } from './journal.ts';
import { createStore, useStore } from './store.ts';

/** What the page works with. */
export interface Octa {
  readonly connection: Connection;
  readonly client: OctaClient;
  readonly queries: OctaQueries;
  /** Where the client sends to. */
  readonly baseUrls: readonly string[];
  /** Why the settings cannot be used; those before stay in use. */
  readonly problem?: string;
}

/** What the proxy of live mode says of itself. */
export interface LiveStatus {
  readonly configured: boolean;
  /** Where it sends to, in the order of the base URLs of the page. */
  readonly upstreams: readonly string[];
}

/** Told by the proxy, once live mode was asked for. */
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

/** Connects anew with some settings changed. Settings that cannot be used change nothing but `problem`. */
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

/** Asks the proxy who it is, then connects to what it leads to. */
export async function connectLive(): Promise<void> {
  const response = await fetch('/live/status');
  if (!response.ok) throw new Error(`the proxy of the playground answered ${response.status}`);
  liveStatus.set((await response.json()) as LiveStatus);
  connect({ mode: 'live' });
}

export function useOcta(): Octa {
  return useStore(octa);
}
