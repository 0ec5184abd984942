/** The ledgers in docs/leases.md, with the database clients that they need. */
import type { Redis } from 'ioredis';
import type { Pool } from 'pg';
import type { LeaseLedger } from '../../src/index.ts';

/** The database of a recipe. */
export type Store = 'redis' | 'postgres';

/** A recipe, and its server. */
export interface RecipePlace {
  /** The module with the recipe. It imports only types, so it can be anywhere. */
  readonly file: string;
  readonly url: string;
}

/** A ledger, and a function that closes its connections. */
export interface OpenedLedger extends AsyncDisposable {
  readonly ledger: LeaseLedger;
}

async function openRedis({ file, url }: RecipePlace): Promise<OpenedLedger> {
  const { Redis } = await import('ioredis');
  const redis = new Redis(url, { retryStrategy: () => 100, maxRetriesPerRequest: 1 });
  // A broken connection emits an event, and fails the command.
  redis.on('error', () => undefined);
  const { redisLedger }: { redisLedger: (redis: Redis) => LeaseLedger } = await import(file);
  return { ledger: redisLedger(redis), [Symbol.asyncDispose]: async () => redis.disconnect() };
}

async function openPostgres({ file, url }: RecipePlace): Promise<OpenedLedger> {
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({ connectionString: url, max: 4 });
  pool.on('error', () => undefined);
  const { postgresLedger }: { postgresLedger: (pool: Pool) => LeaseLedger } = await import(file);
  return { ledger: postgresLedger(pool), [Symbol.asyncDispose]: () => pool.end() };
}

/** Opens the ledger of a recipe. */
export function openRecipe(store: Store, place: RecipePlace): Promise<OpenedLedger> {
  return (store === 'redis' ? openRedis : openPostgres)(place);
}

/** Removes all records. */
export async function empty({ ledger }: OpenedLedger): Promise<void> {
  for (const record of await ledger.list()) await ledger.delete('leaseId' in record ? record.leaseId : record.id);
}
