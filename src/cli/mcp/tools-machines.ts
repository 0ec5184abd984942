/** Tools that find machines and render nodes. */
import { listMrMachines, listRenderMachines } from '../../../generated/operations.ts';
import type { MachineSort, MrMachine, RenderMachine } from '../../index.ts';
import { hintFor, hintSchema, untrustedInHint } from './hints.ts';
import { priceOf, priceSchema } from './prices.ts';
import type { Zod } from './sdk.ts';
import { type Tool, tool } from './tool.ts';
import { known, nameText, rounded } from './values.ts';

const gb = 1_000_000_000;
const sorts = [
  'price',
  'gpus',
  'vram',
  'cpu',
  'memory',
  'disk',
  'download',
  'upload',
  'stability',
] as const satisfies MachineSort[];
const places = ['country', 'city'] as const;

/** How many records a tool returns. */
export function limitInput(z: Zod) {
  return z.number().int().min(1).max(50).optional().describe('How many to return. Default 10.');
}

/** Description of a country argument. */
export const countryText = 'Two-letter code such as DE, or English name of the country.';

/** Criteria of both kinds of machines. */
function machineInput(z: Zod) {
  const atLeast = (what: string) => z.number().min(0).optional().describe(what);
  return {
    gpu: z.string().min(1).max(100).optional().describe('Model of the GPU, such as "4090" or "A100 80GB".'),
    min_gpus: z.number().int().min(0).optional().describe('Minimum number of GPUs.'),
    min_vram_gb: atLeast('Memory of a single GPU. Unit: GB (1000 MB).'),
    min_cpu_cores: atLeast('CPU cores.'),
    min_memory_gb: atLeast('Main memory. Unit: GB.'),
    min_disk_gb: atLeast('Free disk space. Unit: GB.'),
    country: z.string().min(1).max(100).optional().describe(countryText),
    max_usd_per_hour: atLeast('Highest price of the whole machine. Unit: USD per hour.'),
    min_stability: atLeast('Share of its sessions that ended normally. Unit: percent.'),
    sort: z
      .enum(sorts)
      .optional()
      .describe('Order: price from the lowest, everything else from the highest. Default price.'),
    limit: limitInput(z),
  };
}

interface MachineCriteria {
  readonly gpu?: string | undefined;
  readonly min_gpus?: number | undefined;
  readonly min_vram_gb?: number | undefined;
  readonly min_cpu_cores?: number | undefined;
  readonly min_memory_gb?: number | undefined;
  readonly min_disk_gb?: number | undefined;
  readonly country?: string | undefined;
  readonly max_usd_per_hour?: number | undefined;
  readonly min_stability?: number | undefined;
  readonly sort?: (typeof sorts)[number] | undefined;
}

function times(value: number | undefined, factor: number): number | undefined {
  return value === undefined ? undefined : value * factor;
}

function criteriaOf(given: MachineCriteria, signal: AbortSignal) {
  return {
    gpu: given.gpu,
    minGpus: given.min_gpus,
    minVramMb: times(given.min_vram_gb, 1000),
    minCpuCores: given.min_cpu_cores,
    minMemoryBytes: times(given.min_memory_gb, gb),
    minDiskBytes: times(given.min_disk_gb, gb),
    country: given.country,
    maxUsdPerHour: given.max_usd_per_hour,
    minStability: given.min_stability,
    sort: given.sort,
    signal,
  };
}

function machineSchema(z: Zod) {
  const gpu = z.strictObject({ model: z.string(), count: z.number().int(), vram_gb: z.number().optional() });
  return z.strictObject({
    node_id: z.number().int(),
    country: z.string(),
    city: z.string(),
    gpus: z.array(gpu),
    cpu_cores: z.number().optional(),
    memory_gb: z.number().optional(),
    free_disk_gb: z.number().optional(),
    download_mbits: z.number().optional(),
    upload_mbits: z.number().optional(),
    stability_percent: z.number().optional(),
    price: priceSchema(z, 'without disk and traffic'),
  });
}

/** GPUs by model. */
function gpusOf({ gpus }: MrMachine | RenderMachine) {
  const kinds = new Map<string, { model: string; count: number; vram_gb?: number }>();
  for (const { model, mem_total_mb } of gpus.slice(0, 64)) {
    const kind = kinds.get(`${model} ${mem_total_mb}`);
    if (kind !== undefined) kind.count++;
    else {
      const vram = Number.isFinite(mem_total_mb) ? { vram_gb: rounded(mem_total_mb / 1000, 1) } : {};
      kinds.set(`${model} ${mem_total_mb}`, { model: nameText(model), count: 1, ...vram });
    }
  }
  return [...kinds.values()];
}

function inGb(bytes: number | undefined): number | undefined {
  return bytes === undefined ? undefined : rounded(bytes / gb, 1);
}

function shownMachine(machine: MrMachine | RenderMachine) {
  const { node_id, country, city, cpu_cores, reliability } = machine;
  return known({
    node_id,
    country: nameText(country),
    city: nameText(city),
    gpus: gpusOf(machine),
    cpu_cores,
    memory_gb: inGb(machine.total_memory),
    free_disk_gb: inGb(machine.free_disk),
    download_mbits: machine.net_down_mbits,
    upload_mbits: machine.net_up_mbits,
    stability_percent: reliability?.stability,
    price: priceOf(machine),
  });
}

/** Fields of records whose text the API wrote. */
export function untrustedIn(list: string, ...names: string[]): string[] {
  return [...places, ...names].map((name) => `${list}[].${name}`);
}

function findMachines(z: Zod): Tool {
  return tool(z, {
    name: 'find_machines',
    title: 'Find machines',
    description: 'Finds GPU and CPU machines that can be rented now, by default the cheapest first. Next: quote.',
    operations: [listMrMachines],
    input: machineInput(z),
    output: {
      total: z.number().int().describe('How many meet the criteria.'),
      machines: z.array(machineSchema(z)),
      ...hintSchema(z),
    },
    untrusted: [...untrustedIn('machines', 'gpus[].model'), ...untrustedInHint],
    run: async (given, { client, signal }) => {
      const market = client.services.mr;
      const found = await market.find(criteriaOf(given, signal));
      const hint = found.length > 0 ? {} : await hintFor('machine', given, { market, signal });
      return { total: found.length, machines: found.slice(0, given.limit ?? 10).map(shownMachine), ...hint };
    },
  });
}

function findRenderNodes(z: Zod): Tool {
  return tool(z, {
    name: 'find_render_nodes',
    title: 'Find render nodes',
    description: 'Finds render nodes that can be rented now, by default the cheapest first. Next: quote.',
    operations: [listRenderMachines],
    input: machineInput(z),
    output: {
      total: z.number().int().describe('How many meet the criteria.'),
      render_nodes: z.array(machineSchema(z)),
      ...hintSchema(z),
    },
    untrusted: [...untrustedIn('render_nodes', 'gpus[].model'), ...untrustedInHint],
    run: async (given, { client, signal }) => {
      const market = client.services.render;
      const found = await market.find(criteriaOf(given, signal));
      const hint = found.length > 0 ? {} : await hintFor('render node', given, { market, signal });
      return { total: found.length, render_nodes: found.slice(0, given.limit ?? 10).map(shownMachine), ...hint };
    },
  });
}

/** Tools that find machines and render nodes. */
export function machineTools(z: Zod): Tool[] {
  return [findMachines(z), findRenderNodes(z)];
}
