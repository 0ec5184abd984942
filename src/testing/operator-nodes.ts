/** Nodes of the account as their operator sees them. A node in the list has a different form than a single node. */
import { isRecord } from '../codec/record.ts';
import { countryKey } from '../country.ts';
import { type CatalogueContext, machinesFor, type NodeRecord } from './catalogue.ts';
import type { NodeInit, Population } from './inits.ts';
import { placeFor } from './parts.ts';

/** Prices of a node that its operator sets. Their unit is not known; the integers are kept unchanged. */
export interface OperatorPrices {
  base: bigint;
  storage: bigint;
  traffic: bigint;
}

/** One node of the account. */
export interface OperatorNode {
  readonly id: number;
  readonly state: string;
  /** The machine behind it. */
  readonly machine: NodeRecord;
  readonly prices: OperatorPrices;
  /** Fixed part of the entries. */
  readonly ip: string;
  /** Its uptime when the world began. Unit: ms. */
  readonly uptimeMs: number;
  readonly load: number;
  readonly usedShare: number;
  readonly fields: Readonly<Record<string, unknown>>;
  /** Whether responses to commands have no body. */
  readonly answersEmpty: boolean;
  /** When it was last rebooted; undefined: never. Unit: Unix ms. */
  rebootedAt: number | undefined;
  /** How often it was rebooted. */
  reboots: number;
}

/** The input for an entry besides the node. */
export interface NodeView {
  /** Unit: Unix ms. */
  readonly now: number;
  readonly startedAt: number;
  readonly rented: boolean;
  readonly quirks: boolean;
}

type Fields = Record<string, unknown>;

function operatorNode(
  init: NodeInit,
  machine: NodeRecord,
  { random, quirks }: Pick<CatalogueContext, 'random' | 'quirks'>,
): OperatorNode {
  return {
    id: init.id,
    state: init.state ?? random.pick(['idle', 'idle', 'offline']),
    machine: { ...machine, place: placeFor(init, machine.place) },
    prices: { base: random.digits(17), storage: random.digits(13), traffic: random.digits(13) },
    ip: `203.0.113.${random.integer(1, 254)}`,
    uptimeMs: random.integer(3600, 3_000_000) * 1000,
    load: random.decimal(0, 100, 1),
    usedShare: random.decimal(5, 90, 1),
    fields: init.fields ?? {},
    answersEmpty: quirks && random.fork('answers').chance(0.3),
    rebootedAt: undefined,
    reboots: 0,
  };
}

/** The nodes of the account: the first machines of the catalogue, or those in the option. */
export function nodesFor(
  population: Population<NodeInit>,
  machines: readonly NodeRecord[],
  context: CatalogueContext,
): OperatorNode[] {
  const { random } = context;
  const inits =
    typeof population === 'number'
      ? Array.from({ length: population }, (_, index) => ({ id: machines[index]?.nodeId ?? 600_001 + index }))
      : population;
  return inits.flatMap((init) => {
    const own = { ...context, random: random.fork(String(init.id)), service: 'mr' as const };
    const known = machines.find(({ nodeId }) => nodeId === init.id);
    const [machine] = known === undefined ? machinesFor([{ node_id: init.id }], own) : [known];
    return machine === undefined ? [] : [operatorNode(init, machine, { ...own, random: own.random.fork('operator') })];
  });
}

function uptimeSeconds(node: OperatorNode, { now, startedAt }: NodeView): number {
  const upSince = node.rebootedAt ?? startedAt - node.uptimeMs;
  return Math.floor((now - upSince) / 1000);
}

function gpusOf({ machine }: OperatorNode): Fields[] {
  const gpus: unknown = machine.wire.gpus;
  if (!Array.isArray(gpus)) return [];
  return gpus.filter(isRecord).map((gpu, idx) => {
    // Nodes report no further fields for AMD GPUs.
    if (String(gpu.model).startsWith('AMD')) return { ...gpu, idx };
    return {
      ...gpu,
      idx,
      bus_id: `00000000:${(idx + 1).toString(16).padStart(2, '0')}:00.0`,
      mem_free_mb: Number(gpu.mem_total_mb) - 487,
      pcie_link_gen: 4,
      pcie_link_width: 16,
      gpu_utilization: 0,
      mem_utilization: 0,
      gpu_temperature: 34,
      fan_speed: 30,
      power_limit_watt: 400.5,
      power_limit_default_watt: 450,
      pstate: 'P8',
    };
  });
}

function disk({ machine, usedShare }: OperatorNode): { free: number; size: number; used_percent: number } {
  const free = Number(machine.wire.free_disk);
  return { free, size: Math.round(free / (1 - usedShare / 100)), used_percent: usedShare };
}

function stateOf(node: OperatorNode, { rented, quirks }: NodeView): string {
  if (rented) return 'busy';
  // The list leaves the state of such nodes empty.
  return node.state === 'offline' && quirks ? '' : node.state;
}

/** The entry of a node in the list. */
export function listedNode(node: OperatorNode, view: NodeView): Fields {
  const { wire, place } = node.machine;
  const size = Number(wire.total_memory);
  return {
    id: node.id,
    ip: node.ip,
    state: stateOf(node, view),
    osn: '0.0.73',
    uptime: uptimeSeconds(node, view),
    vrf_dt: new Date(view.startedAt - 3_600_000).toISOString(),
    location: { city: place.city, country: place.country, latitude: place.latitude, longitude: place.longitude },
    prices: { ...node.prices, base: view.quirks ? String(node.prices.base) : node.prices.base },
    system: {
      arch: wire.arch,
      cpu_cores: wire.cpu_cores,
      cpu_load_percent: node.load,
      cpu_model_name: wire.cpu_model_name,
      os_version: wire.os_version,
      disk: disk(node),
      memory: { free: Math.floor(size * 0.9), size },
      gpus: gpusOf(node),
    },
    ...node.fields,
  };
}

function detailedData(node: OperatorNode, view: NodeView): Fields {
  const { wire } = node.machine;
  const size = Number(wire.total_memory);
  return {
    arch: wire.arch,
    cpu_cores: wire.cpu_cores,
    cpu_load_percent: node.load,
    cpu_model_name: wire.cpu_model_name,
    cpu_vendor_id: wire.cpu_vendor_id,
    cuda_version: wire.cuda_version,
    os_version: wire.os_version,
    kernel_version: '5.15.0-105-generic',
    linux_distro: 'ubuntu',
    linux_release: '22.04',
    version: '0.0.73',
    virt: wire.virt,
    is_hive_os: wire.is_hive_os,
    is_wsl: wire.is_wsl,
    gpu_vendor: wire.gpu_vendor ?? '',
    gpu_driver_version: '570.86.16',
    gpu_pt: wire.gpu_pt,
    gpus: gpusOf(node),
    disk: disk(node),
    memory: {
      total_memory: size,
      free_memory: Math.floor(size * 0.7),
      available_memory: Math.floor(size * 0.9),
      cached_memory: Math.floor(size * 0.2),
      buffered_memory: Math.floor(size * 0.01),
      total_swap: 8_589_934_592,
      free_swap: 8_589_934_592,
    },
    uptime: uptimeSeconds(node, view),
  };
}

/** One node in detail, which has a different form. */
export function detailedNode(node: OperatorNode, view: NodeView): Fields {
  const { place, wire } = node.machine;
  return {
    id: node.id,
    state: stateOf(node, { ...view, quirks: false }),
    ip: node.ip,
    vrf_dt: new Date(view.startedAt - 3_600_000).toISOString(),
    features: wire.features,
    location: {
      city: place.city,
      country: place.country,
      latitude: place.latitude,
      longitude: place.longitude,
      isocode: place.country_iso,
      continent: place.continent,
      continentcode: place.continentcode,
      hostname: `node-${node.id}.example.net`,
      ip: node.ip,
      organisation: 'Example Hosting',
      provider: 'Example Hosting',
      type: 'Hosting',
      proxy: 'no',
      risk: 0,
      devices: { address: 1, subnet: 12 },
    },
    reliability: wire.reliability,
    data: detailedData(node, view),
  };
}

/** Whether a node is in a country, given by its code or its name. */
export function isInCountry({ machine }: OperatorNode, country: string): boolean {
  const { country_iso, country: name } = machine.place;
  return [country_iso, name].some((text) => countryKey(text) === countryKey(country));
}
