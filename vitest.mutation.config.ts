import { defineConfig } from 'vitest/config';

/** The tests that mutants are tried with: those that are quick, and say most about the mutated folders. */
export default defineConfig({
  test: {
    include: ['test/unit/{codec,core,errors,transport}/**/*.test.ts', 'test/unit/leases/{evidence,identity}.test.ts'],
    testTimeout: 5_000,
  },
});
