/** The calls that `--live` makes: read-only, each by its resource method. */
import { type OperationId, operations } from '../../generated/operations.ts';
import type { Node, OctaClient, OctaPromise, Session } from '../../src/index.ts';

/** One call; the function sends it. */
export type Call = () => OctaPromise<unknown>;

/** Results of earlier calls, for later ones. */
export interface Found {
  nodes: readonly Node[];
  active: readonly Session[];
  recent: readonly Session[];
}

/** One section of the report. */
export interface Probe {
  readonly operation: OperationId;
  /** Distinguishes it from other calls of the operation. */
  readonly variant?: string;
  /** Its calls; none if earlier calls found no ids for them. */
  readonly calls: (client: OctaClient, found: Found) => readonly Call[];
  /** Why there may be no calls. */
  readonly needs?: string;
  readonly keep?: (found: Found, data: unknown) => void;
}

/** How many nodes and sessions to read in detail. */
const looked = 3;

/** The first sessions, active ones before those that ended. */
function chosen({ active, recent }: Found): readonly (readonly [session: Session, recent: boolean])[] {
  const all = [...active.map((each) => [each, false] as const), ...recent.map((each) => [each, true] as const)];
  return all.filter(([{ uuid }]) => typeof uuid === 'string' && uuid !== '').slice(0, looked);
}

function listOf<Item>(data: unknown): readonly Item[] {
  // The client has decoded it to the type of the operation.
  return Array.isArray(data) ? (data as Item[]) : [];
}

/** Every call, in the order in which they are made. */
export const probes: readonly Probe[] = [
  { operation: 'getNetwork', calls: (client) => [() => client.network.get()] },
  { operation: 'getAccount', calls: (client) => [() => client.accounts.get()] },
  { operation: 'getBalance', calls: (client) => [() => client.accounts.balance()] },
  { operation: 'listApps', calls: (client) => [() => client.apps.list()] },
  {
    operation: 'listNodes',
    calls: (client) => [() => client.nodes.list()],
    keep: (found, data) => {
      found.nodes = listOf(data);
    },
  },
  {
    operation: 'getNode',
    calls: (client, { nodes }) =>
      nodes.slice(0, looked).map(
        ({ id }) =>
          () =>
            client.nodes.get(id),
      ),
    needs: 'there is no node',
  },
  { operation: 'listMrMachines', calls: (client) => [() => client.services.mr.available()] },
  { operation: 'listRenderMachines', calls: (client) => [() => client.services.render.available()] },
  { operation: 'listVpnNodes', calls: (client) => [() => client.services.vpn.available()] },
  {
    operation: 'listSessions',
    variant: 'active',
    calls: (client) => [() => client.sessions.list()],
    keep: (found, data) => {
      found.active = listOf(data);
    },
  },
  {
    operation: 'listSessions',
    variant: 'recent',
    calls: (client) => [() => client.sessions.list({ recent: true })],
    keep: (found, data) => {
      found.recent = listOf(data);
    },
  },
  {
    operation: 'getSessionInfo',
    calls: (client, found) =>
      chosen(found).map(([{ uuid }, recent]) => {
        const options = recent ? { query: { recent: true } } : {};
        return () => client.services.session(uuid).info(options);
      }),
    needs: 'there is no session',
  },
  {
    operation: 'getSessionLogs',
    calls: (client, found) =>
      chosen(found).map(
        ([{ uuid }, recent]) =>
          () =>
            client.services.session(uuid).logs({ recent }),
      ),
    needs: 'there is no session',
  },
];

/** Read operations that are left out, and why. */
export const leftOut: Readonly<Partial<Record<OperationId, string>>> = {
  downloadNodeIdent: 'a file that identifies a node is not fetched',
  downloadNodeLogs: 'a log archive is not JSON',
  getIdleJob: 'no call lists the ids of idle jobs',
  getIdleJobLogs: 'no call lists the ids of idle jobs',
};

/** Refuses every operation that does more than read. */
export function assertReadOnly(operation: string, method: string): void {
  const row = Object.entries(operations).find(([id]) => id === operation)?.[1];
  if (row?.effect !== 'read' || method !== 'GET') throw new Error(`${operation} does more than read`);
}
