import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type FindMachinesOptions,
  type FindRelaysOptions,
  type MachineSort,
  type MrMachine,
  OctaAbortError,
  type OctaClient,
  OctaConfigurationError,
  OctaResponseError,
  type RelaySort,
  type VpnNode,
} from '../../../../src/index.ts';
import { findMachines, findRelays } from '../../../../src/resources/services/find.ts';
import { failure } from '../../../support/failure.ts';
import { jsonAnswer, recordingClient } from '../../../support/recording.ts';
import { expectRequest, type Row } from '../rows.ts';

const runs = { seed: 20_261_122, numRuns: 500 };

/** A machine that has only the given fields. */
function machine(node_id: number, fields: Partial<MrMachine> = {}): MrMachine {
  const bare: Partial<MrMachine> = { node_id, gpus: [], ...fields };
  // The decoder omits fields that the API does not send, even required ones.
  return bare as MrMachine;
}

/** A relay that has only the given fields. */
function relay(node_id: number, fields: Partial<VpnNode> = {}): VpnNode {
  return { node_id, ...fields } as VpnNode;
}

/** GPUs of one model and memory size. */
function gpus(count: number, model: string | undefined, mem_total_mb?: number): MrMachine['gpus'] {
  return Array.from({ length: count }, () => ({ model, mem_total_mb }) as MrMachine['gpus'][number]);
}

function idsOf(items: readonly { readonly node_id: number }[]): number[] {
  return items.map(({ node_id }) => node_id);
}

const rtx4090 = 'NVIDIA GeForce RTX 4090';
const rtx3090 = 'NVIDIA GeForce RTX 3090';

describe('findMachines keeps', () => {
  const table: [title: string, criteria: FindMachinesOptions, machines: Partial<MrMachine>[], kept: number[]][] = [
    ['everything without criteria', {}, [{}, { total_price_usd: 1 }], [1, 0]],
    ['nothing of an empty catalogue', { minGpus: 0 }, [], []],
    [
      'a GPU model, in any letter case and with spaces around it',
      { gpu: ' rtx 4090 ' },
      [{ gpus: gpus(1, rtx4090) }, { gpus: gpus(1, rtx3090) }, { gpus: gpus(1, undefined) }, {}],
      [0],
    ],
    [
      'a machine with one GPU of that model',
      { gpu: '4090' },
      [{ gpus: [...gpus(1, rtx3090), ...gpus(1, rtx4090)] }, { gpus: gpus(2, rtx3090) }],
      [0],
    ],
    [
      'at least minGpus GPUs',
      { minGpus: 2 },
      [{ gpus: gpus(1, 'a') }, { gpus: gpus(2, 'a') }, { gpus: [...gpus(2, 'a'), ...gpus(1, 'b')] }, {}],
      [1, 2],
    ],
    ['any machine if minGpus is 0', { minGpus: 0 }, [{}, { gpus: gpus(1, 'a') }], [0, 1]],
    [
      'minGpus GPUs of the kind, not in total',
      { gpu: '4090', minGpus: 2 },
      [{ gpus: [...gpus(1, rtx4090), ...gpus(3, rtx3090)] }, { gpus: [...gpus(1, rtx3090), ...gpus(2, rtx4090)] }],
      [1],
    ],
    [
      'memory of a single GPU, not of all together',
      { minVramMb: 24_576 },
      [
        { gpus: gpus(1, 'a', 24_575) },
        { gpus: gpus(1, 'a', 24_576) },
        { gpus: gpus(2, 'a', 12_288) },
        { gpus: [...gpus(1, 'a', 1), ...gpus(1, 'a', 24_577)] },
        { gpus: gpus(1, 'a') },
        {},
      ],
      [1, 3],
    ],
    [
      'GPUs with known memory, if minVramMb is 0',
      { minVramMb: 0 },
      [{ gpus: gpus(1, 'a') }, { gpus: gpus(1, 'a', 0) }],
      [1],
    ],
    [
      'a model and memory of the same GPU',
      { gpu: '4090', minVramMb: 20_000 },
      [{ gpus: [...gpus(1, rtx4090, 10_000), ...gpus(1, rtx3090, 24_000)] }, { gpus: gpus(1, rtx4090, 20_000) }],
      [1],
    ],
    [
      'a GPU whose model is only in the older field',
      { gpu: 'A6000' },
      [
        { gpu: 'NVIDIA RTX A6000' },
        { gpu: { nvidia: [{ model: 'NVIDIA RTX A6000', mem_total_mb: 49_140 }], amd: [] } },
        { gpu: 'NVIDIA RTX A4000' },
        { gpus: gpus(1, rtx3090), gpu: 'NVIDIA RTX A6000' },
        // The decoder does not check this field, so it may be anything.
        { gpu: { nvidia: [null, 'NVIDIA RTX A6000', { model: 6000 }] } as never },
        { gpu: null as never },
        {},
      ],
      [0, 1],
    ],
    ['at least one GPU if a model is known', { minGpus: 1 }, [{ gpu: 'NVIDIA RTX A6000' }, {}, { gpu: '' }], [0]],
    ['cores', { minCpuCores: 8 }, [{ cpu_cores: 7 }, { cpu_cores: 8 }, { cpu_cores: 9 }, {}], [1, 2]],
    ['memory', { minMemoryBytes: 64 }, [{ total_memory: 63 }, { total_memory: 64 }, {}], [1]],
    ['disk space', { minDiskBytes: 64 }, [{ free_disk: 63 }, { free_disk: 64 }, {}], [1]],
    ['known disk space, if minDiskBytes is 0', { minDiskBytes: 0 }, [{ free_disk: 0 }, {}], [0]],
    [
      'a country by its code or its name, in any letter case',
      { country: ' de ' },
      [
        { country: 'Germany', country_iso: 'DE' },
        { country: 'de' },
        { country: 'Denmark', country_iso: 'DK' },
        { country: 'Bundesrepublik de' },
        {},
      ],
      [0, 1],
    ],
    [
      'a country by its full name',
      { country: 'united STATES' },
      [{ country: 'United States', country_iso: 'US' }, { country: 'United States Minor Outlying Islands' }],
      [0],
    ],
    [
      'a readable price up to the limit',
      { maxUsdPerHour: 0.5 },
      [
        { total_price_usd: 0.51 },
        { total_price_usd: 0.5 },
        { total_price_usd: 0 },
        { total_price_usd: Number.NaN },
        { total_price_usd: -1 },
        { total_price_usd: Number.NEGATIVE_INFINITY },
        { total_price_usd: Number.POSITIVE_INFINITY },
        {},
      ],
      [2, 1],
    ],
    [
      'a base price if there is no total price',
      { maxUsdPerHour: 0.34 },
      [
        { base_usd: 3_400 },
        { base_usd: 3_401 },
        { total_price_usd: 0.3, base_usd: 9_000 },
        { total_price_usd: 0.4, base_usd: 1_000 },
        { base_usd: -1 },
        { total_price_usd: Number.NaN, base_usd: 1_000 },
      ],
      [5, 2, 0],
    ],
    [
      'free machines, if maxUsdPerHour is 0',
      { maxUsdPerHour: 0 },
      [{ total_price_usd: 0.001 }, { total_price_usd: 0 }, {}],
      [1],
    ],
    [
      'stability',
      { minStability: 95 },
      [{ reliability: { stability: 94.9 } }, { reliability: { stability: 95 } }, { reliability: { uptime: 99 } }, {}],
      [1],
    ],
    [
      'only machines that meet all criteria',
      { gpu: '4090', country: 'DE', minCpuCores: 8 },
      [
        { gpus: gpus(1, rtx4090), country_iso: 'DE', cpu_cores: 8 },
        { gpus: gpus(1, rtx3090), country_iso: 'DE', cpu_cores: 8 },
        { gpus: gpus(1, rtx4090), country_iso: 'FR', cpu_cores: 8 },
        { gpus: gpus(1, rtx4090), country_iso: 'DE', cpu_cores: 4 },
      ],
      [0],
    ],
    [
      'all machines if criteria are undefined',
      { gpu: undefined, minGpus: undefined, country: undefined, maxUsdPerHour: undefined, sort: undefined },
      [{ total_price_usd: 2 }, { total_price_usd: 1 }],
      [1, 0],
    ],
  ];
  test.each(table)('%s', (_, criteria, machines, kept) => {
    const given = machines.map((fields, index) => machine(index, fields));
    expect(idsOf(findMachines(given, criteria))).toEqual(kept);
    expect(idsOf(given)).toEqual([...given.keys()]);
  });
});

describe('find throws for a criterion whose field no entry of the catalogue has', () => {
  const gpu = 'NVIDIA RTX A6000';
  const tables: [
    criteria: FindMachinesOptions,
    without: Partial<MrMachine>[],
    fields: string,
    told: Partial<MrMachine>,
  ][] = [
    [{ gpu: '4090' }, [{ gpus: gpus(1, undefined) }, {}], 'gpus or gpu', { gpu }],
    [{ minGpus: 2 }, [{ gpu }], 'gpus', { gpus: gpus(1, gpu) }],
    [{ minVramMb: 1 }, [{ gpu }, {}], 'gpus.mem_total_mb', { gpus: gpus(1, gpu, 0) }],
    [{ minCpuCores: 1 }, [{ total_memory: 1 }], 'cpu_cores', { cpu_cores: 0 }],
    [{ minMemoryBytes: 1 }, [{ cpu_cores: 1 }], 'total_memory', { total_memory: 0 }],
    [{ minDiskBytes: 1 }, [{}], 'free_disk', { free_disk: 0 }],
    [{ country: 'DE' }, [{ city: 'Berlin' }, { country: '' }], 'country or country_iso', { country: 'France' }],
    [{ maxUsdPerHour: 1 }, [{ traffic_usd: 1 }], 'total_price_usd or base_usd', { base_usd: 90_000 }],
    [
      { minStability: 1 },
      [{ reliability: { uptime: 1 } }, {}],
      'reliability.stability',
      { reliability: { stability: 0 } },
    ],
  ];
  test.each(tables)('%o', (criteria, without, fields, told) => {
    const [name] = Object.keys(criteria);
    const machines = without.map((each, index) => machine(index, each));
    const find = () => findMachines(machines, criteria);
    expect(find).toThrow(OctaResponseError);
    expect(find).toThrow(`find cannot apply ${name}: no entry of the catalogue has ${fields}`);
    expect(findMachines([...machines, machine(9, told)], criteria)).toEqual([]);
    expect(findMachines([], criteria)).toEqual([]);
  });

  const relays: [criteria: FindRelaysOptions, fields: string, told: Partial<VpnNode>][] = [
    [{ country: 'DE' }, 'country or country_iso', { country_iso: 'FR' }],
    [{ residential: false }, 'residential', { residential: true }],
    [{ maxUsdPerGb: 1 }, 'traffic_price_usd', { traffic_price_usd: 2 }],
    [{ minDownMbits: 1 }, 'net_down_mbits', { net_down_mbits: 0 }],
    [{ minUpMbits: 1 }, 'net_up_mbits', { net_up_mbits: 0 }],
  ];
  test.each(relays)('relays: %o', (criteria, fields, told) => {
    const [name] = Object.keys(criteria);
    const bare = [relay(1), relay(2)];
    expect(() => findRelays(bare, criteria)).toThrow(
      `find cannot apply ${name}: no entry of the catalogue has ${fields}`,
    );
    expect(findRelays([...bare, relay(3, told)], criteria)).toEqual([]);
  });

  test('but not for GPUs if machines have none', () => {
    const none = [machine(1), machine(2, { gpu: { nvidia: [], amd: [] } })];
    for (const criteria of [{ gpu: '4090' }, { minGpus: 2 }, { minVramMb: 1 }]) {
      expect(findMachines(none, criteria)).toEqual([]);
    }
  });

  test('and not for a sort order, or if minGpus is 0', () => {
    const machines = [machine(1, { gpu }), machine(2, { gpu })];
    expect(idsOf(findMachines(machines, { minGpus: 0, sort: 'stability' }))).toEqual([1, 2]);
  });
});

describe('findMachines puts entries without the property last, and keeps the order of equal ones, by', () => {
  const table: [sort: MachineSort, machines: Partial<MrMachine>[], order: number[]][] = [
    [
      'price',
      [
        { total_price_usd: Number.NaN },
        { total_price_usd: 2 },
        {},
        { total_price_usd: 1 },
        { total_price_usd: -5 },
        { total_price_usd: 2 },
        { total_price_usd: Number.POSITIVE_INFINITY },
        { total_price_usd: 0 },
      ],
      [7, 3, 1, 5, 0, 2, 4, 6],
    ],
    [
      'gpus',
      [{}, { gpus: gpus(2, 'a') }, { gpus: gpus(1, 'b') }, { gpus: gpus(2, 'b') }, { gpu: 'c' }],
      [1, 3, 2, 4, 0],
    ],
    ['price', [{ base_usd: 200 }, { total_price_usd: 0.01, base_usd: 300 }, {}, { base_usd: 100 }], [1, 3, 0, 2]],
    [
      'vram',
      [
        {},
        { gpus: gpus(1, 'a') },
        { gpus: gpus(8, 'a', 10) },
        { gpus: [...gpus(1, 'a', 5), ...gpus(1, 'a', 20)] },
        { gpus: [...gpus(1, 'a'), ...gpus(1, 'a', 10)] },
        {},
      ],
      [3, 2, 4, 0, 1, 5],
    ],
    ['cpu', [{}, { cpu_cores: 4 }, { cpu_cores: 8 }, { cpu_cores: 4 }, {}], [2, 1, 3, 0, 4]],
    ['memory', [{ total_memory: 1 }, {}, { total_memory: 2 }], [2, 0, 1]],
    ['disk', [{}, { free_disk: 0 }, { free_disk: 2 }], [2, 1, 0]],
    ['download', [{ net_down_mbits: 0 }, {}, { net_down_mbits: 1 }, { net_down_mbits: 900 }], [3, 2, 0, 1]],
    ['upload', [{ net_up_mbits: 0 }, { net_up_mbits: 1 }, {}, { net_up_mbits: 900 }], [3, 1, 0, 2]],
    [
      'stability',
      [{}, { reliability: { stability: 90 } }, { reliability: {} }, { reliability: { stability: 99 } }],
      [3, 1, 0, 2],
    ],
  ];
  test.each(table)('%s', (sort, machines, order) => {
    const given = machines.map((fields, index) => machine(index, fields));
    expect(idsOf(findMachines(given, { sort }))).toEqual(order);
  });
});

describe('findRelays keeps', () => {
  const table: [title: string, criteria: FindRelaysOptions, relays: Partial<VpnNode>[], kept: number[]][] = [
    ['everything without criteria', {}, [{}, { traffic_price_usd: 1 }], [1, 0]],
    ['a country', { country: 'pl' }, [{ country_iso: 'PL' }, { country: 'Poland' }, {}], [0, 1]],
    ['home connections', { residential: true }, [{ residential: true }, { residential: false }, {}], [0]],
    ['other connections', { residential: false }, [{ residential: true }, { residential: false }, {}], [1]],
    ['either', { residential: undefined }, [{ residential: true }, { residential: false }, {}], [0, 1, 2]],
    [
      'a readable price of traffic up to the limit',
      { maxUsdPerGb: 0.1 },
      [{ traffic_price_usd: 0.11 }, { traffic_price_usd: 0.1 }, { traffic_price_usd: Number.NaN }, {}],
      [1],
    ],
    [
      'download bandwidth that was measured',
      { minDownMbits: 100 },
      [{ net_down_mbits: 99 }, { net_down_mbits: 100 }, { net_down_mbits: 0 }, {}],
      [1],
    ],
    [
      'upload bandwidth that was measured, if minUpMbits is 0',
      { minUpMbits: 0 },
      [{ net_up_mbits: 0.5 }, { net_up_mbits: 0 }, {}],
      [0],
    ],
  ];
  test.each(table)('%s', (_, criteria, relays, kept) => {
    const given = relays.map((fields, index) => relay(index, fields));
    expect(idsOf(findRelays(given, criteria))).toEqual(kept);
    expect(idsOf(given)).toEqual([...given.keys()]);
  });
});

describe('findRelays puts entries without the property last, by', () => {
  const table: [sort: RelaySort, relays: Partial<VpnNode>[], order: number[]][] = [
    ['price', [{ traffic_price_usd: -1 }, { traffic_price_usd: 2 }, {}, { traffic_price_usd: 1 }], [3, 1, 0, 2]],
    ['download', [{ net_down_mbits: 0 }, { net_down_mbits: 1 }, {}, { net_down_mbits: 2 }], [3, 1, 0, 2]],
    ['upload', [{ net_up_mbits: 0 }, { net_up_mbits: 1 }, {}, { net_up_mbits: 2 }], [3, 1, 0, 2]],
  ];
  test.each(table)('%s', (sort, relays, order) => {
    const given = relays.map((fields, index) => relay(index, fields));
    expect(idsOf(findRelays(given, { sort }))).toEqual(order);
  });
});

/** A value that is sometimes missing. */
function maybe<Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> {
  return fc.option(value, { nil: undefined, freq: 3 });
}

const few = fc.integer({ min: 0, max: 4 });
const prices = fc.constantFrom(undefined, Number.NaN, -1, Number.POSITIVE_INFINITY, 0, 1, 2, 3);
const countries = fc.constantFrom('DE', 'FR', 'PL');

const anyMachine: fc.Arbitrary<MrMachine> = fc
  .record({
    gpus: fc.array(fc.record({ model: maybe(fc.constantFrom('RTX 4090', 'RTX 3090')), mem_total_mb: maybe(few) }), {
      maxLength: 3,
    }),
    cpu_cores: maybe(few),
    total_memory: maybe(few),
    free_disk: maybe(few),
    country_iso: maybe(countries),
    total_price_usd: prices,
    reliability: maybe(fc.record({ stability: maybe(few) })),
    net_down_mbits: maybe(few),
    net_up_mbits: maybe(few),
  })
  .map((fields) => fields as unknown as MrMachine);

const machineCriteria = fc.record({
  gpu: maybe(fc.constantFrom('4090', 'rtx')),
  minGpus: maybe(few),
  minVramMb: maybe(few),
  minCpuCores: maybe(few),
  minMemoryBytes: maybe(few),
  minDiskBytes: maybe(few),
  country: maybe(countries),
  maxUsdPerHour: maybe(few),
  minStability: maybe(few),
});

/** A second implementation of whether a machine meets criteria. */
function meets(found: MrMachine, criteria: FindMachinesOptions): boolean {
  const { gpu, minGpus, minVramMb, country, maxUsdPerHour } = criteria;
  let kind = 0;
  for (const { model, mem_total_mb } of found.gpus) {
    const named = gpu === undefined || (typeof model === 'string' && model.toUpperCase().includes(gpu.toUpperCase()));
    const large = minVramMb === undefined || (typeof mem_total_mb === 'number' && mem_total_mb >= minVramMb);
    if (named && large) kind++;
  }
  const wanted = minGpus ?? (gpu === undefined && minVramMb === undefined ? 0 : 1);
  const price = found.total_price_usd;
  const least: [unknown, number | undefined][] = [
    [kind, wanted],
    [found.cpu_cores, criteria.minCpuCores],
    [found.total_memory, criteria.minMemoryBytes],
    [found.free_disk, criteria.minDiskBytes],
    [found.reliability?.stability, criteria.minStability],
  ];
  if (least.some(([has, needs]) => needs !== undefined && !(Number(has) >= needs))) return false;
  if (country !== undefined && found.country_iso !== country) return false;
  return maxUsdPerHour === undefined || [0, 1, 2, 3].some((fair) => fair === price && fair <= maxUsdPerHour);
}

const machineValues: Record<MachineSort, (found: MrMachine) => number | undefined> = {
  price: ({ total_price_usd: usd = -1 }) => (usd >= 0 && usd < 100 ? usd : undefined),
  gpus: (found) => found.gpus.length,
  vram: (found) => {
    const known = found.gpus.flatMap(({ mem_total_mb }) => mem_total_mb ?? []);
    return known.length === 0 ? undefined : Math.max(...known);
  },
  cpu: ({ cpu_cores }) => cpu_cores,
  memory: ({ total_memory }) => total_memory,
  disk: ({ free_disk }) => free_disk,
  download: ({ net_down_mbits }) => net_down_mbits || undefined,
  upload: ({ net_up_mbits }) => net_up_mbits || undefined,
  stability: ({ reliability }) => reliability?.stability,
};

/** Whether `left` may stand before `right`, which comes after it in the catalogue or not. */
function mayPrecede(left: number | undefined, right: number | undefined, ascending: boolean): boolean {
  if (right === undefined) return true;
  return left !== undefined && (ascending ? left <= right : left >= right);
}

function expectSorted<Item>(
  found: readonly Item[],
  given: readonly Item[],
  { measure, ascending }: { measure: (item: Item) => number | undefined; ascending: boolean },
): void {
  for (const [index, item] of found.entries()) {
    const next = found[index + 1];
    if (next === undefined) continue;
    const [value, nextValue] = [measure(item), measure(next)];
    expect(mayPrecede(value, nextValue, ascending)).toBe(true);
    if (value === nextValue) expect(given.indexOf(item)).toBeLessThan(given.indexOf(next));
  }
}

/** A machine with all fields, so that every criterion can be applied. */
const toldMachine = machine(0, {
  ...{ gpus: gpus(1, 'GTX 1060', 0), cpu_cores: 0, total_memory: 0, free_disk: 0, country_iso: 'FR' },
  ...{ total_price_usd: 3, reliability: { stability: 0 } },
});

test('For any catalogue and criteria, find returns exactly the machines that meet them, sorted.', () => {
  const sorts = fc.constantFrom<MachineSort>(...(Object.keys(machineValues) as MachineSort[]));
  fc.assert(
    fc.property(fc.array(anyMachine, { maxLength: 12 }), machineCriteria, sorts, (others, criteria, sort) => {
      const given = [...others, toldMachine];
      const found = findMachines(given, { ...criteria, sort });
      expect(new Set(found)).toEqual(new Set(given.filter((each) => meets(each, criteria))));
      expect(found).toHaveLength(new Set(found).size);
      expectSorted(found, given, { measure: machineValues[sort], ascending: sort === 'price' });
    }),
    runs,
  );
});

test('For any relays and criteria, find returns exactly the relays that meet them, sorted.', () => {
  const anyRelay: fc.Arbitrary<VpnNode> = fc
    .record({
      country_iso: maybe(countries),
      residential: maybe(fc.boolean()),
      traffic_price_usd: prices,
      net_down_mbits: maybe(few),
      net_up_mbits: maybe(few),
    })
    .map((fields) => fields as unknown as VpnNode);
  const criteria = fc.record({
    country: maybe(countries),
    residential: maybe(fc.boolean()),
    maxUsdPerGb: maybe(few),
    minDownMbits: maybe(few),
    minUpMbits: maybe(few),
  });
  const values: Record<RelaySort, (found: VpnNode) => number | undefined> = {
    price: ({ traffic_price_usd: usd = -1 }) => (usd >= 0 && usd < 100 ? usd : undefined),
    download: ({ net_down_mbits }) => net_down_mbits || undefined,
    upload: ({ net_up_mbits }) => net_up_mbits || undefined,
  };
  const meetsThem = (each: VpnNode, asked: FindRelaysOptions): boolean => {
    if (asked.country !== undefined && each.country_iso !== asked.country) return false;
    if (asked.residential !== undefined && each.residential !== asked.residential) return false;
    if (asked.maxUsdPerGb !== undefined && !((values.price(each) ?? 99) <= asked.maxUsdPerGb)) return false;
    if (asked.minDownMbits !== undefined && !((values.download(each) ?? -1) >= asked.minDownMbits)) return false;
    return asked.minUpMbits === undefined || (values.upload(each) ?? -1) >= asked.minUpMbits;
  };
  const sorts = fc.constantFrom<RelaySort>('price', 'download', 'upload');
  fc.assert(
    fc.property(fc.array(anyRelay, { maxLength: 12 }), criteria, sorts, (others, asked, sort) => {
      // One with all fields, so that every criterion can be applied.
      const told = { country_iso: 'FR', residential: true, traffic_price_usd: 3, net_down_mbits: 0, net_up_mbits: 0 };
      const given = [...others, relay(0, told)];
      const found = findRelays(given, { ...asked, sort });
      expect(new Set(found)).toEqual(new Set(given.filter((each) => meetsThem(each, asked))));
      expect(found).toHaveLength(new Set(found).size);
      expectSorted(found, given, { measure: values[sort], ascending: sort === 'price' });
    }),
    runs,
  );
});

describe('find reads the catalogue, and sends only the request options', () => {
  const { signal } = new AbortController();
  const machines: FindMachinesOptions = {
    gpu: '4090',
    minGpus: 1,
    minVramMb: 1,
    minCpuCores: 1,
    minMemoryBytes: 1,
    minDiskBytes: 1,
    country: 'DE',
    maxUsdPerHour: 1,
    minStability: 1,
    sort: 'gpus',
  };
  const relays: FindRelaysOptions = {
    country: 'PL',
    residential: true,
    maxUsdPerGb: 1,
    minDownMbits: 1,
    minUpMbits: 1,
    sort: 'upload',
  };
  const request = { query: { region: 'eu' }, headers: { 'x-team': 'a' }, signal, retries: 0, timeoutMs: 1_000 };
  const rows: readonly Row[] = [
    ['mr.find without criteria', (client) => client.services.mr.find(), 'GET /services/mr'],
    ['mr.find', (client) => client.services.mr.find(machines), 'GET /services/mr'],
    [
      'mr.find with request options',
      (client) => client.services.mr.find({ ...machines, ...request }),
      'GET /services/mr?region=eu',
    ],
    ['render.find', (client) => client.services.render.find(machines), 'GET /services/render'],
    [
      'render.find with request options',
      (client) => client.services.render.find({ ...machines, ...request }),
      'GET /services/render?region=eu',
    ],
    ['vpn.find', (client) => client.services.vpn.find(relays), 'GET /services/vpn'],
    [
      'vpn.find with request options',
      (client) => client.services.vpn.find({ ...relays, ...request }),
      'GET /services/vpn?region=eu',
    ],
  ];
  test.each(rows)('%s', (...row) => expectRequest(row, '[]'));

  test('headers and signal are used', async () => {
    const teams: (string | undefined)[] = [];
    const { client, requests } = recordingClient(() => jsonAnswer('[]'), {
      onRequest: ({ headers }) => void teams.push(headers.get('x-team') ?? undefined),
    });
    await client.services.mr.find({ headers: { 'x-team': 'a' } });
    expect(teams).toEqual(['a']);
    await failure(client.services.vpn.find({ signal: AbortSignal.abort() }), OctaAbortError);
    expect(requests).toHaveLength(1);
  });
});

test('find returns the machines that meet the criteria, decoded, the cheapest first.', async () => {
  const catalogue = `[
    {"node_id":1,"gpus":[{"model":"RTX 4090","mem_total_mb":24564}],"total_price_usd":0.4,"total_price_wei":31428028938060847852},
    {"node_id":2,"gpus":[{"model":"RTX 4090","mem_total_mb":24564}],"total_price_usd":null},
    {"node_id":3,"gpus":[{"model":"RTX 4090","mem_total_mb":24564}],"total_price_usd":0.3},
    {"node_id":4,"total_price_usd":0.1}
  ]`;
  const { client } = recordingClient(() => jsonAnswer(catalogue));
  const { mr, render } = client.services;
  const found = await mr.find({ gpu: '4090' });
  expect(idsOf(found)).toEqual([3, 1, 2]);
  expect(found[1]?.total_price_wei).toBe(31428028938060847852n);
  expect(idsOf(await render.find({ gpu: '4090', maxUsdPerHour: 1 }))).toEqual([3, 1]);
  expect(idsOf(await mr.find())).toEqual([4, 3, 1, 2]);
});

describe('find sends nothing for wrong criteria, and says what is allowed', () => {
  const { client, requests } = recordingClient(() => jsonAnswer('[]'));
  const machineSorts = 'price, gpus, vram, cpu, memory, disk, download, upload, stability';
  const amount = 'allowed: a number, 0 or more';
  const text = 'allowed: a non-empty string';
  const machines: [criteria: unknown, message: string][] = [
    [{ gpu: '' }, `gpu is the string ""; ${text}`],
    [{ gpu: 4090 }, `gpu is 4090; ${text}`],
    [{ gpu: '!?' }, 'gpu is the string "!?"; allowed: a name with letters or digits, such as RTX 4090'],
    [{ minGpus: 1.5 }, 'minGpus is 1.5; allowed: a whole number, 0 or more'],
    [{ minVramMb: -1 }, `minVramMb is -1; ${amount}`],
    [{ minCpuCores: '8' }, `minCpuCores is the string "8"; ${amount}`],
    [{ minMemoryBytes: 1n }, `minMemoryBytes is 1n; ${amount}`],
    [{ minDiskBytes: Number.NaN }, `minDiskBytes is NaN; ${amount}`],
    [{ country: ' ' }, `country is the string " "; ${text}`],
    [{ maxUsdPerHour: Number.POSITIVE_INFINITY }, `maxUsdPerHour is Infinity; ${amount}`],
    [{ minStability: null }, `minStability is null; ${amount}`],
    [{ sort: 'cheapest' }, `sort is the string "cheapest"; allowed: one of ${machineSorts}`],
    [{ sort: 'toString' }, `sort is the string "toString"; allowed: one of ${machineSorts}`],
    [{ maxUsdPerhour: 1 }, 'unknown option "maxUsdPerhour" for find; did you mean maxUsdPerHour?'],
    [{ timeoutMs: -1 }, 'timeoutMs is -1; allowed: a number of milliseconds, 0 or more'],
    [null, 'criteria of find must be an object, but are null'],
    ['4090', 'criteria of find must be an object, but are of type string'],
    [['4090'], 'criteria of find must be an object, but are an array'],
  ];
  const finds: [name: string, find: (criteria: never) => ReturnType<OctaClient['services']['mr']['find']>][] = [
    ['mr', (criteria) => client.services.mr.find(criteria)],
    ['render', (criteria) => client.services.render.find(criteria)],
  ];
  const cases = finds.flatMap(([name, find]) =>
    machines.map(([criteria, message]) => [name, criteria, message, find] as const),
  );
  test.each(cases)('%s: %o', async (_, criteria, message, find) => {
    // What a caller without types may pass.
    const error = await failure(find(criteria as never), OctaConfigurationError);
    expect(error.message).toBe(message);
    expect(requests).toEqual([]);
  });

  const relays: [criteria: unknown, message: string][] = [
    [{ country: 49 }, `country is 49; ${text}`],
    [{ residential: 'yes' }, 'residential is the string "yes"; allowed: true or false'],
    [{ maxUsdPerGb: -0.1 }, `maxUsdPerGb is -0.1; ${amount}`],
    [{ minDownMbits: '1' }, `minDownMbits is the string "1"; ${amount}`],
    [{ minUpMbits: [] }, `minUpMbits is an empty array; ${amount}`],
    [{ sort: 'gpus' }, 'sort is the string "gpus"; allowed: one of price, download, upload'],
    [
      { maxUsdPerHour: 1 },
      'unknown option "maxUsdPerHour" for find; known: signal, timeoutMs, totalTimeoutMs, retries, headers, query, body, country, residential, maxUsdPerGb, minDownMbits, minUpMbits, sort',
    ],
    [null, 'criteria of find must be an object, but are null'],
  ];
  test.each(relays)('vpn: %o', async (criteria, message) => {
    const error = await failure(client.services.vpn.find(criteria as never), OctaConfigurationError);
    expect(error.message).toBe(message);
    expect(requests).toEqual([]);
  });
});
