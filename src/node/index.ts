export { type NodeFetch, nodeFetch } from './node-fetch.ts';
export type { NodeFetchOptions } from './options.ts';
export type { NodeFetchStats } from './stats.ts';
