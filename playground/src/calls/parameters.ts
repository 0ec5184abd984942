/** Parameters of several calls. */
import type { Parameter } from './types.ts';

export const nodeId: Parameter = { name: 'node_id', kind: 'number', required: true, description: 'Number of the node' };
export const uuid: Parameter = { name: 'uuid', kind: 'text', required: true, description: 'The complete UUID' };
export const jobId: Parameter = { name: 'job_id', kind: 'number', required: true, initial: '1' };
export const diskSize: Parameter = {
  name: 'disk_size',
  kind: 'number',
  required: true,
  description: 'In GB',
  initial: '50',
};
export const pollIntervalMs: Parameter = {
  name: 'pollIntervalMs',
  kind: 'number',
  description: 'In ms',
  initial: '1000',
};
const envs: Parameter = { name: 'envs', kind: 'json', description: 'JSON, such as {"NAME": "value"}' };
export const recent: Parameter = { name: 'recent', kind: 'boolean', description: 'Sessions that have ended' };

export function choice(name: string, choices: readonly string[], description?: string): Parameter {
  return { name, kind: 'choice', choices, ...(description === undefined ? {} : { description }) };
}

export const image: readonly Parameter[] = [
  diskSize,
  { name: 'image', kind: 'text', required: true, initial: 'ubuntu:24.04' },
  { name: 'ports', kind: 'json', description: 'JSON, such as [22, 8080]', initial: '[22]' },
  envs,
];

export const machineCriteria: readonly Parameter[] = [
  { name: 'gpu', kind: 'text', description: 'Model, such as 4090 or A100 80GB' },
  { name: 'minGpus', kind: 'number' },
  { name: 'minVramMb', kind: 'number', description: 'In MB' },
  { name: 'minCpuCores', kind: 'number' },
  { name: 'minMemoryBytes', kind: 'number', description: 'In bytes' },
  { name: 'minDiskBytes', kind: 'number', description: 'In bytes' },
  { name: 'country', kind: 'text', description: 'Code or name' },
  { name: 'maxUsdPerHour', kind: 'number' },
  { name: 'minStability', kind: 'number', description: 'In percent' },
  choice('sort', ['price', 'gpus', 'vram', 'cpu', 'memory', 'disk', 'download', 'upload', 'stability']),
];

export const relayCriteria: readonly Parameter[] = [
  { name: 'country', kind: 'text', description: 'Code or name' },
  { name: 'residential', kind: 'boolean' },
  { name: 'maxUsdPerGb', kind: 'number' },
  { name: 'minDownMbits', kind: 'number' },
  { name: 'minUpMbits', kind: 'number' },
  choice('sort', ['price', 'download', 'upload']),
];

export const subkind = choice('subkind', ['wg', 'openvpn', 'ss', 'v2ray', 'http_proxy']);
export const protocol = choice('protocol', ['trojan', 'vmess', 'vless'], 'Only for v2ray');

export const lease: readonly Parameter[] = [
  { name: 'readyTimeoutMs', kind: 'number', description: 'In ms', initial: '120000' },
  pollIntervalMs,
  { name: 'maxSpend', kind: 'digits', description: 'A guard stops it at this limit; in Wei' },
];
