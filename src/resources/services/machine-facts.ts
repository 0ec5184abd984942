/** Facts about machines of a catalogue, which may be in different fields. */
import type { MrGpu, MrMachine, RenderMachine } from '../../../generated/models.ts';
import { isStandIn } from '../../core/result.ts';

export type Machine = MrMachine | RenderMachine;

/** What is known about one GPU. */
export type KnownGpu = Partial<Pick<MrGpu, 'model' | 'mem_total_mb'>>;

/** GPUs of a machine, one by one; undefined if it does not list them. */
export function listedGpus({ gpus, gpu }: Machine): readonly KnownGpu[] | undefined {
  if (gpus.length > 0) return gpus;
  if (typeof gpu === 'object' && gpu !== null) {
    // Decoding does not check this field, so check it here.
    const items = Object.values(gpu).flat() as readonly KnownGpu[];
    return items.filter((item) => typeof Object(item).model === 'string');
  }
  return gpu || isStandIn(gpus) ? undefined : gpus;
}

/** The same; but a machine that only names its model has a single GPU. */
export function knownGpus(machine: Machine): readonly KnownGpu[] | undefined {
  const { gpu } = machine;
  return listedGpus(machine) ?? (gpu && typeof gpu === 'string' ? [{ model: gpu }] : undefined);
}
