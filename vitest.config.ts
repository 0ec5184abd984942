import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

interface Options {
  readonly testTimeout?: number;
  readonly globalSetup?: string;
  /** Default: processes, which start more slowly, but can receive signals. */
  readonly pool?: 'threads';
}

function project(name: string, options: Options = {}) {
  return { extends: true as const, test: { name, include: [`test/${name}/**/*.test.ts`], ...options } };
}

export default defineConfig({
  test: {
    // Concurrent tests are those that wait for other processes.
    maxConcurrency: 6,
    // By default a machine with two processors would have one worker.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    coverage: {
      provider: 'v8',
      include: [
        'src/errors/**',
        'src/codec/**',
        'src/transport/**',
        'src/core/**',
        'src/node/**',
        'src/otel/**',
        'src/query/**',
        'src/jobs/**',
        'src/leases/**',
        'src/resources/**',
        'src/testing/**',
        'src/zod/**',
        'src/env.ts',
        'src/shared.ts',
        'src/client.ts',
      ],
      // Only types: nothing to run.
      exclude: [
        'src/transport/types.ts',
        'src/core/option-types.ts',
        'src/core/call-types.ts',
        'src/node/stats.ts',
        'src/node/index.ts',
        // Run as a process of its own, by the tests of the lifecycle.
        'src/node/leases/reaper.ts',
        'src/otel/index.ts',
        'src/query/index.ts',
        'src/query/types.ts',
        'src/resources/services/live-session.ts',
        'src/testing/index.ts',
        'src/testing/work.ts',
        'src/zod/index.ts',
      ],
      reporter: ['text', 'html'],
      thresholds: { lines: 100 },
    },
    projects: [
      // The quick tests.
      project('unit', { testTimeout: 15_000, pool: 'threads' }),
      project('wire', { testTimeout: 15_000, pool: 'threads' }),
      project('process', { testTimeout: 15_000 }),
      // Those that need other programs, or wait for the time of the system.
      project('faults', { testTimeout: 30_000 }),
      project('lifecycle', { testTimeout: 30_000 }),
      project('spec', { testTimeout: 120_000 }),
      project('contract', { testTimeout: 120_000 }),
      project('meta', { testTimeout: 120_000 }),
      project('slow-builds', { testTimeout: 300_000 }),
      project('ledgers', { testTimeout: 60_000, globalSetup: 'test/ledgers/setup.ts' }),
      project('slow', { testTimeout: 600_000 }),
      {
        extends: true,
        test: {
          name: 'types',
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            include: ['test/types/**/*.test-d.ts'],
            tsconfig: 'tsconfig.types.json',
          },
        },
      },
    ],
  },
});
