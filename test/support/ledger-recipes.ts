/** The ledgers in docs/leases.md, extracted from the page. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import ts from 'typescript';
import type { RecipePlace, Store } from './ledger-clients.ts';
import { blocks } from './pages.ts';
import { type Postgres, startPostgres } from './postgres.ts';
import { startRedis } from './redis.ts';

const packages = { redis: 'ioredis', postgres: 'pg' } as const satisfies Record<Store, string>;

/** The code of a recipe on the page. */
export function recipeOf(store: Store): string {
  const found = blocks.filter(({ page, language, code }) => {
    return page === 'docs/leases.md' && language === 'ts' && code.includes(`from '${packages[store]}'`);
  });
  const recipe = found.find(({ code }) => code.includes(`export function ${store}Ledger(`));
  if (recipe === undefined) throw new Error(`docs/leases.md has no recipe for ${packages[store]}`);
  return recipe.code;
}

/** The statement that creates the table, from the comment of the recipe. */
function tableOfRecipe(): string {
  const statement = /CREATE TABLE .*\)/.exec(recipeOf('postgres'))?.[0];
  if (statement === undefined) throw new Error('the recipe for PostgreSQL does not say which table it needs');
  return statement;
}

async function startPostgresWithTable(): Promise<Postgres> {
  const server = await startPostgres();
  const client = new pg.Client(server.url);
  await client.connect();
  await client.query(tableOfRecipe());
  await client.end();
  return server;
}

/** A recipe, and its server. */
export interface ServedRecipe extends RecipePlace, AsyncDisposable {
  /** Ends the server at once, and starts it again with its data. */
  crash(): Promise<void>;
}

/** Starts an empty server for a recipe, and turns the recipe into a module. */
export async function serveRecipe(store: Store): Promise<ServedRecipe> {
  const server = await (store === 'redis' ? startRedis() : startPostgresWithTable());
  const folder = mkdtempSync(join(tmpdir(), 'octaspace-recipe-'));
  const file = join(folder, 'recipe.mjs');
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
  writeFileSync(file, ts.transpileModule(recipeOf(store), { compilerOptions }).outputText);
  return {
    file,
    url: server.url,
    crash: () => server.crash(),
    async [Symbol.asyncDispose]() {
      rmSync(folder, { recursive: true });
      await server[Symbol.asyncDispose]();
    },
  };
}
