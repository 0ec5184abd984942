/** A million random integers of up to 256 bits, through the codec and through the OCTA helpers. */
import { describe, expect, test } from 'vitest';
import { decode } from '../../src/codec/decode.ts';
import { parseJson } from '../../src/codec/json.ts';
import { compiler } from '../../src/codec/plan.ts';
import { formatOcta, parseOcta } from '../../src/wei.ts';

const batches = 1_000;
const perBatch = 1_000;

const types = compiler({ Row: 'wei! bare quoted\nany undeclared' });

/** Pseudo-random 32-bit words (mulberry32): the same ones in every run. */
function words(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** Integers of random sign and of random length, so that short ones are as frequent as long ones. */
function integers(word: () => number, count: number): bigint[] {
  return Array.from({ length: count }, () => {
    let magnitude = 0n;
    for (let part = 0; part < 8; part++) magnitude = (magnitude << 32n) | BigInt(word());
    const size = BigInt(word() % 257);
    return BigInt.asUintN(Number(size), magnitude) * (word() % 4 === 0 ? -1n : 1n);
  });
}

/** Calls `check` with every batch of the million. */
function eachBatch(seed: number, check: (batch: readonly bigint[]) => void): void {
  const word = words(seed);
  for (let batch = 0; batch < batches; batch++) check(integers(word, perBatch));
}

/** Items that differ from the expected ones; compared directly, because a million expectations take minutes. */
function wrong<T>(got: readonly T[], want: readonly T[]): unknown[] {
  if (got.length !== want.length) return [got.length, want.length];
  return got.filter((item, index) => item !== want[index]);
}

function decoded(text: string): Record<string, unknown>[] {
  const { value, drift } = decode(parseJson(text), [types('Row[]')], true);
  expect(drift).toStrictEqual([]);
  return value as Record<string, unknown>[];
}

describe('a million integers of up to 256 bits', () => {
  test('are decoded exactly, bare and quoted', { timeout: 300_000 }, () => {
    eachBatch(1, (batch) => {
      const rows = batch.map((integer) => `{"bare":${integer},"quoted":"${integer}","undeclared":[${integer}]}`);
      const values = decoded(`[${rows.join(',')}]`);
      expect(
        wrong(
          values.map(({ bare }) => bare),
          batch,
        ),
      ).toStrictEqual([]);
      expect(
        wrong(
          values.map(({ quoted }) => quoted),
          batch,
        ),
      ).toStrictEqual([]);
      expect(
        wrong(
          values.map(({ undeclared }) => BigInt((undeclared as [bigint])[0])),
          batch,
        ),
      ).toStrictEqual([]);
    });
  });

  test('are decoded exactly if neighbours round to the same double', { timeout: 300_000 }, () => {
    eachBatch(2, (batch) => {
      const near = batch.map((integer, index) => (index % 2 === 0 ? integer : (batch[index - 1] ?? 0n) + 1n));
      const rows = near.map((integer) => `{"bare":${integer},"quoted":"${integer}"}`);
      expect(
        wrong(
          decoded(`[${rows.join(',')}]`).map(({ bare }) => bare),
          near,
        ),
      ).toStrictEqual([]);
    });
  });

  test('are written as OCTA and read back exactly', { timeout: 300_000 }, () => {
    eachBatch(3, (batch) => {
      expect(
        wrong(
          batch.map((wei) => parseOcta(formatOcta(wei))),
          batch,
        ),
      ).toStrictEqual([]);
      expect(
        wrong(
          batch.map((wei) => parseOcta(formatOcta(wei, 18))),
          batch,
        ),
      ).toStrictEqual([]);
    });
  });
});
