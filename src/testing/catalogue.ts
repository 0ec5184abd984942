/** Rentable machines, render machines and relays, as their catalogues show them. */
import type { MachineInit, Population, RelayInit, RentableInit } from './inits.ts';
import { type CpuModel, cpuModels, type GpuModel, gpuModels, type Place, placeFor, places, systems } from './parts.ts';
import type { Random } from './random.ts';

/** One rentable node. */
export interface NodeRecord {
  readonly nodeId: number;
  readonly service: 'mr' | 'render' | 'vpn';
  readonly place: Place;
  /** The exact price, even if the catalogue shows none. */
  readonly priceWeiPerHour: bigint;
  /** Time until a session is ready; undefined: the default of the simulator. Unit: ms. */
  readonly readyAfterMs: number | undefined;
  /** The entry in the catalogue, as responses contain it. */
  readonly wire: Readonly<Record<string, unknown>>;
}

/** The input for the catalogues of one world. */
export interface CatalogueContext {
  readonly random: Random;
  readonly quirks: boolean;
  /** Unit: USD per OCTA. */
  readonly marketPrice: number;
}

type Fields = Record<string, unknown>;

const gib = 2 ** 30;
const weiPerOcta = 1e18;

/** An amount with all 18 decimals; a double has only about 15 digits. */
function exactWei(octa: number, random: Random): bigint {
  return BigInt(Math.round(octa * 1e9)) * 1_000_000_000n + BigInt(random.integer(1, 999_999_999));
}

/** A bandwidth as the API sends it: in bytes per second, although the name of the field says Mbit/s. */
function bandwidth(random: Random, { quirks }: CatalogueContext): number {
  const mbits = random.integer(90, 9400);
  return quirks ? mbits * 125_000 + random.integer(0, 124_999) : mbits;
}

function reliability(random: Random, stability = random.decimal(88, 100, 2)): Fields {
  const normal = random.integer(20, 600);
  return {
    uptime: random.decimal(93, 100, 2),
    stability,
    s_avg_d: random.integer(4000, 90_000),
    s_max_d: random.integer(90_000, 1_800_000),
    s_normal: normal,
    s_failed: Math.round((normal * (100 - stability)) / 100),
    rating: { count: random.integer(0, 20), score: random.decimal(3, 5, 2) },
  };
}

interface Price {
  readonly wei: bigint;
  /** Null: no readable price. Unit: USD per hour. */
  readonly usd: number | null;
}

function priceOf(init: Partial<MachineInit>, scaledUsd: number, context: CatalogueContext): Price {
  const { random, marketPrice } = context;
  const asked = init.totalPriceUsd ?? scaledUsd / 10_000 + 0.0017;
  const wei = init.priceWeiPerHour ?? exactWei(asked / marketPrice, random);
  const usd = Number(((Number(wei) / weiPerOcta) * marketPrice).toFixed(4));
  return { wei, usd: init.totalPriceUsd === undefined ? usd : init.totalPriceUsd };
}

function priceFields({ wei, usd }: Price, { quirks, marketPrice, random }: CatalogueContext): Fields {
  const asText = quirks && random.chance(0.5);
  if (usd === null) return { market_price: marketPrice };
  return {
    total_price_usd: usd,
    total_price_ether: Number(wei) / weiPerOcta,
    total_price_wei: asText ? String(wei) : wei,
    base: wei,
    base_usd: Math.round(usd * 10_000),
    storage_usd: 1,
    traffic_usd: random.integer(1, 40),
    currency_usd: true,
    market_price: marketPrice,
  };
}

/** The older form of the GPUs: the model, or lists by vendor. */
function olderGpus(
  gpus: readonly Fields[],
  { model, vendor }: GpuModel,
  { quirks, random }: CatalogueContext,
): unknown {
  if (!quirks || !random.fork('gpu').chance(0.3)) return model;
  return { nvidia: [], amd: [], intel: [], [vendor]: gpus };
}

function gpuFields(model: GpuModel | undefined, count: number, context: CatalogueContext): Fields {
  const { random } = context;
  if (model === undefined || count === 0) {
    return { gpus: [], is_has_gpu: false, gpu_pt: false, ai_score: 0, blender_score: random.integer(90, 400) };
  }
  const { model: name, mem_total_mb, vendor, score } = model;
  const gpus = Array.from({ length: count }, () => ({ model: name, mem_total_mb }));
  return {
    gpus,
    gpu: olderGpus(gpus, model, context),
    gpu_vendor: vendor,
    is_has_gpu: true,
    gpu_pt: random.chance(0.2),
    ai_score: Math.round(score * count * 1.6),
    blender_score: score * count,
  };
}

function hostFields(init: Partial<MachineInit>, cpu: CpuModel, random: Random): Fields {
  const { memoryGib, ...cpuFields } = cpu;
  return {
    arch: 'x86_64',
    os_version: random.pick(systems),
    virt: random.pick(['none', 'none', 'kvm']),
    cuda_version: `12.${random.integer(1, 8)}`,
    ...cpuFields,
    cpu_cores: init.cpu_cores ?? cpu.cpu_cores,
    total_memory: init.total_memory ?? memoryGib * gib + random.integer(0, 4_000_000) * 4096,
    free_disk: init.free_disk ?? random.integer(100, 6000) * gib,
    disk_speed_mbs: random.decimal(400, 6000, 1),
    gdm: false,
    is_hive_os: random.chance(0.1),
    is_wsl: random.chance(0.05),
    available_ports: random.integer(4, 100),
    features: random.pick([[], [], ['nvme']]),
  };
}

/** The location of a node, as catalogues and sessions show it. */
export function placeFields({ country, country_iso, city }: Place): Fields {
  return { country, country_iso, city };
}

/** The GPUs of a machine; seeded where the options do not set them. */
function gpuFor(init: Partial<MachineInit>, index: number, random: Random): { model?: GpuModel; count: number } {
  const seeded = random.pick(gpuModels);
  const count = init.gpus ?? random.pick([1, 1, 1, 2, 4, 8]);
  // The fifth machine of every catalogue has no GPU.
  const without = init.gpu === null || (init.gpu === undefined && init.gpus === undefined && index === 4);
  if (without) return { count: 0 };
  const known = gpuModels.find(({ model }) => model === init.gpu) ?? seeded;
  const model = { ...known, model: init.gpu ?? known.model, mem_total_mb: init.mem_total_mb ?? known.mem_total_mb };
  return { model, count };
}

function machine(
  given: Partial<MachineInit> & { node_id: number },
  index: number,
  context: MachineContext,
): NodeRecord {
  const { random, quirks, service } = context;
  const place = placeFor(given, random.pick(places));
  const { model, count } = gpuFor(given, index, random);
  const cpu = random.pick(cpuModels);
  const scaledUsd = model === undefined ? random.integer(200, 400) : model.scaledUsd * count + random.integer(0, 99);
  // The fourth machine has no readable price, unless the options set one.
  const unpriced = quirks && index === 3 && given.totalPriceUsd === undefined && given.priceWeiPerHour === undefined;
  const price = priceOf(given, scaledUsd, context);
  const blender =
    service === 'mr' && model?.vendor === 'nvidia' ? { blender_cuda_score: model.score * count + 0.25 } : {};
  const { node_id } = given;
  const wire = {
    node_id,
    ...placeFields(place),
    ...hostFields(given, cpu, random),
    ...gpuFields(model, count, context),
    ...blender,
    net_down_mbits: bandwidth(random, context),
    net_up_mbits: bandwidth(random, context),
    ...priceFields(unpriced ? { ...price, usd: null } : price, context),
    reliability: reliability(random, given.stability),
    // An unknown field, because clients must accept new fields.
    ...(quirks && service === 'mr' ? { zz_new_field: random.hex(8) } : {}),
    ...given.fields,
  };
  const { wei: priceWeiPerHour } = price;
  return { nodeId: node_id, service, place, priceWeiPerHour, readyAfterMs: given.readyAfterMs, wire };
}

interface MachineContext extends CatalogueContext {
  readonly service: 'mr' | 'render';
}

/** Each purpose has its own range of numbers, so that seeded numbers do not collide. */
function initsFor<Init extends RentableInit>(
  population: Population<Init>,
  firstId: number,
  random: Random,
): readonly (Init | { readonly node_id: number })[] {
  if (typeof population !== 'number') return population;
  let next = firstId;
  return Array.from({ length: population }, () => {
    next += random.integer(1, 9);
    return { node_id: next };
  });
}

/** The machines of one catalogue. */
export function machinesFor(population: Population<MachineInit>, context: MachineContext): NodeRecord[] {
  const ids = context.random.fork('ids');
  const firstId = context.service === 'mr' ? 8000 : 200_000;
  return initsFor(population, firstId, ids).map((init, index) => {
    // Each machine has its own random stream, so that options of one machine do not change the others.
    return machine(init, index, { ...context, random: context.random.fork(String(index)) });
  });
}

function relay(given: Partial<RelayInit> & { node_id: number }, index: number, context: CatalogueContext): NodeRecord {
  const { random, marketPrice, quirks } = context;
  const place = placeFor(given, random.pick(places));
  const measured = !quirks || index !== 0;
  const traffic = random.decimal(0.01, 0.2, 16);
  const { node_id } = given;
  const wire = {
    node_id,
    ...placeFields(place),
    latitude: place.latitude,
    longitude: place.longitude,
    residential: given.residential ?? random.chance(0.3),
    net_down_mbits: measured ? bandwidth(random, context) : 0,
    net_up_mbits: measured ? bandwidth(random, context) : 0,
    traffic_price_usd: traffic * marketPrice,
    traffic_price_ether: traffic,
    ...given.fields,
  };
  const priceWeiPerHour = given.priceWeiPerHour ?? exactWei(random.decimal(0.01, 0.05, 6), random);
  return { nodeId: node_id, service: 'vpn', place, priceWeiPerHour, readyAfterMs: given.readyAfterMs, wire };
}

/** The relays of one catalogue. */
export function relaysFor(population: Population<RelayInit>, context: CatalogueContext): NodeRecord[] {
  return initsFor(population, 400_000, context.random.fork('ids')).map((init, index) =>
    relay(init, index, { ...context, random: context.random.fork(String(index)) }),
  );
}
