/** Prices of a catalogue, read from whichever fields have them. */
import type { MrMachine, RenderMachine } from '../generated/models.ts';
import { fromScaledUsd } from './wei.ts';

/** A price that can be compared. */
export function readable(price: number | undefined): number | undefined {
  return price !== undefined && Number.isFinite(price) && price >= 0 ? price : undefined;
}

/** A price in scaled USD such as `base_usd`; undefined if it cannot be read. Unit: USD. */
export function readableScaledUsd(price: number | undefined): number | undefined {
  const scaled = readable(price);
  return scaled === undefined ? undefined : fromScaledUsd(scaled);
}

/** Price of the whole machine or, where it is not shown, the base price. Unit: USD per hour. */
export function usdPerHour({ total_price_usd, base_usd }: MrMachine | RenderMachine): number | undefined {
  return readable(total_price_usd) ?? readableScaledUsd(base_usd);
}
