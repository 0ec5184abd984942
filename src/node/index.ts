export { type FileLedgerOptions, fileLedger, type LedgerProblem } from './leases/file-ledger.ts';
export type { LedgerFileReason } from './leases/ledger-files.ts';
export {
  type BaseUrl,
  type BaseUrls,
  type ClosableClient,
  type StopOnExit,
  type StopOnExitOptions,
  stopOnExit,
} from './leases/stop-on-exit.ts';
export { type Address, type ProbedSession, type TcpProbe, tcp } from './leases/tcp.ts';
export { type NodeFetch, nodeFetch } from './node-fetch.ts';
export type { NodeFetchOptions } from './options.ts';
export type { NodeFetchStats } from './stats.ts';
