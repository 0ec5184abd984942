/** The fields of a catalogue that each criterion is compared with. */
import type { VpnNode } from '../../../generated/models.ts';
import type { RequestOptions } from '../../core/option-types.ts';
import { type FailedRequest, OctaResponseError } from '../../errors/errors.ts';
import type { FindMachinesOptions, FindRelaysOptions } from './find-options.ts';
import { knownGpus, listedGpus, type Machine } from './machine-facts.ts';

/** Whether an entry has the field of a criterion; undefined if the field cannot apply, such as a GPU field to a machine without GPUs. */
type Has<Item, Criteria> = (item: Item, criteria: Criteria) => boolean | undefined;
/** The fields of a criterion, and a function that looks for them if their names are not enough. */
type Fields<Item, Criteria> = string | readonly [names: string, has: Has<Item, Criteria>];
type FieldsOf<Item, Criteria> = Readonly<
  Record<Exclude<keyof Criteria, keyof RequestOptions | 'sort'>, Fields<Item, Criteria>>
>;

/** Whether a machine has the field for at least one of its GPUs. */
function ofGpus(field: 'model' | 'mem_total_mb'): Has<Machine, unknown> {
  return (machine) => {
    const gpus = knownGpus(machine) ?? [{}];
    return gpus.length === 0 ? undefined : gpus.some((gpu) => gpu[field] !== undefined);
  };
}

/** A machine that names only a model has at least one GPU; the number of GPUs is unknown. */
function hasCount(machine: Machine, { minGpus = 0 }: FindMachinesOptions): boolean {
  return minGpus === 0 || (minGpus === 1 ? knownGpus : listedGpus)(machine) !== undefined;
}

const place = 'country or country_iso';

/** The field of machines for each criterion. */
export const machineFields: FieldsOf<Machine, FindMachinesOptions> = {
  gpu: ['gpus or gpu', ofGpus('model')],
  minGpus: ['gpus', hasCount],
  minVramMb: ['gpus.mem_total_mb', ofGpus('mem_total_mb')],
  minCpuCores: 'cpu_cores',
  minMemoryBytes: 'total_memory',
  minDiskBytes: 'free_disk',
  country: place,
  maxUsdPerHour: 'total_price_usd or base_usd',
  minStability: ['reliability.stability', ({ reliability }) => reliability?.stability !== undefined],
};

/** The field of relays for each criterion. */
export const relayFields: FieldsOf<VpnNode, FindRelaysOptions> = {
  country: place,
  residential: 'residential',
  maxUsdPerGb: 'traffic_price_usd',
  minDownMbits: 'net_down_mbits',
  minUpMbits: 'net_up_mbits',
};

/** Whether an entry has one of the fields, other than as an empty text. */
function hasOneOf(names: string): Has<object, unknown> {
  return (item) => names.split(' or ').some((name) => ![undefined, ''].includes(Reflect.get(item, name)));
}

/** A catalogue, and the criteria for it. */
interface Asked<Item, Criteria> {
  readonly items: readonly Item[];
  readonly criteria: Criteria;
  readonly request: FailedRequest | undefined;
}

/** Throws OctaResponseError if no entry of the catalogue has the fields of a criterion: an empty list would be misleading. */
export function checkFields<Item extends object, Criteria extends object>(
  fields: Readonly<Record<string, Fields<Item, Criteria>>>,
  { items, criteria, request }: Asked<Item, Criteria>,
): void {
  for (const [name, field] of Object.entries(fields)) {
    if (Reflect.get(criteria, name) === undefined) continue;
    const [names, has] = typeof field === 'string' ? [field, hasOneOf(field)] : field;
    const said = items.map((item) => has(item, criteria));
    if (said.includes(true) || !said.includes(false)) continue;
    const message = `find cannot apply ${name}: no entry of the catalogue has ${names}`;
    throw new OctaResponseError({ message, outcome: 'unknown', request });
  }
}
