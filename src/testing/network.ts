/** Public figures of the network: seeded, and changing with time. */
import { isRecord } from '../codec/record.ts';
import type { NodeRecord } from './catalogue.ts';
import { places } from './parts.ts';
import type { Random } from './random.ts';

/** What the figures depend on. */
export interface NetworkView {
  /** A stream that restarts each time, so that two requests at the same time return the same figures. */
  readonly random: Random;
  /** Unit: Unix ms. */
  readonly now: number;
  readonly startedAt: number;
  /** Unit: USD per OCTA. */
  readonly marketPrice: number;
  readonly quirks: boolean;
  readonly machines: readonly NodeRecord[];
  /** How many rentable nodes are rented, and how many there are. */
  readonly rented: number;
  readonly rentable: number;
  /** Sessions of this world so far. */
  readonly sessions: number;
}

const blocktime = 12.77;
const weekMs = 7 * 24 * 3_600_000;

/** Offers by GPU model, averaged over the catalogue. */
function market(machines: readonly NodeRecord[]): Record<string, { avg_price: number; count: number }> {
  const byModel = new Map<string, number[]>();
  for (const { wire } of machines) {
    const gpus: unknown = wire.gpus;
    if (!Array.isArray(gpus) || typeof wire.total_price_usd !== 'number') continue;
    for (const gpu of gpus.filter(isRecord)) {
      const prices = byModel.get(String(gpu.model)) ?? [];
      prices.push(wire.total_price_usd / gpus.length);
      byModel.set(String(gpu.model), prices);
    }
  }
  return Object.fromEntries(
    [...byModel].map(([model, prices]) => {
      const sum = prices.reduce((total, price) => total + price, 0);
      return [model, { avg_price: Number((sum / prices.length).toFixed(4)), count: prices.length }];
    }),
  );
}

/** Frames by week: one object per week, whose only key is its Monday, unpadded. */
function framesByWeek(now: number, random: Random): Record<string, number>[] {
  const day = new Date(now).getUTCDay();
  const monday = now - ((day + 6) % 7) * (weekMs / 7);
  return [3, 2, 1, 0].map((weeksAgo) => {
    const date = new Date(monday - weeksAgo * weekMs);
    const key = `${date.getUTCFullYear()}-${date.getUTCMonth() + 1}-${date.getUTCDate()}`;
    return { [key]: random.integer(20_000, 50_000) };
  });
}

function blockchain(random: Random, { now, startedAt, quirks }: NetworkView): Record<string, unknown> {
  const difficulty = random.digits(14);
  return {
    height: 9_299_385 + Math.floor((now - startedAt) / 1000 / blocktime),
    blocktime,
    era: 'Vega',
    difficulty: quirks ? String(difficulty) : Number(difficulty),
    hashrate: random.decimal(1e12, 2e12, 1),
    total_supply: 48_000_000,
    circulating_supply: random.integer(42_000_000, 43_000_000),
  };
}

/** The figures at a time. */
export function networkFigures(view: NetworkView): Record<string, unknown> {
  const { random, now, marketPrice, quirks, machines, rented, rentable, sessions } = view;
  const others = random.integer(100, 400);
  const roi = quirks && random.chance(0.5) ? {} : { mmROI: random.decimal(5, 10, 2) };
  const rentedInAll = others + rented;
  return {
    blockchain: blockchain(random, view),
    market_price: marketPrice,
    ...roi,
    staked: random.integer(4_000_000, 6_000_000),
    nodes: { count: 800 + rentable, vpn: random.integer(200, 400), locations: 40 + places.length, vpn_locations: 41 },
    power: {
      cpus: random.integer(15_000, 30_000),
      gpus: random.integer(1500, 3000),
      disk: random.integer(1_000_000, 2_000_000) * 2 ** 30,
      mem: random.integer(80_000, 120_000) * 2 ** 30,
      tflops: random.decimal(60_000, 90_000, 1),
    },
    marketplace: {
      gpus: market(machines),
      nodes_rented: quirks ? String(rentedInAll) : rentedInAll,
      nodes_idle: 400 + rentable - rented,
      sessions_24h: 264 + sessions,
      total_sessions: 418_530 + sessions,
    },
    platform: { users: random.integer(25_000, 30_000), users_24h: random.integer(10, 60) },
    render: {
      frames_24h: random.integer(4000, 6000),
      frames_total: random.integer(2_000_000, 3_000_000),
      duration_seconds: random.decimal(9e7, 1e8, 1),
      frames_by_week: framesByWeek(now, random),
    },
  };
}
