/** What can be rented. */

/** A machine of the catalogue; additional fields of its record are allowed. */
export interface Machine extends Readonly<Record<string, unknown>> {
  readonly node_id: number;
  /** Price of a session on it. Unit: Wei; default 0.001 OCTA. */
  readonly weiPerSecond?: bigint;
}

export const defaultWeiPerSecond = 1_000_000_000_000_000n;

export const defaultMachines: readonly Machine[] = [{ node_id: 9010 }, { node_id: 9011 }, { node_id: 9012 }];
export const defaultRelays: readonly Machine[] = [{ node_id: 9539 }, { node_id: 9540 }];
export const defaultRenderMachines: readonly Machine[] = [{ node_id: 9042 }];

const octa = 1_000_000_000_000_000_000;

export function machineRecord({ weiPerSecond = defaultWeiPerSecond, ...more }: Machine): object {
  const perHour = weiPerSecond * 3_600n;
  return {
    ...{
      country: 'France',
      country_iso: 'FR',
      city: 'Paris',
      arch: 'x86_64',
      os_version: 'Ubuntu 22.04',
      virt: 'none',
    },
    ...{ cuda_version: '12.1', cpu_model_name: 'AMD EPYC 7702', cpu_vendor_id: 'AuthenticAMD', cpu_cores: 32 },
    ...{ cpu_speed: 3200, total_memory: 128_849_018_880, memory_type: 'DDR4', memory_speed: 3200 },
    ...{ free_disk: 1_099_511_627_776, is_has_gpu: true, gpu_pt: false, is_hive_os: false, is_wsl: false },
    gpus: [{ model: 'NVIDIA GeForce RTX 4090', mem_total_mb: 24_564 }],
    ...{ ai_score: 9500, blender_score: 4000, net_down_mbits: 872_229_553, net_up_mbits: 62_488_613 },
    ...{ total_price_usd: (Number(perHour) / octa) * 0.104, total_price_ether: Number(perHour) / octa },
    ...{ total_price_wei: perHour, base_usd: 3400, storage_usd: 1, traffic_usd: 1, currency_usd: false },
    ...{ market_price: 0.104, available_ports: 16, features: [] },
    reliability: {
      ...{ uptime: 100, stability: 99.74, s_avg_d: 10_117, s_max_d: 366_353, s_normal: 381, s_failed: 1 },
      rating: { count: 0, score: 0 },
    },
    ...more,
  };
}

export function relayRecord({ weiPerSecond: _, ...more }: Machine): object {
  return {
    ...{ country: 'Poland', country_iso: 'PL', city: 'Zakrzew', residential: false },
    ...{ net_down_mbits: 2_892_312, net_up_mbits: 62_118_848 },
    ...{ traffic_price_usd: 0.005366743801677206, traffic_price_ether: 0.05 },
    ...more,
  };
}

export const network = {
  blockchain: { height: 9_299_385, blocktime: 12.77, era: 'Vega', circulating_supply: 42_115_431 },
  market_price: 0.104,
  nodes: { count: 500, vpn: 120, locations: 60 },
  power: { cpus: 10_000, gpus: 2_000 },
};

export const account = {
  account_uuid: '0f6c4f0a-6f0e-4c1c-9a55-0d2f5f5f2a10',
  email: 'user@example.com',
  uid: 42,
  balance: 123_456_789_012_345_678_901_234n,
  avatar: '',
  ref_code: 'REF123',
  wallet: '',
};
