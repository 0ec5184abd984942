/** Reads the prices of catalogue entries, which may be in different fields. */
import type { MrMachine, RenderMachine } from '../generated/models.ts';
import { fromScaledUsd } from './wei.ts';

/** A price if it is finite and not negative, else undefined. */
export function readable(price: number | undefined): number | undefined {
  return price !== undefined && Number.isFinite(price) && price >= 0 ? price : undefined;
}

/** A price in USD from a scaled price such as `base_usd`; undefined if it is not valid. */
export function readableScaledUsd(price: number | undefined): number | undefined {
  const scaled = readable(price);
  return scaled === undefined ? undefined : fromScaledUsd(scaled);
}

/** The price of the whole machine, or its base price if that is missing. Unit: USD per hour. */
export function usdPerHour({ total_price_usd, base_usd }: MrMachine | RenderMachine): number | undefined {
  return readable(total_price_usd) ?? readableScaledUsd(base_usd);
}
