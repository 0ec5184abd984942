/** Prices of machines, from the fields that have a readable price. */
import type { MrMachine, RenderMachine } from '../../index.ts';
import { usdPerHour } from '../../prices.ts';
import { weiPerHourOf } from '../machine-price.ts';
import type { Zod } from './sdk.ts';
import { amount, amountSchema, known, rounded } from './values.ts';

/** Schema of a price. */
export function priceSchema(z: Zod, what: string) {
  const perHour = amountSchema(z, 'Price per hour.').optional();
  return z
    .strictObject({ usd_per_hour: z.number().optional(), per_hour: perHour })
    .describe(`Price of the whole machine, ${what}. Empty: not known.`);
}

/** A price as tools return it. */
export function shownPrice(usd: number | undefined, wei: bigint | undefined) {
  return known({
    usd_per_hour: usd === undefined ? undefined : rounded(usd),
    per_hour: wei === undefined ? undefined : amount(wei),
  });
}

/** The price of a machine without a disk, as tools return it. */
export function priceOf(machine: MrMachine | RenderMachine) {
  return shownPrice(usdPerHour(machine), weiPerHourOf(machine, machine.market_price));
}
