/** Installs Redis and PostgreSQL once, before the tests start. */
import type { TestProject } from 'vitest/node';
import { Failed } from '../../scripts/package/run.ts';
import { installMissing, missing, type Program } from '../../scripts/system/programs.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Servers that this machine does not have, and whose tests are skipped. */
    readonly skippedServers: readonly Program[];
  }
}

const servers = ['redis', 'postgres'] as const;

export async function setup(project: TestProject): Promise<void> {
  const isCi = process.env.CI === 'true';
  try {
    await installMissing(servers);
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    console.warn(`Tests in test/ledgers/ ${isCi ? 'will fail' : 'are skipped'}: ${error.message}`);
  }
  // CI skips nothing: there, a test fails when it starts a server that is not installed.
  project.provide('skippedServers', isCi ? [] : missing(servers));
}
