/** Quotes: what an agent may rent for a limited time. */
import type { RentMrOptions, RentRenderOptions, RentVpnOptions } from '../../index.ts';

/** What a quote is for. */
export type Order =
  | { readonly kind: 'machine'; readonly order: RentMrOptions }
  | { readonly kind: 'relay'; readonly order: RentVpnOptions }
  | { readonly kind: 'render_node'; readonly order: RentRenderOptions };

/** A quote. */
export type Quote = Order & {
  readonly id: string;
  readonly nodeId: number;
  /** Unit: Unix ms. */
  readonly expiresAt: number;
};

/** How long a quote is valid. Unit: ms. */
export const quoteValidMs = 10 * 60_000;
/** Maximum number of stored quotes. The oldest is deleted first. */
const mostQuotes = 200;

/** Stores quotes. Each can be used once, so that a call that is repeated by mistake does not rent twice. */
export class Quotes {
  readonly #quotes = new Map<string, Quote>();
  /** Rental by the quote that it used. */
  readonly #used = new Map<string, string>();
  readonly #newId: () => string;
  readonly #now: () => number;

  constructor(newId: () => string, now: () => number) {
    this.#newId = newId;
    this.#now = now;
  }

  /** Creates a quote. */
  add(order: Order, nodeId: number): Quote {
    const quote = { ...order, id: `quote-${this.#newId()}`, nodeId, expiresAt: this.#now() + quoteValidMs };
    this.#quotes.set(quote.id, quote);
    const [oldest] = this.#quotes.keys();
    if (this.#quotes.size > mostQuotes && oldest !== undefined) this.#quotes.delete(oldest);
    return quote;
  }

  /** Takes a quote for a rental. Throws if it is unknown, used or expired. */
  take(id: string, rentalId: string): Quote {
    const used = this.#used.get(id);
    if (used !== undefined) throw new Error(`quote_id ${id} was used for rental ${used}; call quote again`);
    const quote = this.#quotes.get(id);
    if (quote === undefined) throw new Error(`unknown quote_id ${JSON.stringify(id.slice(0, 80))}; call quote first`);
    this.#quotes.delete(id);
    if (quote.expiresAt < this.#now()) throw new Error(`quote_id ${id} has expired; call quote again`);
    this.#used.set(id, rentalId);
    const [oldest] = this.#used.keys();
    if (this.#used.size > mostQuotes && oldest !== undefined) this.#used.delete(oldest);
    return quote;
  }

  /** Makes a quote usable again, because its rental started nothing. Does nothing if another rental has taken it since. */
  giveBack(quote: Quote, rentalId: string): void {
    if (this.#used.get(quote.id) !== rentalId) return;
    this.#used.delete(quote.id);
    this.#quotes.set(quote.id, quote);
  }
}
