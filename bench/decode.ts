/** Measures the decoding of a long list with exact Wei and every normalisation, against JSON.parse alone. */
import { listMrMachines } from '../generated/operations.ts';
import { decode } from '../src/codec/decode.ts';
import { parseJson } from '../src/codec/json.ts';
import { formsOf } from '../src/core/rows.ts';
import { compare, median } from './measure.ts';
import type { Result } from './result.ts';

const machines = 5_000;

function gpus(index: number): string {
  const gpu = (position: number) =>
    `{"idx":${position},"model":"NVIDIA GeForce RTX ${3060 + (index % 4) * 10}","mem_total_mb":24564,"mem_free_mb":24100,"bus_id":"00000000:0${position}:00.0","pcie_link_gen":4,"pcie_link_width":16}`;
  return Array.from({ length: (index % 3) + 1 }, (_, position) => gpu(position)).join(',');
}

/** The amounts of a machine, as JSON. */
interface Amounts {
  readonly total: string;
  readonly base: string;
  readonly storage: string;
  readonly traffic: string;
}

function machine(index: number, { total, base, storage, traffic }: Amounts): string {
  return `{"node_id":${9000 + index},"country":"Germany","country_iso":"DE","city":"Berlin","arch":"x86_64","os_version":"Ubuntu 22.04.5 LTS","virt":"none","cuda_version":"12.4","cpu_model_name":"AMD EPYC 7702 64-Core Processor","cpu_vendor_id":"AuthenticAMD","cpu_cores":${index % 128},"cpu_speed":3200,"total_memory":128849018880,"memory_type":"DDR4","memory_speed":3200,"free_disk":1099511627776,"gpus":[${gpus(index)}],"gpu_vendor":"nvidia","is_has_gpu":true,"gpu_pt":false,"gdm":false,"is_hive_os":false,"is_wsl":false,"ai_score":9500,"blender_score":4000,"blender_cuda_score":3990.5,"net_down_mbits":${872229553 + index},"net_up_mbits":${index % 1000},"total_price_usd":0.${3417 + index},"total_price_ether":3.1845293569431500,"total_price_wei":${total},"base":${base},"storage":${storage},"traffic":${traffic},"base_ether":31.42802893806085,"storage_ether":0.184529356943150046,"traffic_ether":0.005366743801677206,"base_usd":3400,"storage_usd":1,"traffic_usd":1,"currency_usd":true,"market_price":0.10733,"reliability":{"uptime":100,"stability":99.74,"s_avg_d":10117,"s_max_d":366353,"s_normal":381,"s_failed":1,"rating":{"count":0,"score":0}},"available_ports":16,"features":["gpu","nvme"]}`;
}

const rows = (amounts: (index: number) => Amounts): string =>
  `[${Array.from({ length: machines }, (_, index) => machine(index, amounts(index))).join(',')}]`;

const usual = (index: number): Amounts => ({
  total: String(3_184_529_356_943_150_046n + BigInt(index) * 7_919_000_000_017n),
  base: '31428028938060847852',
  storage: '184529356943150046',
  traffic: '18452935694315004',
});

/** Digits without a pattern, the same in each run. */
function digitsOf(index: number): string {
  const mixed = (BigInt(index + 1) * 6_364_136_223_846_793_005n + 1_442_695_040_888_963_407n) % 10n ** 19n;
  return String(10n ** 19n + mixed);
}

const random = (index: number): Amounts => ({
  total: digitsOf(4 * index),
  base: digitsOf(4 * index + 1),
  storage: digitsOf(4 * index + 2).slice(0, 18),
  traffic: digitsOf(4 * index + 3).slice(0, 17),
});

const quoted = (index: number): Amounts => {
  const { total, base, storage, traffic } = usual(index);
  return { total: `"${total}"`, base: `"${base}"`, storage: `"${storage}"`, traffic: `"${traffic}"` };
};

const small: Amounts = { total: '3184529356', base: '31428028', storage: '184529', traffic: '18452' };

/** Texts that are hard to decode, each in a different way. */
export const texts: Readonly<Record<string, string>> = {
  usual: rows(usual),
  'two amounts for each double': rows((index) => ({ ...usual(index), base: `3142802893806084785${index % 10}` })),
  'random amounts': rows(random),
  'no large numbers': rows(() => small),
  'amounts as strings': rows(quoted),
  'one number with an exponent': rows((index) => (index === 9 ? { ...usual(index), base: '3.1e19' } : usual(index))),
};

/** Measures the decoder. */
export async function benchDecode(): Promise<readonly Result[]> {
  const forms = formsOf(listMrMachines);
  const decoder = new TextDecoder();
  const results: Result[] = [];
  const ratios: number[] = [];
  for (const [name, text] of Object.entries(texts)) {
    const bytes = new TextEncoder().encode(text);
    const sides = {
      ours: () => decode(parseJson(bytes), forms, false),
      fromBytes: () => JSON.parse(decoder.decode(bytes)),
      fromText: () => JSON.parse(text),
    };
    const { ours, fromBytes, fromText } = await compare(sides, 25, () => globalThis.gc?.());
    const ratio = ours.wallMs / fromText.wallMs;
    ratios.push(ratio);
    results.push({
      what: `decode ${machines} machines (${(text.length / 1e6).toFixed(1)} MB) from bytes, exact, against JSON.parse of text: ${name}`,
      measured: [
        `${ours.wallMs.toFixed(1)} ms against ${fromText.wallMs.toFixed(1)} ms`,
        `× ${(ours.wallMs / fromBytes.wallMs).toFixed(2)} of TextDecoder and JSON.parse, ${fromBytes.wallMs.toFixed(1)} ms`,
      ],
      verdict: { value: ratio, unit: '×', is: 'at most', target: name.includes('exponent') ? 2 : 1.7 },
    });
  }
  const middle = median(ratios);
  const verdict = { value: middle, unit: '×', is: 'at most', target: 1.5 } as const;
  return [...results, { what: 'decode: the median of these texts', measured: [], verdict }];
}
