/** Runs snippets of the documentation against a simulator, and compares their output with the page. */
import { format } from 'node:util';
import { expect } from 'vitest';
import * as sdk from '../../src/index.ts';
import * as testing from '../../src/testing/index.ts';
import type { Block } from './pages.ts';
import { borrowsClient, functionBodyOf } from './snippet-compiler.ts';

/** The API key that the simulator of a snippet accepts. */
export const apiKey = 'key-of-the-pages';

/** The world that the pages refer to. */
function makeWorld(): testing.OctaSimulator {
  const berlin = { country: 'Germany', country_iso: 'DE', city: 'Berlin' };
  const warsaw = { country: 'Poland', country_iso: 'PL', city: 'Warsaw' };
  return new testing.OctaSimulator({
    apiKey,
    balanceWei: sdk.parseOcta('40'),
    machines: [
      {
        ...berlin,
        node_id: 9010,
        gpu: 'RTX 4090',
        gpus: 2,
        mem_total_mb: 24_564,
        cpu_cores: 32,
        totalPriceUsd: 0.35,
        stability: 99,
      },
      {
        ...warsaw,
        node_id: 9042,
        gpu: 'RTX 4090',
        gpus: 1,
        mem_total_mb: 24_564,
        cpu_cores: 16,
        totalPriceUsd: 0.41,
        stability: 97,
      },
      {
        ...warsaw,
        node_id: 9077,
        gpu: 'RTX 3060',
        gpus: 4,
        mem_total_mb: 12_288,
        cpu_cores: 24,
        totalPriceUsd: 0.22,
        stability: 92,
      },
    ].map((machine) => ({ ...machine, priceWeiPerHour: sdk.parseOcta('3.6') })),
    renderMachines: [{ ...berlin, node_id: 9142, gpu: 'RTX 4090', gpus: 4, priceWeiPerHour: sdk.parseOcta('7.2') }],
    relays: [
      { ...warsaw, node_id: 9539, residential: true, priceWeiPerHour: sdk.parseOcta('0.036') },
      { ...berlin, node_id: 9540, residential: false, priceWeiPerHour: sdk.parseOcta('0.036') },
    ],
    nodes: [
      { ...berlin, id: 42, state: 'idle' },
      { ...warsaw, id: 43, state: 'offline' },
    ],
  });
}

/** A test that a snippet declares. */
type Declared = readonly [title: string, body: () => unknown];

/** The result of a snippet. */
export interface Ran {
  /** Every line that it printed, or its client logged. */
  readonly printed: readonly string[];
  /** Titles of the tests in it, all of which passed. */
  readonly tests: readonly string[];
  /** Its exports, from a list at its end. */
  readonly exported: unknown;
  /** Files that it wrote. */
  readonly files: readonly string[];
}

/** The SDK for a snippet: the simulator handles the requests of its clients. */
function sdkFor(base: sdk.OctaClientOptions): typeof sdk {
  class OctaClient extends sdk.OctaClient {
    constructor(options: sdk.OctaClientOptions = {}) {
      super({ ...base, ...options });
    }
    static override fromEnv(overrides: sdk.OctaClientOptions = {}): sdk.OctaClient {
      return sdk.OctaClient.fromEnv({ ...base, ...overrides });
    }
  }
  class OctaCore extends sdk.OctaCore {
    constructor(options: sdk.OctaClientOptions = {}) {
      super({ ...base, ...options });
    }
  }
  return { ...sdk, OctaClient, OctaCore };
}

/** Everything that a snippet may import. */
function loaderFor(world: testing.OctaSimulator, console: sdk.Logger, record: { tests: Declared[]; files: string[] }) {
  const test = (title: string, body: () => unknown) => record.tests.push([title, body]);
  const modules: Record<string, () => unknown> = {
    '@octaspace/sdk': () => sdkFor({ fetch: world.fetch, logger: console }),
    vitest: () => ({ test, expect }),
    '@jest/globals': () => ({ test, expect }),
    'node:test': () => ({ test }),
    'node:fs/promises': () => ({ writeFile: async (name: string) => void record.files.push(name) }),
  };
  const sources = new URL('../../src/', import.meta.url);
  return async (name: string): Promise<unknown> => {
    const part = /^@octaspace\/sdk\/(.+)$/.exec(name)?.[1];
    const elsewhere = part === undefined ? name : new URL(`${part}/index.ts`, sources).href;
    return (modules[name] ?? (() => import(/* @vite-ignore */ elsewhere)))();
  };
}

/** The globals of every snippet. */
function surroundings(world: testing.OctaSimulator, console: sdk.Logger): Record<string, unknown> {
  // Waits of the program itself use virtual time, too.
  const setTimeout = (act: () => void, ms: number) => void world.advance(ms).then(act);
  return { console: { ...console, log: console.info }, fetch: world.fetch, setTimeout };
}

/** Runs a snippet, and the tests in it. Throws the error of the snippet. */
export async function runSnippet(code: string): Promise<Ran> {
  const world = makeWorld();
  const record = { tests: [] as Declared[], files: [] as string[] };
  const printed: string[] = [];
  const print = (...values: unknown[]) => void printed.push(...format(...values).split('\n'));
  const console: sdk.Logger = { error: print, warn: print, info: print, debug: print };
  const given: Record<string, unknown> = {
    load: loaderFor(world, console, record),
    ...surroundings(world, console),
    ...(borrowsClient(code) ? { client: new sdk.OctaClient({ apiKey, fetch: world.fetch, logger: console }) } : {}),
  };
  // The program uses await at its top level, so it runs in an asynchronous function.
  const AsyncFunction = Object.getPrototypeOf(async () => undefined).constructor;
  const before = process.env.OCTA_API_KEY;
  process.env.OCTA_API_KEY = apiKey;
  sdk.configure({ fetch: world.fetch, logger: console });
  try {
    const exported = await new AsyncFunction(...Object.keys(given), functionBodyOf(code))(...Object.values(given));
    for (const [, body] of record.tests) await body();
    return { printed, tests: record.tests.map(([title]) => title), exported, files: record.files };
  } finally {
    if (before === undefined) delete process.env.OCTA_API_KEY;
    else process.env.OCTA_API_KEY = before;
    await sdk.shutdownSharedClient();
    sdk.resetConfiguration();
  }
}

/** The expected output of a snippet: its comments that begin with an arrow, or otherwise the block of output after it. */
export function promisedOutput({ code }: Block, next: Block | undefined): string[] {
  if (next?.role === 'output') return next.code.trimEnd().split('\n');
  return [...code.matchAll(/\/\/ => (.*)$/gm)].map(({ 1: line = '' }) => line);
}
