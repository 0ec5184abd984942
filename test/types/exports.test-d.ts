/** Names that applications import; one that is gone does not compile here. */
import { expectTypeOf, test } from 'vitest';
import type {
  Account,
  App,
  Balance,
  BlockchainInfo,
  DriftEvent,
  IdleJob,
  MrGpu,
  MrGpuByVendor,
  MrMachine,
  MrReliability,
  NetworkNodes,
  NetworkPower,
  NetworkStats,
  Node,
  NodeDetail,
  NodeDetailData,
  NodeDetailLocation,
  NodeDetailMemory,
  NodeDisk,
  NodeGpu,
  NodeLocation,
  NodeMemory,
  NodePrices,
  NodeReliability,
  NodeSystem,
  OctaClientOptions,
  PortsMatrix,
  ProxyConfig,
  RenderMachine,
  RequestContext,
  RequestOptions,
  ResponseContext,
  RetryContext,
  ServiceInfo,
  ServiceKind,
  Session,
  SessionLogs,
  SessionNodeGpu,
  SessionNodeHw,
  SessionPrices,
  SshAccess,
  StartMrOptions,
  StartRenderOptions,
  StartVpnOptions,
  SystemLogEntry,
  UpdateNodePricesOptions,
  VpnNode,
  VpnProtocol,
  VpnSubkind,
  Wallet,
} from '../../src/index.ts';

/** Models whose every field may be absent also take an empty object; the rest refuse one. */
interface Models {
  Account: Account;
  App: App;
  Balance: Balance;
  BlockchainInfo: BlockchainInfo;
  IdleJob: IdleJob;
  MrGpu: MrGpu;
  MrGpuByVendor: MrGpuByVendor;
  MrMachine: MrMachine;
  MrReliability: MrReliability;
  NetworkNodes: NetworkNodes;
  NetworkPower: NetworkPower;
  NetworkStats: NetworkStats;
  Node: Node;
  NodeDetail: NodeDetail;
  NodeDetailData: NodeDetailData;
  NodeDetailLocation: NodeDetailLocation;
  NodeDetailMemory: NodeDetailMemory;
  NodeDisk: NodeDisk;
  NodeGpu: NodeGpu;
  NodeLocation: NodeLocation;
  NodeMemory: NodeMemory;
  NodePrices: NodePrices;
  NodeReliability: NodeReliability;
  NodeSystem: NodeSystem;
  PortsMatrix: PortsMatrix;
  ProxyConfig: ProxyConfig;
  RenderMachine: RenderMachine;
  ServiceInfo: ServiceInfo;
  Session: Session;
  SessionLogs: SessionLogs;
  SessionNodeGpu: SessionNodeGpu;
  SessionNodeHw: SessionNodeHw;
  SessionPrices: SessionPrices;
  SshAccess: SshAccess;
  StartMrOptions: StartMrOptions;
  StartRenderOptions: StartRenderOptions;
  StartVpnOptions: StartVpnOptions;
  SystemLogEntry: SystemLogEntry;
  UpdateNodePricesOptions: UpdateNodePricesOptions;
  VpnNode: VpnNode;
  Wallet: Wallet;
  OctaClientOptions: OctaClientOptions;
  RequestOptions: RequestOptions;
  RequestContext: RequestContext;
  ResponseContext: ResponseContext;
  RetryContext: RetryContext;
  DriftEvent: DriftEvent;
}

test('Every name is a type with fields of its own, and none has become any.', () => {
  type Vague = { [Name in keyof Models]: 0 extends 1 & Models[Name] ? Name : never }[keyof Models];
  type NoObject = { [Name in keyof Models]: Models[Name] extends object ? never : Name }[keyof Models];
  expectTypeOf<Vague>().toBeNever();
  expectTypeOf<NoObject>().toBeNever();
});

test('Words of the API are known by their text.', () => {
  expectTypeOf<VpnSubkind>().toEqualTypeOf<'wg' | 'openvpn' | 'ss' | 'v2ray' | 'http_proxy'>();
  expectTypeOf<VpnProtocol>().toEqualTypeOf<'trojan' | 'vmess' | 'vless'>();
  expectTypeOf<ServiceKind>().toExtend<string>();
  expectTypeOf<'mr'>().toExtend<ServiceKind>();
});

test('The variables of an app can be handed to a start as they are.', () => {
  expectTypeOf<NonNullable<App['envs']>>().toExtend<NonNullable<StartMrOptions['envs']>>();
  expectTypeOf<App['ports']>().toExtend<NonNullable<StartMrOptions['ports']>>();
});

test('Hooks are told what they need.', () => {
  expectTypeOf<RequestContext>().toHaveProperty('operation').toEqualTypeOf<string>();
  expectTypeOf<RequestContext>().toHaveProperty('attempt').toEqualTypeOf<number>();
  expectTypeOf<ResponseContext>().toHaveProperty('requestId').toEqualTypeOf<string | undefined>();
  expectTypeOf<RetryContext>().toHaveProperty('nextUrl').toEqualTypeOf<string>();
  expectTypeOf<RetryContext>().toHaveProperty('delayMs').toEqualTypeOf<number>();
  expectTypeOf<DriftEvent>().toEqualTypeOf<{
    readonly operation: string;
    readonly path: string;
    readonly expected: string;
    readonly received: unknown;
  }>();
});
