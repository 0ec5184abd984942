/** Selects entries of a catalogue, in normalised units. */
import type { VpnNode } from '../../../generated/models.ts';
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
import { countryKey } from '../../country.ts';
import type { FailedRequest } from '../../errors/errors.ts';
import { readable, usdPerHour } from '../../prices.ts';
import { checkFields, machineFields, relayFields } from './catalogue-fields.ts';
import type { FindMachinesOptions, FindRelaysOptions, MachineSort, RelaySort } from './find-options.ts';
import { modelMatcher, saysModel } from './gpu-model.ts';
import { knownGpus, type Machine } from './machine-facts.ts';

const amount = /* @__PURE__ */ numberFrom(0, 'a number, 0 or more');

/** The value to compare or sort an entry by; undefined if the entry does not have it. */
type Measure<Item> = (item: Item) => number | undefined;

/** Bandwidth; 0 means that it was not measured. */
function measured(mbits: number | undefined): number | undefined {
  return mbits === undefined || mbits <= 0 ? undefined : mbits;
}

function vramOf(machine: Machine): number | undefined {
  const known = (knownGpus(machine) ?? []).flatMap(({ mem_total_mb }) => mem_total_mb ?? []);
  return known.length === 0 ? undefined : Math.max(...known);
}

const machineMeasures = {
  price: usdPerHour,
  gpus: (machine) => knownGpus(machine)?.length,
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

function modelText(value: unknown): string | undefined {
  return someText(value) ?? (saysModel(String(value)) ? undefined : 'a name with letters or digits, such as RTX 4090');
}

const machineChecks = {
  ...requestChecks,
  gpu: modelText,
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

/** Throws OctaConfigurationError if a criterion is unknown or wrong. */
export function checkMachineCriteria(criteria: FindMachinesOptions = {}): void {
  checkAll(criteria, machineChecks, 'criteria of find');
}

/** Throws OctaConfigurationError if a criterion is unknown or wrong. */
export function checkRelayCriteria(criteria: FindRelaysOptions = {}): void {
  checkAll(criteria, relayChecks, 'criteria of find');
}

function atLeast(value: number | undefined, least: number | undefined): boolean {
  return least === undefined || (value !== undefined && value >= least);
}

function atMost(value: number | undefined, most: number | undefined): boolean {
  return most === undefined || (value !== undefined && value <= most);
}

/** Returns a function that tells whether a place is in a country. */
function placeMatcher(
  wanted: string | undefined,
): (place: { readonly country?: string; readonly country_iso?: string }) => boolean {
  if (wanted === undefined) return () => true;
  const key = countryKey(wanted);
  return (place) => [place.country_iso, place.country].some((text) => text !== undefined && countryKey(text) === key);
}

/** Returns a function that tells whether a machine has enough GPUs of the requested kind. */
function gpuMatcher({ gpu, minVramMb, minGpus }: FindMachinesOptions): (machine: Machine) => boolean {
  const least = minGpus ?? (gpu === undefined && minVramMb === undefined ? 0 : 1);
  const isModel = gpu === undefined ? () => true : modelMatcher(gpu);
  return (machine) => {
    const kind = knownGpus(machine)?.filter(
      ({ model = '', mem_total_mb }) => isModel(model) && atLeast(mem_total_mb, minVramMb),
    );
    return (kind?.length ?? 0) >= least;
  };
}

/** Sorts by a measure. Entries without it come last; equal entries keep their order. */
function sorted<Item>(items: readonly Item[], measure: Measure<Item>, ascending: boolean): Item[] {
  const last = ascending ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  const ranked = items.map((item) => ({ item, value: measure(item) ?? last }));
  const order = ascending ? 1 : -1;
  return ranked
    .sort((left, right) => (left.value === right.value ? 0 : left.value < right.value ? -order : order))
    .map(({ item }) => item);
}

/** Machines that meet the criteria, in order. Throws OctaResponseError if a criterion needs a field that none of them has. */
export function findMachines<Found extends Machine>(
  machines: readonly Found[],
  criteria: FindMachinesOptions,
  request?: FailedRequest,
): Found[] {
  checkFields(machineFields, { items: machines, criteria, request });
  const { sort = 'price' } = criteria;
  const [hasGpus, isThere] = [gpuMatcher(criteria), placeMatcher(criteria.country)];
  const suitable = machines.filter(
    (machine) =>
      hasGpus(machine) &&
      isThere(machine) &&
      atLeast(machine.cpu_cores, criteria.minCpuCores) &&
      atLeast(machine.total_memory, criteria.minMemoryBytes) &&
      atLeast(machine.free_disk, criteria.minDiskBytes) &&
      atLeast(machine.reliability?.stability, criteria.minStability) &&
      atMost(usdPerHour(machine), criteria.maxUsdPerHour),
  );
  return sorted<Found>(suitable, machineMeasures[sort], sort === 'price');
}

/** Relays that meet the criteria, in order. Throws OctaResponseError if a criterion needs a field that none of them has. */
export function findRelays(
  relays: readonly VpnNode[],
  criteria: FindRelaysOptions,
  request?: FailedRequest,
): VpnNode[] {
  checkFields(relayFields, { items: relays, criteria, request });
  const { residential, maxUsdPerGb, minDownMbits, minUpMbits, sort = 'price' } = criteria;
  const isThere = placeMatcher(criteria.country);
  const suitable = relays.filter(
    (relay) =>
      isThere(relay) &&
      (residential === undefined || relay.residential === residential) &&
      atMost(relayMeasures.price(relay), maxUsdPerGb) &&
      atLeast(relayMeasures.download(relay), minDownMbits) &&
      atLeast(relayMeasures.upload(relay), minUpMbits),
  );
  return sorted(suitable, relayMeasures[sort], sort === 'price');
}
