export type * from '../generated/models.ts';
export type { operations, paths } from '../generated/schema.ts';
export { OctaClient } from './client.ts';
export type { Clock, TimerPurpose } from './clock.ts';
export type {
  ApiCall,
  ApiOptions,
  ApiPath,
  ApiRequest,
  ApiResult,
  OctaApi,
  ParsedBodies,
  UnknownInit,
} from './core/api-types.ts';
export type { HeartbeatRecord, LateSession, LeaseLedger, LeaseRecord, SpentRecord } from './core/lease-types.ts';
export { OctaCore } from './core/octa-core.ts';
export type {
  CloseOptions,
  DriftEvent,
  LeaseClientOptions,
  OctaClientOptions,
  RequestOptions,
  RequestOverrides,
  TotalSpendLimit,
} from './core/option-types.ts';
export type { OctaPromise, ResponseInfo, WithResponse } from './core/promise.ts';
export type { LeaseStats, TransportStats } from './core/transport.ts';
export type { ResponseValidator, ValidationIssue } from './core/validation.ts';
export { version } from './core/version.ts';
export {
  type FailedRequest,
  type NetworkPhase,
  OctaAbortError,
  OctaApiError,
  OctaAuthenticationError,
  OctaBadGatewayError,
  OctaBadRequestError,
  OctaConfigurationError,
  OctaConflictError,
  OctaConnectionError,
  OctaError,
  OctaGatewayTimeoutError,
  OctaNetworkError,
  OctaNotFoundError,
  OctaPermissionError,
  OctaProvisionRejectedError,
  OctaRateLimitError,
  OctaResponseError,
  OctaServerError,
  OctaServiceUnavailableError,
  OctaTimeoutError,
  OctaValidationError,
  type ProvisionRejection,
  type RetryLimit,
  type TimeoutKind,
} from './errors/errors.ts';
export type { FailedAttempt, JobProgress, Outcome } from './errors/facts.ts';
export {
  isApiError,
  isAuthError,
  isNetworkError,
  isNotFound,
  isOctaError,
  isRateLimit,
  isTimeout,
} from './errors/guards.ts';
export {
  OctaSessionError,
  type SessionFailure,
  type StopFailure,
  type TotalSpending,
  type TotalSpendRefusal,
} from './errors/session-error.ts';
export type { MissingResult } from './jobs/job-log.ts';
export type { JobOptions } from './jobs/job-options.ts';
export type { JobCommand } from './jobs/wrapper.ts';
export type { StopResult, StopSessionOptions } from './leases/api.ts';
export type { SessionGuard } from './leases/guard.ts';
export type {
  DurationLimit,
  GuardLimits,
  GuardOptions,
  GuardResult,
  SomeLimit,
  SpendLimit,
} from './leases/guard-limits.ts';
export type { LeaseOptions } from './leases/lease-options.ts';
export type { LogLine } from './leases/log-lines.ts';
export type { HttpProbe, Probe, ProbeFunction, ReadyWhen } from './leases/readiness.ts';
export type { LeaseVerdict, ReconcileOptions } from './leases/reconcile.ts';
export type { RentManyOptions } from './leases/rent-many.ts';
export type { StopAllOptions, StopAllResult } from './leases/sweep.ts';
export type { Progress, WaitOptions } from './leases/wait.ts';
export type { WatchOptions } from './leases/watch.ts';
export { AccountsResource } from './resources/accounts.ts';
export { AppsResource } from './resources/apps.ts';
export { type IdleJobLogsOptions, IdleJobsResource } from './resources/idle-jobs.ts';
export { LeasesResource, type ReconciledLease, type ReconcileResult } from './resources/leases.ts';
export { NetworkResource } from './resources/network.ts';
export { type ListNodesOptions, NodesResource } from './resources/nodes.ts';
export type { Id } from './resources/resource.ts';
export type {
  FindMachinesOptions,
  FindRelaysOptions,
  MachineSort,
  RelaySort,
} from './resources/services/find-options.ts';
export { ServicesResource } from './resources/services/index.ts';
export { type JobResult, MrJob } from './resources/services/job.ts';
export { MrResource, type StartManyResult, type StartMrResult } from './resources/services/mr.ts';
export type { Candidate, NodeChoice, OneNode, SeveralNodes, StartNode } from './resources/services/nodes.ts';
export {
  type RenderOptions,
  RenderResource,
  type RentRenderOptions,
  type StartRenderOptions,
  type StartRenderResult,
} from './resources/services/render.ts';
export { type SessionLogsOptions, SessionResource } from './resources/services/session.ts';
export type {
  AppImageOptions,
  AppOptions,
  ContainerOptions,
  ImageAndDisk,
  ImageOptions,
  RentMrOptions,
  RunMrOptions,
  StartMrOptions,
} from './resources/services/template.ts';
export {
  type OnlyWithV2ray,
  type PlainVpnOptions,
  type RelayOptions,
  type RentVpnOptions,
  type StartVpnOptions,
  type StartVpnResult,
  type V2rayOptions,
  VpnResource,
} from './resources/services/vpn.ts';
export { type ListSessionsOptions, SessionsResource } from './resources/sessions.ts';
export { configure, resetConfiguration, sharedClient, shutdownSharedClient } from './shared.ts';
export { sshCommand } from './ssh.ts';
export type { RetryBudgetStats } from './transport/budget.ts';
export type { AttemptEnd, AttemptObserver, RequestContext, RequestHook, ResponseContext } from './transport/hooks.ts';
export type { LogFields, Logger, LogLevel } from './transport/log.ts';
export { loggerFrom } from './transport/loggers.ts';
export type { RetryContext } from './transport/retry.ts';
export type { BaseUrlStats } from './transport/rotation.ts';
export type { FetchLike } from './transport/types.ts';
export { formatOcta, fromScaledUsd, parseOcta, toJson, weiToUsd } from './wei.ts';
