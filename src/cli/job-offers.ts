/** The machines of a market with their prices, as a job pays them: including the disk. */
import { type MrMachine, weiToUsd } from '../index.ts';
import { readableScaledUsd, usdPerHour } from '../prices.ts';

const bytesPerGb = 1e9;
const weiPerNano = 1_000_000_000n;

/** A machine, and its price including the disk. */
export interface Offer {
  readonly machine: MrMachine;
  readonly weiPerHour: bigint;
  readonly usdPerHour: number;
}

/** What the price of a machine depends on. */
export interface Terms {
  /** Price of 1 OCTA. Unit: USD. */
  readonly marketPrice: number;
  /** Disk space to rent. Unit: GB. */
  readonly diskGb: number;
}

/** Wei of an amount in USD, rounded up. */
function weiOf(usd: number, marketPrice: number): bigint {
  return BigInt(Math.ceil((usd / marketPrice) * 1e9)) * weiPerNano;
}

/**
 * The price of a machine; none if it is not readable. The unit of the storage price is not documented; we assume 1 GB for 1 hour.
 */
export function offersOf(machine: MrMachine, { marketPrice, diskGb }: Terms): Offer[] {
  const usd = usdPerHour(machine);
  const wei = machine.total_price_wei ?? (usd === undefined ? undefined : weiOf(usd, marketPrice));
  if (wei === undefined || wei < 0n) return [];
  const weiPerHour = wei + weiOf((readableScaledUsd(machine.storage_usd) ?? 0) * diskGb, marketPrice);
  return [{ machine, weiPerHour, usdPerHour: weiToUsd(weiPerHour, marketPrice) }];
}

/** Whether a machine has enough free disk, as far as it says. */
export function hasDisk({ free_disk = Number.POSITIVE_INFINITY }: MrMachine, diskGb: number): boolean {
  return free_disk >= diskGb * bytesPerGb;
}

/** Free disk of a machine in whole GB; undefined if it does not say. */
export function freeDiskGb({ free_disk }: MrMachine): number | undefined {
  return free_disk === undefined ? undefined : Math.floor(free_disk / bytesPerGb);
}

/** USD with enough digits for small amounts, rounded up. */
function shownUsd(usd: number): string {
  const digits = usd < 1 ? 4 : 2;
  return (Math.ceil(usd * 10 ** digits - 1e-9) / 10 ** digits).toFixed(digits);
}

/** Such as "0.3520 USD". */
export function usdText(usd: number): string {
  return `${shownUsd(usd)} USD`;
}

/** Whether a price is within a limit, which people take from prices as they are shown. */
export function costsAtMost({ usdPerHour: usd }: Offer, limit: number | undefined): boolean {
  return limit === undefined || Number(shownUsd(usd)) <= limit;
}

/** Describes the GPU of a machine, or its CPU, such as "2 × NVIDIA GeForce RTX 4090". */
export function hardwareOf(machine: MrMachine): string {
  const [model] = modelsOf(machine);
  const { gpus, cpu_model_name, cpu_cores } = machine;
  if (model === undefined)
    return [cpu_model_name ?? 'no GPU', cpu_cores === undefined ? [] : `${cpu_cores} cores`].flat().join(', ');
  return gpus.length > 1 ? `${gpus.length} × ${model}` : model;
}

/** The models of the GPUs of a machine. */
export function modelsOf({ gpus, gpu }: MrMachine): string[] {
  const models = gpus.map(({ model }) => model);
  return models.length === 0 && typeof gpu === 'string' && gpu !== '' ? [gpu] : models;
}
