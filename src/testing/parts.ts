/** Places and hardware for seeded machines and nodes. */
import { countryCode, countryKey } from '../country.ts';
import type { PlaceInit } from './inits.ts';

/** The location of a node. */
export interface Place {
  readonly country: string;
  readonly country_iso: string;
  readonly city: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly continent: string;
  readonly continentcode: string;
}

function place(text: string, latitude: number, longitude: number): Place {
  const [country = '', country_iso = '', city = '', continent = '', continentcode = ''] = text.split('|');
  return { country, country_iso, city, latitude, longitude, continent, continentcode };
}

export const places: readonly [Place, ...Place[]] = [
  place('France|FR|Paris|Europe|EU', 48.8534, 2.3488),
  place('Germany|DE|Falkenstein|Europe|EU', 50.4779, 12.3713),
  place('United States|US|Dallas|North America|NA', 32.7831, -96.8067),
  place('Finland|FI|Helsinki|Europe|EU', 60.1695, 24.9354),
  place('Poland|PL|Zakrzew|Europe|EU', 53.4106, 17.1521),
  place('Netherlands|NL|Amsterdam|Europe|EU', 52.374, 4.8897),
  place('Singapore|SG|Singapore|Asia|AS', 1.2897, 103.8501),
  place('Brazil|BR|Campinas|South America|SA', -22.9056, -47.0608),
  place('Canada|CA|Halifax|North America|NA', 44.6464, -63.5729),
  place('Australia|AU|Sydney|Oceania|OC', -33.8679, 151.2073),
];

/** A place in a country for which the simulator has no cities: the city has the name of the country. */
function placeIn(country: string, country_iso: string | undefined, near: Place): Place {
  return { ...near, country, country_iso: country_iso ?? countryCode(country) ?? '', city: country };
}

/** The place in the options. Missing fields come from a known place in that country, or from the seeded place. */
export function placeFor({ country, country_iso, city }: PlaceInit, seeded: Place): Place {
  const said = country_iso ?? country;
  const known = said === undefined ? seeded : places.find((each) => countryKey(said) === each.country_iso);
  const place = known ?? placeIn(country ?? said ?? '', country_iso, seeded);
  return {
    ...place,
    country: country ?? place.country,
    country_iso: country_iso ?? place.country_iso,
    city: city ?? place.city,
  };
}

/** A GPU model, and the price of one GPU. */
export interface GpuModel {
  readonly model: string;
  readonly mem_total_mb: number;
  readonly vendor: 'nvidia' | 'amd';
  /** Unit: USD × 10 000 per hour. */
  readonly scaledUsd: number;
  /** Unit: benchmark points. */
  readonly score: number;
}

function gpu(model: string, mem_total_mb: number, [scaledUsd, score]: readonly [number, number]): GpuModel {
  return { model, mem_total_mb, vendor: model.startsWith('AMD') ? 'amd' : 'nvidia', scaledUsd, score };
}

export const gpuModels: readonly [GpuModel, ...GpuModel[]] = [
  gpu('NVIDIA GeForce RTX 3090', 24_576, [900, 2531]),
  gpu('NVIDIA GeForce RTX 4070', 12_282, [800, 3120]),
  gpu('NVIDIA GeForce RTX 4090', 24_564, [1700, 5976]),
  gpu('NVIDIA GeForce RTX 5090', 32_607, [3400, 7316]),
  gpu('NVIDIA RTX A6000', 49_140, [2800, 3011]),
  gpu('NVIDIA A100-SXM4-40GB', 40_960, [5500, 5208]),
  gpu('NVIDIA H100 80GB HBM3', 81_559, [16_200, 9377]),
  gpu('AMD Radeon RX 7900 XTX', 24_560, [2100, 3894]),
];

/** A CPU model, and its machine. */
export interface CpuModel {
  readonly cpu_model_name: string;
  readonly cpu_vendor_id: string;
  readonly cpu_cores: number;
  readonly cpu_speed: number;
  readonly memory_type: string;
  readonly memory_speed: number;
  /** Unit: GiB. */
  readonly memoryGib: number;
}

function cpu(name: string, [cores, speed, memory]: readonly [number, number, number], ddr5 = false): CpuModel {
  return {
    cpu_model_name: name,
    cpu_vendor_id: name.startsWith('AMD') ? 'AuthenticAMD' : 'GenuineIntel',
    cpu_cores: cores,
    cpu_speed: speed,
    memory_type: ddr5 ? 'DDR5' : 'DDR4',
    memory_speed: ddr5 ? 4800 : 3200,
    memoryGib: memory,
  };
}

export const cpuModels: readonly [CpuModel, ...CpuModel[]] = [
  cpu('AMD EPYC 7702', [32, 3200, 120]),
  cpu('AMD Ryzen 9 7950X', [32, 4491.27, 128], true),
  cpu('AMD EPYC 7763', [64, 2450, 504]),
  cpu('AMD Ryzen Threadripper PRO 5965WX', [48, 3800, 256]),
  cpu('Intel(R) Xeon(R) CPU E5-2697 v4', [72, 2300, 252]),
  cpu('Intel(R) Core(TM) i7-8700 CPU @ 3.20GHz', [12, 3200, 64]),
];

export const systems: readonly [string, ...string[]] = ['Ubuntu 22.04', 'Ubuntu 24.04', 'Debian 12'];
