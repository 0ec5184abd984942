/** What each criterion of `find` changes. */
import {
  type FindMachinesOptions,
  type FindRelaysOptions,
  OctaClient,
  type RequestOptions,
} from '../../../src/index.ts';
import { OctaSimulator } from '../../../src/testing/index.ts';
import type { Behaviours } from './behaviour.ts';

const gigabyte = 1_073_741_824;

/** Machine 1 is the cheapest, machine 2 the better one in everything. */
const simulator = new OctaSimulator({
  machines: [
    {
      node_id: 1,
      gpu: 'RTX 3060',
      gpus: 1,
      mem_total_mb: 12_288,
      cpu_cores: 8,
      total_memory: 32 * gigabyte,
      free_disk: 100 * gigabyte,
      totalPriceUsd: 0.1,
      stability: 80,
      country: 'Poland',
      country_iso: 'PL',
    },
    {
      node_id: 2,
      gpu: 'RTX 4090',
      gpus: 4,
      mem_total_mb: 24_564,
      cpu_cores: 64,
      total_memory: 256 * gigabyte,
      free_disk: 900 * gigabyte,
      totalPriceUsd: 1.5,
      stability: 99,
      country: 'Germany',
      country_iso: 'DE',
    },
  ],
  relays: [
    {
      node_id: 11,
      residential: false,
      country: 'Poland',
      country_iso: 'PL',
      fields: { net_down_mbits: 100, net_up_mbits: 50, traffic_price_usd: 0.01 },
    },
    {
      node_id: 12,
      residential: true,
      country: 'Germany',
      country_iso: 'DE',
      fields: { net_down_mbits: 900, net_up_mbits: 800, traffic_price_usd: 0.5 },
    },
  ],
});
const { services } = new OctaClient({ apiKey: 'key', fetch: simulator.fetch });

async function machines(criteria: FindMachinesOptions): Promise<number[]> {
  return (await services.mr.find(criteria)).map(({ node_id }) => node_id);
}

async function relays(criteria: FindRelaysOptions): Promise<number[]> {
  return (await services.vpn.find(criteria)).map(({ node_id }) => node_id);
}

/** A criterion that only the better one meets. */
function onlyTheBetter<Given>(given: Given) {
  return { given, see: machines, without: [1, 2], with: [2] };
}

export const machineBehaviours: Behaviours<Omit<FindMachinesOptions, keyof RequestOptions>> = {
  gpu: onlyTheBetter('4090'),
  minGpus: onlyTheBetter(2),
  minVramMb: onlyTheBetter(16_000),
  minCpuCores: onlyTheBetter(16),
  minMemoryBytes: onlyTheBetter(64 * gigabyte),
  minDiskBytes: onlyTheBetter(500 * gigabyte),
  country: onlyTheBetter('DE'),
  maxUsdPerHour: { given: 0.5, see: machines, without: [1, 2], with: [1] },
  minStability: onlyTheBetter(95),
  sort: { given: 'vram', see: machines, without: [1, 2], with: [2, 1] },
};

export const relayBehaviours: Behaviours<Omit<FindRelaysOptions, keyof RequestOptions>> = {
  country: { given: 'germany', see: relays, without: [11, 12], with: [12] },
  residential: { given: true, see: relays, without: [11, 12], with: [12] },
  maxUsdPerGb: { given: 0.1, see: relays, without: [11, 12], with: [11] },
  minDownMbits: { given: 500, see: relays, without: [11, 12], with: [12] },
  minUpMbits: { given: 500, see: relays, without: [11, 12], with: [12] },
  sort: { given: 'download', see: relays, without: [11, 12], with: [12, 11] },
};
