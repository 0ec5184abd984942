/** The machines of a market with their prices, as a job pays them: including the disk. */
import type { MrMachine } from '../index.ts';
import { type MachinePrice, priceWithDisk } from './machine-price.ts';

/** A machine, and its price including the disk. */
export interface Offer extends MachinePrice {
  readonly machine: MrMachine;
}

/** What the price of a machine depends on. */
export interface Terms {
  /** Price of 1 OCTA. Unit: USD. */
  readonly marketPrice: number;
  /** Disk space to rent. Unit: GB. */
  readonly diskGb: number;
}

/** The offer of a machine; none if its price is not readable. */
export function offersOf(machine: MrMachine, { marketPrice, diskGb }: Terms): Offer[] {
  const price = priceWithDisk(machine, diskGb, marketPrice);
  return price === undefined ? [] : [{ machine, ...price }];
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
