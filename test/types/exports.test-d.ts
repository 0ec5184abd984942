/** Names that applications import; a missing name does not compile here. */
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
  OctaClient,
  OctaClientOptions,
  PortsMatrix,
  ProxyConfig,
  RenderMachine,
  RequestContext,
  RequestOptions,
  RequestOverrides,
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
  StartMrResult,
  StartRenderOptions,
  StartRenderResult,
  StartVpnOptions,
  StartVpnResult,
  SystemLogEntry,
  UpdateNodePricesOptions,
  VpnNode,
  VpnProtocol,
  VpnSubkind,
  Wallet,
} from '../../src/index.ts';

/** Models with only optional fields accept an empty object; the others do not. */
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
  StartMrResult: StartMrResult;
  StartRenderOptions: StartRenderOptions;
  StartRenderResult: StartRenderResult;
  StartVpnOptions: StartVpnOptions;
  StartVpnResult: StartVpnResult;
  SystemLogEntry: SystemLogEntry;
  UpdateNodePricesOptions: UpdateNodePricesOptions;
  VpnNode: VpnNode;
  Wallet: Wallet;
  OctaClientOptions: OctaClientOptions;
  RequestOptions: RequestOptions;
  RequestOverrides: RequestOverrides;
  RequestContext: RequestContext;
  ResponseContext: ResponseContext;
  RetryContext: RetryContext;
  DriftEvent: DriftEvent;
}

test('Every name is a type with its own fields, and none is any.', () => {
  type Vague = { [Name in keyof Models]: 0 extends 1 & Models[Name] ? Name : never }[keyof Models];
  type NoObject = { [Name in keyof Models]: Models[Name] extends object ? never : Name }[keyof Models];
  expectTypeOf<Vague>().toBeNever();
  expectTypeOf<NoObject>().toBeNever();
});

test('Words of the API are string literals.', () => {
  expectTypeOf<VpnSubkind>().toEqualTypeOf<'wg' | 'openvpn' | 'ss' | 'v2ray' | 'http_proxy'>();
  expectTypeOf<VpnProtocol>().toEqualTypeOf<'trojan' | 'vmess' | 'vless'>();
  expectTypeOf<ServiceKind>().toExtend<string>();
  expectTypeOf<'mr'>().toExtend<ServiceKind>();
});

test('Names from other versions of the package are the parameters and results of methods.', () => {
  type Started<Service extends keyof OctaClient['services']> = OctaClient['services'][Service] extends {
    start(...given: never[]): PromiseLike<infer Result>;
  }
    ? Result
    : never;
  expectTypeOf<RequestOverrides>().toEqualTypeOf<RequestOptions>();
  expectTypeOf<StartMrResult>().toEqualTypeOf<Started<'mr'>>();
  expectTypeOf<StartRenderResult>().toEqualTypeOf<Started<'render'>>();
  expectTypeOf<StartVpnResult>().toEqualTypeOf<Started<'vpn'>>();
});

test('The variables of an app can be passed to a start unchanged.', () => {
  expectTypeOf<NonNullable<App['envs']>>().toExtend<NonNullable<StartMrOptions['envs']>>();
  expectTypeOf<App['ports']>().toExtend<NonNullable<StartMrOptions['ports']>>();
});

test('Hooks receive what they need.', () => {
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
