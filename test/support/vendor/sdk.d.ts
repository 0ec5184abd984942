/** The part of the vendor's SDK 0.1.1, which has the same package name, that programs use: names and types from its documentation. */

type Hook<Context> = (context: Context) => void | Promise<void>;

export interface OctaClientOptions {
  apiKey?: string | undefined;
  baseUrl?: string;
  timeoutMs?: number;
  retries?: number;
  fetch?: typeof globalThis.fetch;
  userAgent?: string;
  onRequest?: Hook<RequestContext>;
  onResponse?: Hook<ResponseContext>;
}

export interface RequestContext {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  url: string;
  headers: Headers;
  body?: unknown;
  attempt: number;
}

export interface ResponseContext {
  request: RequestContext;
  status: number;
  headers: Headers;
  durationMs: number;
}

export interface RequestOverrides {
  signal?: AbortSignal;
  retries?: number;
}

export interface ListSessionsOptions {
  recent?: boolean;
}

/** Options of one read. */
type Read<Result> = (request?: RequestOverrides) => Promise<Result>;
type ReadOf<Result> = (id: string | number, request?: RequestOverrides) => Promise<Result>;

export interface SessionResource {
  info: Read<ServiceInfo>;
  logs: Read<SessionLogs>;
  stop(options?: { score?: number }): Promise<void>;
}

export class OctaClient {
  constructor(options: OctaClientOptions);
  readonly accounts: { get: Read<Account>; balance: Read<Balance>; generateWallet(): Promise<Wallet> };
  readonly apps: { list: Read<App[]> };
  readonly network: { get: Read<NetworkStats> };
  readonly nodes: {
    list: Read<Node[]>;
    get: ReadOf<NodeDetail>;
    downloadIdent: ReadOf<Blob>;
    downloadLogs: ReadOf<Blob>;
    updatePrices(id: string | number, prices: UpdateNodePricesOptions): Promise<void>;
    reboot(id: string | number): Promise<void>;
  };
  readonly services: {
    readonly mr: { available: Read<MrMachine[]>; start(options: StartMrOptions): Promise<StartMrResult> };
    readonly render: {
      available: Read<RenderMachine[]>;
      start(options: StartRenderOptions): Promise<StartRenderResult>;
    };
    readonly vpn: { available: Read<VpnNode[]>; start(options: StartVpnOptions): Promise<StartVpnResult> };
    session(uuid: string): SessionResource;
  };
  readonly sessions: { list(options?: ListSessionsOptions, request?: RequestOverrides): Promise<Session[]> };
  readonly idleJobs: {
    get(nodeId: string | number, jobId: string | number, request?: RequestOverrides): Promise<IdleJob>;
    logs(nodeId: string | number, jobId: string | number, request?: RequestOverrides): Promise<string>;
  };
}

export class OctaError extends Error {}
export class OctaNetworkError extends OctaError {}
export class OctaTimeoutError extends OctaNetworkError {}
export class OctaApiError extends OctaError {
  constructor(message: string, status: number, code?: string, requestId?: string, body?: unknown);
  readonly status: number;
  readonly code?: string;
  readonly requestId?: string;
  readonly body?: unknown;
}
export class OctaAuthenticationError extends OctaApiError {}
export class OctaPermissionError extends OctaApiError {}
export class OctaNotFoundError extends OctaApiError {}
export class OctaValidationError extends OctaApiError {}
export class OctaRateLimitError extends OctaApiError {
  readonly retryAfter?: number;
}
export class OctaServerError extends OctaApiError {}

export interface Balance {
  balance: number;
}
export interface Account extends Balance {
  account_uuid: string;
  avatar: string;
  email: string;
  ref_code: string;
  uid: number;
  wallet: string;
}
export interface Wallet {
  address: string;
}

export interface App {
  uuid: string;
  name: string;
  description: string;
  category: string;
  image: string;
  ports: number[];
  http_ports: number[];
  envs: Record<string, string>;
  extra: Record<string, unknown>;
  personal: boolean;
  start_command: string;
}

export interface BlockchainInfo {
  height: number;
  blocktime: number;
  era: number;
  difficulty: number;
  hashrate: number;
  total_supply: number;
}
export interface NetworkNodes {
  count: number;
  vpn: number;
}
export interface NetworkPower {
  cpus: number;
  gpus: number;
  disk: number;
  mem: number;
}
export interface NetworkStats {
  blockchain: BlockchainInfo;
  market_price: number;
  mmROI: number;
  nodes: NetworkNodes;
  power: NetworkPower;
  staked: number;
}

export interface NodeGpu {
  model: string;
  mem_total_mb: number;
  mem_free_mb: number;
}
export interface NodeLocation {
  city: string;
  country: string;
  latitude?: number;
  longitude?: number;
}
export interface NodeDetailLocation extends NodeLocation {
  isocode?: string;
}
export interface NodePrices {
  base: number;
  storage: number;
  traffic: number;
}
export interface UpdateNodePricesOptions extends NodePrices {}
export interface NodeDisk {
  free: number;
  size: number;
  used_percent: number;
}
export interface NodeMemory {
  free: number;
  size: number;
}
export interface NodeDetailMemory {
  total_memory: number;
  free_memory: number;
}
export interface NodeSystem {
  arch: string;
  cpu_cores: number;
  cpu_load_percent: number;
  cpu_model_name: string;
  os_version: string;
  disk: NodeDisk;
  gpus: NodeGpu[];
  memory: NodeMemory;
}
export interface NodeDetailData {
  arch: string;
  cpu_cores: number;
  cpu_load_percent: number;
  cpu_model_name: string;
  os_version: string;
  disk: NodeDisk;
  gpus: NodeGpu[];
  memory: NodeDetailMemory;
}
export interface NodeReliability {
  uptime: number;
  stability: number;
  rating: { count: number; score: number };
}
export interface Node {
  id: number;
  ip: string;
  state: string;
  osn: string;
  uptime: number;
  vrf_dt: string;
  location: NodeLocation;
  prices: NodePrices;
  system: NodeSystem;
}
export interface NodeDetail {
  id: number;
  ip: string;
  state: string;
  vrf_dt: string;
  location: NodeDetailLocation;
  reliability: NodeReliability;
  features: string[];
  data: NodeDetailData;
}

export interface MrGpu {
  model: string;
  mem_total_mb: number;
}
export interface MrGpuByVendor {
  nvidia: MrGpu[];
  amd: MrGpu[];
  intel: MrGpu[];
}
export interface MrReliability extends NodeReliability {}
export interface MrMachine {
  node_id: number;
  country: string;
  country_iso: string;
  city: string;
  cpu_cores: number;
  cpu_model_name: string;
  total_memory: number;
  free_disk: number;
  gpus: MrGpu[];
  is_has_gpu: boolean;
  total_price_usd: number;
  total_price_ether: number;
  ai_score: number;
  blender_score: number;
  reliability: MrReliability;
  available_ports: number;
  features: string[];
}
export interface RenderMachine extends MrMachine {}
export interface VpnNode {
  node_id: number;
  country: string;
  country_iso: string;
  city: string;
  latitude: number;
  longitude: number;
  net_down_mbits: number;
  net_up_mbits: number;
  residential: boolean;
  traffic_price_usd: number;
  traffic_price_ether: number;
}

export interface StartMrOptions {
  node_id: number;
  disk_size: number;
  image: string;
  app?: string;
  envs?: Record<string, string>;
  ports?: number[];
  http_ports?: number[];
  start_command?: string;
  entrypoint?: string;
}
export interface StartRenderOptions {
  node_id: number;
  disk_size: number;
  'multi-gpu-worker'?: boolean;
  envs?: Record<string, string>;
}
export type VpnSubkind = 'wg' | 'openvpn' | 'ss' | 'v2ray' | 'http_proxy';
export type VpnProtocol = 'trojan' | 'vmess' | 'vless';
export interface StartVpnOptions {
  node_id: number;
  subkind?: VpnSubkind;
  protocol?: VpnProtocol;
}
export interface StartMrResult {
  uuid: string;
}
export interface StartRenderResult {
  uuid: string;
}
export interface StartVpnResult {
  uuid: string;
}

export type ServiceKind = 'mr' | 'render' | 'vpn';
export type PortsMatrix = Record<string, number>;
export interface SshAccess {
  host: string;
  port: number;
}
export interface ProxyConfig {
  ip: string;
  port: number;
}
export interface SystemLogEntry {
  msg: string;
  ts: number;
}
export interface SessionLogs {
  container: string;
  system: SystemLogEntry[];
}
export interface SessionPrices {
  base_usd: number;
  currency_usd: boolean;
  market_price: number;
}
export interface SessionNodeGpu extends MrGpu {}
export interface SessionNodeHw {
  cpu: string;
  cpu_cores: number;
  gpu: SessionNodeGpu[];
  total_memory: number;
  disk: number;
}
export interface ServiceInfo {
  uuid: string;
  service: ServiceKind;
  kind?: string;
  app_name?: string;
  node_id: number;
  progress?: string;
  is_ready: boolean;
  duration: number;
  started_at: number;
  public_ip?: string;
  ports_matrix?: PortsMatrix;
  urls?: Record<string, string>;
  ssh_direct?: SshAccess;
  ssh_proxy?: SshAccess;
  ssh_web?: string;
  config?: string | ProxyConfig;
  tx?: number;
  rx?: number;
  charge_amount?: number | string;
  termination_reason?: number | string;
  node_hw?: SessionNodeHw;
  prices?: SessionPrices;
}
export type Session = ServiceInfo;

export interface IdleJob {
  is_up: boolean;
  uptime: number;
  error?: string;
}
