/** Packs the package, and builds and runs each recipe of docs/frameworks.md with it. Prints one line per lane. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { type Lane, lanesFor, versionsOf } from './frameworks/lanes.ts';
import { makeProject } from './frameworks/project.ts';
import { checkVersions } from './frameworks/versions.ts';
import { buildAndPack, type Packed } from './package/pack.ts';
import { Failed } from './package/run.ts';

function wordsOf(error: unknown): string {
  return error instanceof Failed ? error.message : inspect(error);
}

/** Runs one lane and prints the result. Returns whether all checks passed. */
async function runLane(lane: Lane, folder: string, packed: Packed): Promise<boolean> {
  const begun = performance.now();
  const line = (mark: string, what: string) => {
    const seconds = ((performance.now() - begun) / 1_000).toFixed(1);
    console.log(`${mark.padEnd(5)} ${lane.name.padEnd(14)} ${versionsOf(lane)}: ${what}, ${seconds} s`);
  };
  try {
    await using project = await makeProject(folder, lane, packed);
    await lane.run(project);
    line('ok', `${project.checked()} passed`);
    return true;
  } catch (error) {
    line('FAIL', 'failed');
    console.log(wordsOf(error).replace(/^/gm, '      '));
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runLanes(lanes: readonly Lane[]): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'octaspace-frameworks-'));
  try {
    const packed = await buildAndPack(join(folder, 'packed'));
    let passed = true;
    for (const lane of lanes) passed = (await runLane(lane, join(folder, lane.name), packed)) && passed;
    return passed;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

try {
  const lanes = lanesFor(process.argv.slice(2));
  checkVersions();
  if (!(await runLanes(lanes))) process.exitCode = 1;
} catch (error) {
  console.error(wordsOf(error));
  process.exitCode = 1;
}
