/** Packs the package, and runs the conformance suite with it on every runtime. One line per lane. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildAndPack } from './package/pack.ts';
import { demand, Failed } from './package/run.ts';
import { runChromium } from './runtimes/chromium.ts';
import { type Family, type Lane, lanesFor } from './runtimes/lanes.ts';
import { type Outcome, runProcess } from './runtimes/processes.ts';
import { makeProject } from './runtimes/project.ts';
import { runWorkerd } from './runtimes/workerd.ts';

type Run = (lane: Lane, project: string) => Promise<Outcome>;

const runs = {
  node: runProcess,
  bun: runProcess,
  deno: runProcess,
  workerd: runWorkerd,
  chromium: runChromium,
} satisfies Record<Family, Run>;

function indented(text: string): string {
  return text.replace(/^/gm, '      ');
}

/** Runs one lane and prints what became of it; tells whether all passed. */
async function runLane(lane: Lane, project: string): Promise<boolean> {
  const begun = performance.now();
  const seconds = () => `${((performance.now() - begun) / 1_000).toFixed(1)} s`;
  try {
    const { version, results } = await runs[lane.family](lane, project);
    demand(results.length > 0, 'it ran no test');
    const isRight = lane.version === 'current' || version.startsWith(`${lane.version}`);
    demand(isRight, `${lane.runtime} ${version} ran instead of ${lane.version}`);
    const failed = results.filter(({ failure }) => failure !== undefined);
    const mark = failed.length === 0 ? 'ok   ' : 'FAIL ';
    const counts = `${results.length - failed.length} passed, ${failed.length} failed`;
    console.log(`${mark} ${lane.name.padEnd(19)} ${lane.runtime} ${version}: ${counts}, ${seconds()}`);
    for (const { title, failure = '' } of failed) console.log(`${indented(title)}\n${indented(indented(failure))}`);
    return failed.length === 0;
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    console.log(`FAIL  ${lane.name.padEnd(19)} ${lane.runtime}: ${seconds()}\n${indented(error.message)}`);
    return false;
  }
}

async function main(lanes: readonly Lane[]): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'octaspace-runtimes-'));
  try {
    const packed = await buildAndPack(join(folder, 'packed'));
    const project = await makeProject(join(folder, 'project'), packed);
    let passed = true;
    for (const lane of lanes) passed = (await runLane(lane, project)) && passed;
    return passed;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (!(await main(lanesFor(process.argv.slice(2))))) process.exitCode = 1;
