/** What a machine costs with its disk, and whether the disk fits. */
import { type MrMachine, type RenderMachine, weiToUsd } from '../index.ts';
import { readableScaledUsd, usdPerHour } from '../prices.ts';

type Machine = MrMachine | RenderMachine;

const bytesPerGb = 1e9;
const weiPerNano = 1_000_000_000n;

/** The price of a machine with its disk. */
export interface MachinePrice {
  readonly weiPerHour: bigint;
  readonly usdPerHour: number;
}

/** Wei of an amount in USD, rounded up. */
function weiOf(usd: number, marketPrice: number): bigint {
  return BigInt(Math.ceil((usd / marketPrice) * 1e9)) * weiPerNano;
}

/** The price of the machine without a disk; undefined if it is not readable. `marketPrice` is USD per OCTA. Unit: Wei per hour. */
export function weiPerHourOf(machine: Machine, marketPrice = Number.NaN): bigint | undefined {
  const { total_price_wei: wei } = machine;
  if (wei !== undefined) return wei < 0n ? undefined : wei;
  const usd = usdPerHour(machine);
  return usd === undefined || !(marketPrice > 0) ? undefined : weiOf(usd, marketPrice);
}

/**
 * The price of a machine with its disk; undefined if it is not readable. The unit of the storage price is not documented; we assume 1 GB
 * for 1 hour. `marketPrice` is USD per OCTA.
 */
export function priceWithDisk(machine: Machine, diskGb: number, marketPrice: number): MachinePrice | undefined {
  const wei = weiPerHourOf(machine, marketPrice);
  if (wei === undefined || !(marketPrice > 0)) return undefined;
  const weiPerHour = wei + weiOf((readableScaledUsd(machine.storage_usd) ?? 0) * diskGb, marketPrice);
  return { weiPerHour, usdPerHour: weiToUsd(weiPerHour, marketPrice) };
}

/** Divides, and rounds up. */
export function divideUp(value: bigint, divisor: bigint): bigint {
  return (value + divisor - 1n) / divisor;
}

/** The price of a time, rounded up. Unit: Wei; ms. */
export function costFor(weiPerHour: bigint, ms: number): bigint {
  return divideUp(weiPerHour * BigInt(Math.ceil(ms)), 3_600_000n);
}

/** Whether a disk fits; a machine that does not report its free disk may have enough. */
export function hasDisk({ free_disk = Number.POSITIVE_INFINITY }: Machine, diskGb: number): boolean {
  return free_disk >= diskGb * bytesPerGb;
}

/** Free disk of a machine in whole GB; undefined if it does not report it. */
export function freeDiskGb({ free_disk }: Machine): number | undefined {
  return free_disk === undefined ? undefined : Math.floor(free_disk / bytesPerGb);
}
