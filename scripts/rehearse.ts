/**
 * Rehearses a release: publishes the package to a registry on this machine with the command of the release workflow, installs it from
 * there into an empty project, and runs the quick start of its README. Prints one line per step, and leaves no files behind.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failed } from './package/run.ts';
import { copyCheckout, publish, publishAgain, seed, settleVersion } from './rehearse/publishing.ts';
import { installRegistry, startRegistry } from './rehearse/registry.ts';
import { npm } from './rehearse/rehearsal.ts';
import { compareFiles, compileQuickStart, installInProject, runQuickStart } from './rehearse/using.ts';

/** Prints that a step is done, and how long it took. */
function teller(): (text: string) => void {
  let since = performance.now();
  return (text) => {
    const now = performance.now();
    console.log(`ok  ${((now - since) / 1000).toFixed(1).padStart(5)} s  ${text}`);
    since = now;
  };
}

async function rehearse(folder: string, signal: AbortSignal): Promise<void> {
  const done = teller();
  const program = await installRegistry(signal);
  await using local = await startRegistry(program, join(folder, 'registry'));
  const rehearsal = { folder, registry: local, signal };
  done(`${program.name} listens at ${local.url}, and uses no other registry`);
  done(`seeded: ${await seed(rehearsal)}`);
  const copy = await copyCheckout(rehearsal);
  const release = await settleVersion(rehearsal, copy);
  const named = `${release.name} ${release.version}`;
  done(`${named} is in a copy of this checkout`);
  await npm(rehearsal, copy, ['run', 'build']);
  done('built');
  await publish(rehearsal, copy, release);
  done(`npm run release published ${named} as latest, and tagged it v${release.version}`);
  await publishAgain(rehearsal, copy, release);
  done('a second npm run release published nothing');
  const project = await installInProject(rehearsal, release);
  done(`npm install ${release.name} installed it and openapi-fetch into an empty project`);
  done(`its ${compareFiles(project, copy, release)} files are identical to the build`);
  await compileQuickStart(rehearsal, project, release);
  done('the quick start of its README compiles under strict settings');
  done(
    `the quick start rented a session for ${await runQuickStart(rehearsal, project)}, and stopped it; no session is running`,
  );
}

const folder = mkdtempSync(join(tmpdir(), 'octaspace-rehearsal-'));
const interruption = new AbortController();
const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
for (const [name, code] of Object.entries(signals)) {
  // Not `once`: npm forwards a signal that the terminal has already sent.
  process.on(name, () => {
    process.exitCode = code;
    interruption.abort();
  });
}
try {
  await rehearse(folder, interruption.signal);
} catch (error) {
  process.exitCode ??= 1;
  if (interruption.signal.aborted) console.error('interrupted');
  else console.error(`FAIL  ${error instanceof Failed ? error.message : error instanceof Error ? error.stack : error}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
