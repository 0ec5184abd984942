/** The part of the vendor's `@octaspace/sdk-query` 0.1.0 that programs use. */
import type {
  Account,
  App,
  Balance,
  IdleJob,
  ListSessionsOptions,
  MrMachine,
  NetworkStats,
  Node,
  NodeDetail,
  OctaClient,
  RenderMachine,
  ServiceInfo,
  Session,
  SessionLogs,
  VpnNode,
} from './sdk.d.ts';

type Key = readonly unknown[];
type Id = string | number;
interface Query<Data> {
  queryKey: Key;
  queryFn: () => Promise<Data>;
}
type Of<Data, More extends Key = []> = (client: OctaClient, ...more: More) => Query<Data>;

export type { ListSessionsOptions };
export const accountQueries: { detail: Of<Account>; balance: Of<Balance> };
export const appQueries: { list: Of<App[]> };
export const networkQueries: { stats: Of<NetworkStats> };
export const nodeQueries: { list: Of<Node[]>; detail: Of<NodeDetail, [id: Id]> };
export const mrQueries: { available: Of<MrMachine[]> };
export const renderQueries: { available: Of<RenderMachine[]> };
export const vpnQueries: { available: Of<VpnNode[]> };
export const serviceSessionQueries: { info: Of<ServiceInfo, [uuid: string]>; logs: Of<SessionLogs, [uuid: string]> };
export const sessionQueries: { list: Of<Session[], [options?: ListSessionsOptions]> };
export const idleJobQueries: {
  detail: Of<IdleJob, [nodeId: Id, jobId: Id]>;
  logs: Of<string, [nodeId: Id, jobId: Id]>;
};

export const accountKeys: { all(): Key; detail(): Key; balance(): Key };
export const appKeys: { all(): Key; list(): Key };
export const networkKeys: { all(): Key; stats(): Key };
export const nodeKeys: { all(): Key; list(): Key; detail(id: Id): Key };
export const mrKeys: { all(): Key; available(): Key };
export const renderKeys: { all(): Key; available(): Key };
export const vpnKeys: { all(): Key; available(): Key };
export const serviceSessionKeys: { all(uuid: string): Key; info(uuid: string): Key; logs(uuid: string): Key };
export const sessionKeys: { all(): Key; list(options?: ListSessionsOptions): Key };
export const idleJobKeys: { all(): Key; detail(nodeId: Id, jobId: Id): Key; logs(nodeId: Id, jobId: Id): Key };
