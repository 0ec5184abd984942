/** Prices of machines, from the fields that have a readable price. */
import type { MrMachine, RenderMachine } from '../../index.ts';
import { usdPerHour } from '../../prices.ts';
import type { Zod } from './sdk.ts';
import { amount, amountSchema, known, rounded, weiOfOcta } from './values.ts';

/** Price of the whole machine; undefined if none is readable. Unit: Wei per hour. */
export function weiPerHour(machine: MrMachine | RenderMachine): bigint | undefined {
  const { total_price_wei, total_price_ether, market_price } = machine;
  if (total_price_wei !== undefined && total_price_wei >= 0n) return total_price_wei;
  const usd = usdPerHour(machine);
  const isPriced = usd !== undefined && market_price !== undefined && market_price > 0;
  return weiOfOcta(total_price_ether) ?? (isPriced ? weiOfOcta(usd / market_price) : undefined);
}

/** Schema of a price. */
export function priceSchema(z: Zod) {
  const perHour = amountSchema(z, 'Price per hour.').optional();
  return z
    .strictObject({ usd_per_hour: z.number().optional(), per_hour: perHour })
    .describe('Price of the whole machine, without traffic. Empty: not known.');
}

/** The price of a machine as tools return it. */
export function priceOf(machine: MrMachine | RenderMachine) {
  const [usd, wei] = [usdPerHour(machine), weiPerHour(machine)];
  return known({
    usd_per_hour: usd === undefined ? undefined : rounded(usd),
    per_hour: wei === undefined ? undefined : amount(wei),
  });
}
