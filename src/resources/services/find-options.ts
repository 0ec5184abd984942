/** Criteria of `find`. */
import type { RequestOptions } from '../../core/option-types.ts';

/** Property to sort machines by: `price` from the lowest, all others from the highest. */
export type MachineSort = 'price' | 'gpus' | 'vram' | 'cpu' | 'memory' | 'disk' | 'download' | 'upload' | 'stability';

/** What a machine must have. A machine without the field of a criterion does not meet the criterion. */
export interface FindMachinesOptions extends RequestOptions {
  /**
   * Model of the GPU by words and numbers, such as `4090`, `rtx4090` or `A100 80GB`. The name of the GPU must contain all of them, and no
   * other word may follow the number, unless it describes the same model: `RTX 4090` does not match an RTX 4090 D, and `RTX 3080`
   * does not match an RTX 3080 Ti or an RTX 3080 Laptop GPU. `A100` matches every A100, with any memory and socket. A name that may mean
   * several models, such as `RX 7900 XT/7900 XTX`, matches each of them.
   */
  readonly gpu?: string | undefined;
  /** Number of GPUs; with `gpu` or `minVramMb`, of that kind. Unit: count. */
  readonly minGpus?: number | undefined;
  /** Video memory of a single GPU. Unit: MB. */
  readonly minVramMb?: number | undefined;
  /** CPU cores. Unit: count. */
  readonly minCpuCores?: number | undefined;
  /** Memory. Unit: bytes. */
  readonly minMemoryBytes?: number | undefined;
  /** Free disk space. Unit: bytes. */
  readonly minDiskBytes?: number | undefined;
  /** Where it is: a two-letter code such as `DE`, or an English name of the country, such as `Germany`, `UK` or `Holland`. */
  readonly country?: string | undefined;
  /**
   * Highest price of the whole machine or, if the machine has no such price, highest base price. Machines without a readable price are
   * left out. Unit: USD per hour.
   */
  readonly maxUsdPerHour?: number | undefined;
  /** Share of sessions that ended normally. Unit: percent. */
  readonly minStability?: number | undefined;
  /** Order of the result; what does not have the property comes last. Default `price`. */
  readonly sort?: MachineSort | undefined;
}

/** Property to sort relays by: `price` from the lowest, bandwidth from the highest. */
export type RelaySort = 'price' | 'download' | 'upload';

/** What a relay must have. */
export interface FindRelaysOptions extends RequestOptions {
  /** Where it is: a two-letter code such as `DE`, or an English name of the country, such as `Germany`, `UK` or `Holland`. */
  readonly country?: string | undefined;
  /** Whether its address belongs to a home connection. Default: either. */
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
