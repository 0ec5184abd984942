/** Choosing from a catalogue, in normalised units. */
import type { MrMachine, RenderMachine, VpnNode } from '../../../generated/models.ts';
import {
  aBoolean,
  type Checks,
  checkAll,
  numberFrom,
  oneOf,
  requestChecks,
  someText,
  wholeNumber,
} from '../../core/checks.ts';
import type { RequestOptions } from '../../core/option-types.ts';

/** What machines are sorted by: `price` from the lowest, everything else from the highest. */
export type MachineSort = 'price' | 'gpus' | 'vram' | 'cpu' | 'memory' | 'disk' | 'download' | 'upload' | 'stability';

/** What a machine must have. A machine that does not say what is asked for does not have it. */
export interface FindMachinesOptions extends RequestOptions {
  /** Part of the name of a GPU model, such as `4090`, in any case. */
  readonly gpu?: string | undefined;
  /** How many GPUs it has; with `gpu` or `minVramMb`, how many of that kind. Unit: count. */
  readonly minGpus?: number | undefined;
  /** Video memory of a single GPU. Unit: MB. */
  readonly minVramMb?: number | undefined;
  /** CPU cores. Unit: count. */
  readonly minCpuCores?: number | undefined;
  /** Memory. Unit: bytes. */
  readonly minMemoryBytes?: number | undefined;
  /** Free disk space. Unit: bytes. */
  readonly minDiskBytes?: number | undefined;
  /** Where it is: a two-letter code such as `DE`, or the name of the country. */
  readonly country?: string | undefined;
  /** Highest price; machines without a readable price are left out. Unit: USD per hour. */
  readonly maxUsdPerHour?: number | undefined;
  /** Share of sessions that ended normally. Unit: percent. */
  readonly minStability?: number | undefined;
  /** Order of the result; what does not have the property comes last. Default `price`. */
  readonly sort?: MachineSort | undefined;
}

/** What relays are sorted by: `price` from the lowest, bandwidth from the highest. */
export type RelaySort = 'price' | 'download' | 'upload';

/** What a relay must have. */
export interface FindRelaysOptions extends RequestOptions {
  /** Where it is: a two-letter code such as `DE`, or the name of the country. */
  readonly country?: string | undefined;
  /** Whether its address belongs to a home connection. Left out: either. */
  readonly residential?: boolean | undefined;
  /** Highest price of traffic; relays without a readable price are left out. Unit: USD per GB. */
  readonly maxUsdPerGb?: number | undefined;
  /** Download bandwidth; relays that were not measured are left out. Unit: Mbit/s. */
  readonly minDownMbits?: number | undefined;
  /** Upload bandwidth; relays that were not measured are left out. Unit: Mbit/s. */
  readonly minUpMbits?: number | undefined;
  /** Order of the result; what does not have the property comes last. Default `price`. */
  readonly sort?: RelaySort | undefined;
}

const amount = /* @__PURE__ */ numberFrom(0, 'a number, 0 or more');

type Machine = MrMachine | RenderMachine;
/** What a record is measured by; undefined when it does not say. */
type Measure<Item> = (item: Item) => number | undefined;

function readable(price: number | undefined): number | undefined {
  return price !== undefined && Number.isFinite(price) && price >= 0 ? price : undefined;
}

/** Bandwidth; 0 means that it was not measured. */
function measured(mbits: number | undefined): number | undefined {
  return mbits === undefined || mbits <= 0 ? undefined : mbits;
}

function vramOf({ gpus }: Machine): number | undefined {
  const known = gpus.flatMap(({ mem_total_mb }) => mem_total_mb ?? []);
  return known.length === 0 ? undefined : Math.max(...known);
}

const machineMeasures = {
  price: ({ total_price_usd }) => readable(total_price_usd),
  gpus: ({ gpus }) => gpus.length,
  vram: vramOf,
  cpu: ({ cpu_cores }) => cpu_cores,
  memory: ({ total_memory }) => total_memory,
  disk: ({ free_disk }) => free_disk,
  download: ({ net_down_mbits }) => measured(net_down_mbits),
  upload: ({ net_up_mbits }) => measured(net_up_mbits),
  stability: ({ reliability }) => reliability?.stability,
} satisfies Record<MachineSort, Measure<Machine>>;

const relayMeasures = {
  price: ({ traffic_price_usd }) => readable(traffic_price_usd),
  download: ({ net_down_mbits }) => measured(net_down_mbits),
  upload: ({ net_up_mbits }) => measured(net_up_mbits),
} satisfies Record<RelaySort, Measure<VpnNode>>;

const machineChecks = {
  ...requestChecks,
  gpu: someText,
  minGpus: wholeNumber,
  minVramMb: amount,
  minCpuCores: amount,
  minMemoryBytes: amount,
  minDiskBytes: amount,
  country: someText,
  maxUsdPerHour: amount,
  minStability: amount,
  sort: oneOf(Object.keys(machineMeasures)),
} satisfies Checks<FindMachinesOptions>;

const relayChecks = {
  ...requestChecks,
  country: someText,
  residential: aBoolean,
  maxUsdPerGb: amount,
  minDownMbits: amount,
  minUpMbits: amount,
  sort: oneOf(Object.keys(relayMeasures)),
} satisfies Checks<FindRelaysOptions>;

/** Throws OctaConfigurationError for criteria that are not any. */
export function checkMachineCriteria(criteria: FindMachinesOptions): void {
  checkAll(criteria, machineChecks, 'criteria of find');
}

/** Throws OctaConfigurationError for criteria that are not any. */
export function checkRelayCriteria(criteria: FindRelaysOptions): void {
  checkAll(criteria, relayChecks, 'criteria of find');
}

function atLeast(value: number | undefined, least: number | undefined): boolean {
  return least === undefined || (value !== undefined && value >= least);
}

function atMost(value: number | undefined, most: number | undefined): boolean {
  return most === undefined || (value !== undefined && value <= most);
}

function isIn(
  { country, country_iso }: { readonly country?: string; readonly country_iso?: string },
  wanted: string | undefined,
): boolean {
  if (wanted === undefined) return true;
  const name = wanted.trim().toLowerCase();
  return country_iso?.toLowerCase() === name || country?.toLowerCase() === name;
}

/** How many GPUs are of the kind that is asked for. */
function gpusOfKind({ gpus }: Machine, { gpu = '', minVramMb }: FindMachinesOptions): number {
  const name = gpu.trim().toLowerCase();
  return gpus.filter(
    ({ model, mem_total_mb }) => (model ?? '').toLowerCase().includes(name) && atLeast(mem_total_mb, minVramMb),
  ).length;
}

function hasGpus(machine: Machine, criteria: FindMachinesOptions): boolean {
  const { gpu, minVramMb, minGpus = gpu === undefined && minVramMb === undefined ? 0 : 1 } = criteria;
  return gpusOfKind(machine, criteria) >= minGpus;
}

function suits(machine: Machine, criteria: FindMachinesOptions): boolean {
  return (
    hasGpus(machine, criteria) &&
    isIn(machine, criteria.country) &&
    atLeast(machine.cpu_cores, criteria.minCpuCores) &&
    atLeast(machine.total_memory, criteria.minMemoryBytes) &&
    atLeast(machine.free_disk, criteria.minDiskBytes) &&
    atLeast(machine.reliability?.stability, criteria.minStability) &&
    atMost(machineMeasures.price(machine), criteria.maxUsdPerHour)
  );
}

/** Sorted by a measure; records without it come last, and those alike stay in their order. */
function sorted<Item>(items: readonly Item[], measure: Measure<Item>, ascending: boolean): Item[] {
  const last = ascending ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  const ranked = items.map((item) => ({ item, value: measure(item) ?? last }));
  const order = ascending ? 1 : -1;
  return ranked
    .sort((left, right) => (left.value === right.value ? 0 : left.value < right.value ? -order : order))
    .map(({ item }) => item);
}

/** Machines that meet the criteria, in order. */
export function findMachines<Found extends Machine>(
  machines: readonly Found[],
  criteria: FindMachinesOptions,
): Found[] {
  const { sort = 'price' } = criteria;
  const suitable = machines.filter((machine) => suits(machine, criteria));
  return sorted<Found>(suitable, machineMeasures[sort], sort === 'price');
}

/** Relays that meet the criteria, in order. */
export function findRelays(relays: readonly VpnNode[], criteria: FindRelaysOptions): VpnNode[] {
  const { country, residential, maxUsdPerGb, minDownMbits, minUpMbits, sort = 'price' } = criteria;
  const suitable = relays.filter(
    (relay) =>
      isIn(relay, country) &&
      (residential === undefined || relay.residential === residential) &&
      atMost(relayMeasures.price(relay), maxUsdPerGb) &&
      atLeast(relayMeasures.download(relay), minDownMbits) &&
      atLeast(relayMeasures.upload(relay), minUpMbits),
  );
  return sorted(suitable, relayMeasures[sort], sort === 'price');
}
