/** The part of the vendor's `@octaspace/sdk-react` 0.1.0 that programs use. */
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

type Maybe<Value> = Value | null | undefined;
type Id = string | number;

export interface UseOctaRequestOptions<Data> {
  enabled?: boolean;
  initialData?: Data;
}
export interface UseOctaRequestResult<Data> {
  data: Data | undefined;
  error: Error | undefined;
  loading: boolean;
  refetch: () => void;
}
type Hook<Data, Before extends readonly unknown[] = []> = (
  ...given: [...Before, options?: UseOctaRequestOptions<Data>]
) => UseOctaRequestResult<Data>;

export function OctaProvider(props: { client: OctaClient; children?: unknown }): object;
export function useOctaClient(): OctaClient;
export const useAccount: Hook<Account>;
export const useBalance: Hook<Balance>;
export const useApps: Hook<App[]>;
export const useNetworkStats: Hook<NetworkStats>;
export const useNodes: Hook<Node[]>;
export const useNode: Hook<NodeDetail, [id: Maybe<Id>]>;
export const useMrAvailable: Hook<MrMachine[]>;
export const useRenderAvailable: Hook<RenderMachine[]>;
export const useVpnAvailable: Hook<VpnNode[]>;
export const useServiceSessionInfo: Hook<ServiceInfo, [uuid: Maybe<string>]>;
export const useServiceSessionLogs: Hook<SessionLogs, [uuid: Maybe<string>]>;
export function useSessions(
  filter?: ListSessionsOptions,
  options?: UseOctaRequestOptions<Session[]>,
): UseOctaRequestResult<Session[]>;
export const useIdleJob: Hook<IdleJob, [nodeId: Maybe<Id>, jobId: Maybe<Id>]>;
export const useIdleJobLogs: Hook<string, [nodeId: Maybe<Id>, jobId: Maybe<Id>]>;
