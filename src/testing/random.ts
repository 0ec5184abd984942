/** Random numbers that are the same for the same seed on every runtime: sfc32, seeded with a text. */

/** Four words of 32 bits from a text (cyrb128). */
function wordsOf(text: string): [number, number, number, number] {
  let [a, b, c, d] = [1779033703, 3144134277, 1013904242, 2773480762];
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    a = b ^ Math.imul(a ^ code, 597399067);
    b = c ^ Math.imul(b ^ code, 2869860233);
    c = d ^ Math.imul(c ^ code, 951274213);
    d = a ^ Math.imul(d ^ code, 2716044179);
  }
  return [a ^ b ^ c ^ d, b ^ a, c ^ a, d ^ a];
}

const hexDigits = '0123456789abcdef';

/** A stream of random numbers, determined by its seed. */
export class Random {
  readonly #seed: string;
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(seed: string) {
    this.#seed = seed;
    [this.#a, this.#b, this.#c, this.#d] = wordsOf(seed);
    for (let round = 0; round < 12; round++) this.#word();
  }

  /** A separate stream, so that one purpose does not change the random numbers of another. */
  fork(purpose: string): Random {
    return new Random(`${this.#seed}/${purpose}`);
  }

  #word(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#d) | 0;
    this.#d = (this.#d + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** A number from 0 to 1, without 1. */
  next(): number {
    return this.#word() / 2 ** 32;
  }

  /** A whole number from `least` to `most`, both included. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** A number between `least` and `most`, rounded to `decimals` decimals. */
  decimal(least: number, most: number, decimals: number): number {
    return Number((least + this.next() * (most - least)).toFixed(decimals));
  }

  /** True with this probability. */
  chance(share: number): boolean {
    return this.next() < share;
  }

  /** One item of a non-empty list. */
  pick<Item>(list: readonly [Item, ...Item[]]): Item {
    return list[this.integer(0, list.length - 1)] ?? list[0];
  }

  /** A text of `digits` hexadecimal digits. */
  hex(digits: number): string {
    let text = '';
    for (let word = 0; text.length < digits; word >>>= 4) {
      if (text.length % 8 === 0) word = this.#word();
      text += hexDigits[word & 15];
    }
    return text;
  }

  /** A positive integer with exactly `count` decimal digits. */
  digits(count: number): bigint {
    let text = String(this.integer(1, 9));
    while (text.length < count) text += String(this.integer(0, 9));
    return BigInt(text);
  }

  /** A UUID of version 4. */
  uuid(): string {
    const hex = this.hex(32);
    const variant = hexDigits[8 + this.integer(0, 3)];
    const parts = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `${variant}${hex.slice(17, 20)}`];
    return `${parts.join('-')}-${hex.slice(20)}`;
  }
}
